using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ecom.Cli.Import;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary>Shows how events go in, and what came of them.</summary>
internal static class TransferDisplay
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly TimeSpan _lineEvery = TimeSpan.FromSeconds(5);

    /// <summary>Shows a transfer: a bar and a rate on a terminal, lines elsewhere, nothing for JSON.</summary>
    public static async Task<ImportReport> RunAsync(
        bool silent, Func<Action<string, int, int>, Task<ImportReport>> transfer)
    {
        if (silent)
        {
            return await transfer((_, _, _) => { });
        }

        return AnsiConsole.Profile.Capabilities.Interactive
            ? await RunWithBarAsync(transfer)
            : await RunWithLinesAsync(transfer);
    }

    /// <returns>The exit code: 0 if everything is accounted for.</returns>
    public static int Show(ImportReport report, bool json)
    {
        if (json)
        {
            AnsiConsole.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(report, _json));
        }
        else
        {
            AnsiConsole.Write(Table(report));
            var seconds = report.Seconds.ToString("0.0", CultureInfo.InvariantCulture);
            AnsiConsole.MarkupLineInterpolated($"{report.Source}: {seconds} s, {report.EventsPerSecond:N0} events/s");
        }

        return report.AddsUp ? 0 : 1;
    }

    private static Task<ImportReport> RunWithBarAsync(Func<Action<string, int, int>, Task<ImportReport>> transfer) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(async display =>
            {
                var bar = display.AddTask("Starting").IsIndeterminate();
                var watch = Stopwatch.StartNew();
                var first = 0;
                return await transfer((stage, sent, all) =>
                {
                    if (sent == 0 || all == 0)
                    {
                        bar.Description = stage;
                        watch.Restart();
                        return;
                    }

                    // A resumed import begins somewhere in the middle: its rate counts from there.
                    first = first == 0 ? sent : first;
                    var rate = (sent - first) / Math.Max(0.001, watch.Elapsed.TotalSeconds);
                    bar.IsIndeterminate(false).MaxValue(all).Value(sent);
                    bar.Description = $"{stage} {sent:N0} / {all:N0} ({rate:N0}/s)";
                });
            });

    private static async Task<ImportReport> RunWithLinesAsync(
        Func<Action<string, int, int>, Task<ImportReport>> transfer)
    {
        var watch = Stopwatch.StartNew();
        var last = TimeSpan.MinValue;
        var lastStage = "";
        return await transfer((stage, sent, all) =>
        {
            if (stage != lastStage || watch.Elapsed - last > _lineEvery || (sent == all && all > 0))
            {
                (lastStage, last) = (stage, watch.Elapsed);
                var counts = all > 0 ? $" {sent:N0} of {all:N0}" : "";
                AnsiConsole.MarkupLineInterpolated($"{stage}{counts}");
            }
        });
    }

    private static Table Table(ImportReport report)
    {
        var hasLines = report.Lines > 0;
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("");
        table.AddColumn(new TableColumn("events").RightAligned());
        if (hasLines)
        {
            table.AddColumn(new TableColumn("lines of the file").RightAligned());
        }

        Row("accepted", report.Tally.AcceptedEvents, report.Tally.AcceptedLines);
        if (hasLines)
        {
            Row("duplicate within the file", null, report.DuplicateLinesInFile);
        }

        Row("duplicate: sent before", report.Tally.DuplicateEvents, report.Tally.DuplicateLines);
        var reasons = report.Tally.RejectedEvents.Keys.Union(report.Tally.RejectedLines.Keys);
        foreach (var reason in reasons.Order(StringComparer.Ordinal))
        {
            Row($"rejected: {reason}", report.Tally.RejectedEvents.GetValueOrDefault(reason),
                report.Tally.RejectedLines.GetValueOrDefault(reason));
        }

        table.AddEmptyRow();
        Row("sum", report.Tally.Events, report.Tally.Lines + report.DuplicateLinesInFile);
        Row("products in the catalogue", report.Products, null);
        foreach (var (reason, count) in report.RejectedProducts)
        {
            Row($"products refused: {reason}", count, null);
        }

        if (hasLines)
        {
            table.Caption = new TableTitle(report.AddsUp
                ? $"Every one of the {report.Lines:N0} lines is accounted for."
                : $"The file has {report.Lines:N0} lines: the sum is wrong.");
        }

        return table;

        void Row(string name, int? events, int? lines)
        {
            string[] cells = [Markup.Escape(name), $"{events:N0}", $"{lines:N0}"];
            table.AddRow(hasLines ? cells : cells[..2]);
        }
    }
}
