using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Ecom.Cli.Demo;

/// <summary>Shows the demo's summary in a terminal.</summary>
internal static class DemoDisplay
{
    public static void Show(DemoSummary summary)
    {
        Title("Models");
        ShowModels(summary);
        Title($"Features of customer {summary.Customer}");
        ShowFeatures(summary);
        Title($"Ten recommendations for customer {summary.Customer}");
        ShowRecommendations(summary);
        Title($"Profile of customer {summary.Customer}");
        ShowProfile(summary);
        Title("Forecasts of the products most in demand");
        ShowForecasts(summary);
        Title("Rules with the greatest lift");
        ShowRules(summary);
        Title("Reorder proposals");
        ShowReorders(summary);
        Title("Fraud alerts");
        ShowAlerts(summary);
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLineInterpolated($"Ready after [bold]{summary.Seconds:N0} s[/]. The system stays up.");
        AnsiConsole.MarkupLineInterpolated(
            $"Console: [link]{summary.Console}[/] · keys: {summary.KeyFile} (log in with ops)");
        AnsiConsole.MarkupLine("[grey]./ecom status · ./ecom simulate --live 600 · ./ecom down[/]");
    }

    private static void ShowModels(DemoSummary summary)
    {
        var table = NewTable("model", "champion", "trainer", "metrics", "baselines in the same run");
        foreach (var version in summary.Champions.Concat(summary.Challengers))
        {
            table.AddRow(
                Text(version["model"]),
                summary.Champions.Contains(version) ? Text(version["version"]) : "none",
                Text(version["trainer"]),
                Markup.Escape(string.Join(" ", (version["metrics"]?.AsObject() ?? [])
                    .Select(metric => $"{metric.Key} {Number(metric.Value, "0.####")}"))),
                Markup.Escape(string.Join(" · ", (version["baselines"]?.AsObject() ?? []).Select(baseline =>
                    $"{baseline.Key} {string.Join(" ", Measures(baseline.Value))}"))));
        }

        AnsiConsole.Write(table);
        foreach (var version in summary.Challengers)
        {
            AnsiConsole.MarkupLineInterpolated($"No champion of {version["model"]}: {version["verdict"]}");
        }

        if (summary.NoFraudModel is { } why)
        {
            AnsiConsole.MarkupLineInterpolated($"No fraud model, rules decide alone: {why}");
        }
    }

    // Without the ends of intervals: a baseline is shown to be compared, not to be judged.
    private static IEnumerable<string> Measures(JsonNode? metrics) => (metrics?.AsObject() ?? [])
        .Where(metric => (metric.Key is "ap" or "auc" || metric.Key.Contains('@', StringComparison.Ordinal))
            && !metric.Key.Contains('.'))
        .Select(metric => $"{metric.Key} {Number(metric.Value, "0.####")}");

    private static void ShowFeatures(DemoSummary summary)
    {
        var table = NewTable("feature", "value");
        foreach (var feature in summary.Features?["features"].Rows() ?? [])
        {
            table.AddRow(Text(feature["name"]), Text(feature["value"]));
        }

        AnsiConsole.Write(table);
    }

    private static void ShowRecommendations(DemoSummary summary)
    {
        var table = NewTable("", "product", "name", "score", "from", "reason");
        foreach (var item in summary.Recommendations?["items"].Rows() ?? [])
        {
            table.AddRow(
                Text(item["position"]),
                Text(item["productId"]),
                Text(item["name"]),
                Number(item["score"], "0.###"),
                Text(item["source"]),
                Text(item["reason"]?["text"]));
        }

        AnsiConsole.Write(table);
    }

    private static void ShowProfile(DemoSummary summary)
    {
        var table = NewTable("property", "value");
        foreach (var (name, value) in summary.Profile?.AsObject() ?? [])
        {
            if (value is JsonValue)
            {
                table.AddRow(Markup.Escape(name), Text(value));
            }
            else if (value is JsonObject nested)
            {
                table.AddRow(Markup.Escape(name), Markup.Escape(string.Join(
                    " ", nested.Where(part => part.Value is JsonValue).Select(part => $"{part.Key} {part.Value}"))));
            }
        }

        AnsiConsole.Write(table);
    }

    private static void ShowForecasts(DemoSummary summary)
    {
        var table = NewTable(
            "product", "method", "next day", "80 % interval", "95 % interval", "next 28 days", "back-test WAPE",
            "MASE");
        foreach (var forecast in summary.Forecasts)
        {
            var day = forecast["days"].Rows()[0];
            table.AddRow(
                Text(forecast["productId"]),
                Text(forecast["method"]),
                Number(day["expected"], "0.0"),
                $"{Number(day["low80"], "0.0")} – {Number(day["high80"], "0.0")}",
                $"{Number(day["low95"], "0.0")} – {Number(day["high95"], "0.0")}",
                Number(forecast["next28Days"], "0"),
                Number(forecast["backtest"]?["wape"], "0.00"),
                Number(forecast["backtest"]?["mase"], "0.00"));
        }

        AnsiConsole.Write(table);
    }

    private static void ShowRules(DemoSummary summary)
    {
        var table = NewTable("who buys", "also buys", "confidence", "lift", "baskets");
        foreach (var rule in summary.Rules)
        {
            table.AddRow(
                Text(rule["from"]),
                Text(rule["to"]),
                Number(rule["confidence"], "0.00"),
                Number(rule["lift"], "0.0"),
                Text(rule["baskets"]));
        }

        AnsiConsole.Write(table);
    }

    private static void ShowReorders(DemoSummary summary)
    {
        var table = NewTable("product", "name", "stock", "reorder point", "order");
        foreach (var proposal in summary.ReorderProposals)
        {
            table.AddRow(
                Text(proposal["productId"]),
                Text(proposal["name"]),
                Text(proposal["stock"]),
                Number(proposal["reorderPoint"], "0.0"),
                Text(proposal["quantity"]));
        }

        AnsiConsole.Write(table);
    }

    private static void ShowAlerts(DemoSummary summary)
    {
        var table = NewTable("payment", "customer", "decision", "score", "reasons");
        foreach (var alert in summary.FraudAlerts.Select(row => row["raised"]).OfType<JsonNode>())
        {
            table.AddRow(
                Text(alert["paymentId"]),
                Text(alert["customerId"]),
                Text(alert["decision"]),
                Number(alert["score"], "0.00"),
                Markup.Escape(string.Join("; ", alert["reasons"].Rows().Select(reason => $"{reason["text"]}"))));
        }

        AnsiConsole.Write(table);
    }

    private static void Title(string title)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLineInterpolated($"[bold]{title}[/]");
    }

    private static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    private static string Text(JsonNode? value) => Markup.Escape(value switch
    {
        null => "–",
        JsonArray list => string.Join(", ", list.Select(item => item?.ToString())),
        _ => value.ToString(),
    });

    private static string Number(JsonNode? value, string format) =>
        value is JsonValue number && number.TryGetValue<double>(out var parsed)
            ? parsed.ToString(format, CultureInfo.InvariantCulture)
            : "–";
}
