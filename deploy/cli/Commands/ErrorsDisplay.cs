using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary>What <c>./ecom errors</c> shows.</summary>
internal static class ErrorsDisplay
{
    private const int LongestFault = 100;
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    public static void List(
        IReadOnlyDictionary<string, JsonNode> pages, IReadOnlyDictionary<string, string> silent, string state)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumn(new TableColumn("id").NoWrap())
            .AddColumns("queue", "message", "fault", "tries", "last failed");
        var counts = new Table().Border(TableBorder.Rounded).AddColumns("queue", "fault");
        counts.AddColumn(new TableColumn("messages").RightAligned());
        foreach (var page in pages.Values)
        {
            foreach (var item in page["items"]!.AsArray())
            {
                table.AddRow(Cells(item!));
            }

            foreach (var count in page["counts"]!.AsArray())
            {
                counts.AddRow(
                    Escaped(count!["queue"]),
                    Escaped(LastPart(count["fault"])),
                    $"{count["messages"]!.GetValue<long>():N0}");
            }
        }

        if (counts.Rows.Count > 0)
        {
            AnsiConsole.Write(counts);
            AnsiConsole.Write(table);
        }
        else
        {
            var what = state == "all" ? "No message has failed" : $"No message is {state}";
            AnsiConsole.MarkupLineInterpolated($"[green]{what}[/] in {string.Join(", ", pages.Keys)}.");
        }

        foreach (var reason in silent.Values)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{reason}[/]");
        }
    }

    public static void Show(string service, JsonNode detail)
    {
        var message = detail["message"]!;
        var grid = new Grid().AddColumn().AddColumn();
        grid.AddRow("service", Markup.Escape(service));
        foreach (var (name, value) in message.AsObject().Where(field => field.Value is not null))
        {
            grid.AddRow(Markup.Escape(name), Escaped(value));
        }

        AnsiConsole.Write(grid);
        Terminal.Write($"\nstack\n{detail["faultStack"]?.GetValue<string>() ?? "(none was seen)"}");
        Terminal.Write($"\nheaders\n{detail["headers"]!.ToJsonString(_indented)}");
        Terminal.Write($"\nbody ({detail["bodyBytes"]} bytes, {detail["contentType"] ?? "no content type"})");
        Terminal.Write(detail["body"]?.ToJsonString(_indented) ?? detail["bodyText"]?.GetValue<string>() ?? "");
    }

    public static void Handled(IReadOnlyDictionary<string, long> counts, string done)
    {
        var all = counts.Values.Sum();
        if (all == 0)
        {
            AnsiConsole.WriteLine("Nothing of the kind is parked.");
        }

        foreach (var (service, count) in counts.Where(pair => pair.Value > 0))
        {
            AnsiConsole.MarkupLineInterpolated($"[green]{count:N0}[/] {done} in {service}");
        }
    }

    private static string[] Cells(JsonNode item)
    {
        var fault = $"{LastPart(item["fault"])}: {item["faultMessage"]}".ReplaceLineEndings(" ");
        return
        [
            Escaped(item["id"]),
            Escaped(item["queue"]),
            Escaped(LastPart(item["messageType"])),
            Markup.Escape(fault.Length <= LongestFault ? fault : fault[..LongestFault] + "…"),
            item["attempts"]!.GetValue<int>().ToString(CultureInfo.InvariantCulture),
            item["lastFailedAt"]!.GetValue<DateTimeOffset>().ToString("u", CultureInfo.InvariantCulture),
        ];
    }

    private static string LastPart(JsonNode? name) => name?.GetValue<string>() is { } text
        ? text[(text.LastIndexOf('.') + 1)..]
        : "?";

    private static string Escaped(object? value) => Markup.Escape($"{value}");
}
