using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Ecom.Cli.Evaluate;

/// <summary>The result of an evaluation as a table and as JSON.</summary>
internal static class EvaluationReport
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static void Print(EvaluationResult result)
    {
        var keys = result.Rows.SelectMany(row => row.Metrics.Keys).Distinct().ToArray();
        var table = new Table().RoundedBorder().Title(Markup.Escape(result.DataSet)).AddColumn("model");
        foreach (var key in keys)
        {
            table.AddColumn(new TableColumn(Markup.Escape(key)).RightAligned());
        }

        table.AddColumn(new TableColumn("fit s").RightAligned()).AddColumn(new TableColumn("CPU s").RightAligned());
        foreach (var row in result.Rows)
        {
            if (row.Weeks is { Count: > 0 } weeks)
            {
                table.AddRow([$"{Markup.Escape(row.Model)}, week {weeks[0].Week}", .. Cells(weeks[0].Metrics), "", ""]);
            }

            table.AddRow(
            [
                Markup.Escape(row.Model) + (row.Weeks is { } all ? $", mean of {all.Count} weeks" : ""),
                .. Cells(row.Metrics),
                Number(row.FitWallSeconds),
                Number(row.FitCpuSeconds),
            ]);
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(
            $"[grey]at most {PeakMebibytes():F0} MiB; served by default: {result.Default}[/]");

        IEnumerable<string> Cells(IReadOnlyDictionary<string, double> metrics) =>
            keys.Select(key => metrics.TryGetValue(key, out var value) ? Number(value) : "-");
    }

    public static void Write(
        FileInfo file, string task, EvaluationResult result, int threads, int seed, double gigaflops)
    {
        var peak = PeakMebibytes();
        var text = JsonSerializer.Serialize(
            new
            {
                task,
                dataset = result.DataSet,
                threads,
                seed,
                gigaflops,
                @default = result.Default,
                results = result.Rows.Select(row => new
                {
                    row.Model,
                    row.Metrics,
                    row.FitWallSeconds,
                    row.FitCpuSeconds,
                    row.ScoreWallSeconds,
                    peakMiB = peak,
                    parameters = row.Parameters ?? new Dictionary<string, double>(),
                    weeks = row.Weeks,
                }),
            },
            _json);
        File.WriteAllText(file.FullName, text);
    }

    private static double PeakMebibytes()
    {
        using var own = Process.GetCurrentProcess();
        return own.PeakWorkingSet64 / (1024.0 * 1024);
    }

    private static string Number(double value) => value.ToString(
        value >= 100 ? "N0" : value >= 10 ? "F1" : "F4", CultureInfo.InvariantCulture);
}
