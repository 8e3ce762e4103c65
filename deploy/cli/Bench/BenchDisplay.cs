using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Ecom.Cli.Bench;

/// <summary>Results of benchmarks as tables and as JSON; runs of one benchmark stand side by side.</summary>
internal static class BenchDisplay
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <param name="results">One or more of one benchmark.</param>
    public static void Show(IReadOnlyList<BenchResult> results)
    {
        var first = results[0];
        var table = new Table().Border(TableBorder.Rounded).AddColumn("metric");
        AddValues(table, results);
        table.AddColumn(new TableColumn("bar").RightAligned()).AddColumn(new TableColumn("goal").RightAligned());
        foreach (var metric in first.Metrics.Keys)
        {
            var target = first.Targets.GetValueOrDefault(metric);
            table.AddRow([
                metric,
                .. results.Select(result => Coloured(result.Metrics[metric], target)),
                target is null ? "" : Text(target.Bar),
                target is null ? "" : Text(target.Goal),
            ]);
        }

        foreach (var metric in first.Yardstick.Keys)
        {
            table.AddRow([
                $"yard-stick {metric}", .. results.Select(result => Text(result.Yardstick[metric])), "", "",
            ]);
        }

        table.AddRow(["ratio", .. results.Select(result => Text(result.Ratio)), "", ""]);
        AnsiConsole.Write(table);
        ShowProcesses(results);
        foreach (var note in results.SelectMany(result => result.Notes).Distinct())
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{note}[/]");
        }
    }

    /// <summary>Writes one result as an object, several as an array.</summary>
    public static Task SaveAsync(string path, IReadOnlyList<BenchResult> results, CancellationToken cancellation) =>
        File.WriteAllTextAsync(
            path,
            results.Count == 1
                ? JsonSerializer.Serialize(results[0], _json)
                : JsonSerializer.Serialize(results, _json),
            cancellation);

    private static void ShowProcesses(IReadOnlyList<BenchResult> results)
    {
        var names = results.SelectMany(result => result.Processes.Keys).Distinct().ToArray();
        if (names.Length == 0)
        {
            return;
        }

        var figures = results[0].Processes.Values.First().Keys.ToArray();
        var table = new Table().Border(TableBorder.Rounded).AddColumn("process");
        var columns = results.SelectMany(_ => figures).ToArray();
        foreach (var figure in columns)
        {
            table.AddColumn(new TableColumn(figure).RightAligned());
        }

        foreach (var name in names)
        {
            table.AddRow([
                name,
                .. results.SelectMany(result => figures.Select(figure =>
                    result.Processes.TryGetValue(name, out var values) ? Text(values[figure]) : "")),
            ]);
        }

        AnsiConsole.Write(table);
    }

    private static void AddValues(Table table, IReadOnlyList<BenchResult> results)
    {
        for (var run = 1; run <= results.Count; run++)
        {
            table.AddColumn(new TableColumn(results.Count == 1 ? "value" : $"run {run}").RightAligned());
        }
    }

    private static string Coloured(double value, BenchTarget? target) => target switch
    {
        null => Text(value),
        _ when target.Reaches(value) => $"[green]{Text(value)}[/]",
        _ when target.Meets(value) => Text(value),
        _ => $"[red]{Text(value)}[/]",
    };

    private static string Text(double value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);
}
