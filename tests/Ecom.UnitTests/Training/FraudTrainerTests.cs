using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ecom.Algorithms.Fraud;
using Ecom.Training.Data;
using Ecom.Training.Runs;

namespace Ecom.UnitTests.Training;

public sealed class FraudTrainerTests
{
    private static readonly object _quick = new { trees = 40, leaves = 8 };

    // 90 days less the maturity of labels and 14 days to measure on.
    private static readonly DateTimeOffset _cut = PlantedFraud.DayAt(66);

    [Fact]
    public async Task Planted_frauds_are_found_better_than_by_rules_and_by_a_line()
    {
        var (result, artefact) = await TrainingOf.RunAsync("fraud-trees", Planted(), _quick);

        Assert.True(result.Metrics["ap"] > 0.7, $"{result.Metrics["ap"]}");
        Assert.True(result.Metrics["ap"] > 1.5 * result.Baselines["rules"]["ap"]);
        Assert.True(result.Metrics["ap"] > 1.5 * result.Baselines["fraud-logistic"]["ap"]);
        Assert.Equal(2, result.Baselines.Count);
        Assert.Equal(
            ["ap", "auc", "brier", "cp@100", "ece", "frauds", "logLoss", "payments", "top2%error"],
            result.Metrics.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(14 * 40, result.Metrics["payments"], 1.0);
        Assert.Equal(_cut, result.DataSet.Cut!.Value, TimeSpan.FromHours(1));
        var model = FraudModel.Read(new MemoryStream(artefact));
        Assert.Equal(["first", "second", "known_frauds"], model.Names);
        Assert.Equal(0.8, model.Score([0.9f, 0.9f, float.NaN]), 0.15);
        Assert.InRange(model.Score([0.9f, 0.1f, float.NaN]), 0, 0.1);
        Assert.NotNull(model.Anomaly([0.9f, 0.9f, float.NaN]));
        Assert.Equal(PlantedFraud.DayAt(80), model.TrainedOn.To, TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_line_is_measured_against_the_rules_alone()
    {
        var (result, artefact) = await TrainingOf.RunAsync("fraud-logistic", Planted());

        Assert.Equal("rules", Assert.Single(result.Baselines).Key);
        Assert.Equal(3, FraudModel.Read(new MemoryStream(artefact)).Names.Count);
    }

    [Fact]
    public async Task Same_payments_and_seed_give_the_same_bytes_in_whatever_order_and_with_however_many_threads()
    {
        var payments = PlantedFraud.Payments();
        // Two payments of one instant, which only their numbers tell apart.
        payments.Add(PlantedFraud.Payment(PlantedFraud.DayAt(5), 0.3, 0.3, card: 1));
        payments.Add(PlantedFraud.Payment(PlantedFraud.DayAt(5), 0.3, 0.4, card: 1));
        var (first, bytes) = await TrainingOf.RunAsync("fraud-trees", PlantedFraud.Source(payments), _quick);
        var (second, others) = await TrainingOf.RunAsync(
            "fraud-trees", PlantedFraud.Source(Enumerable.Reverse(payments)), _quick, threads: 3);

        Assert.Equal(bytes, others);
        Assert.Equal(first.DataSet, second.DataSet);
        Assert.Equal(first.Metrics, second.Metrics);
        Assert.Equal(first.Baselines["fraud-logistic"], second.Baselines["fraud-logistic"]);

        var (_, seeded) = await TrainingOf.RunAsync(
            "fraud-trees", PlantedFraud.Source(payments), new { trees = 40, leaves = 8, seed = 2 });
        Assert.NotEqual(bytes, seeded);
    }

    [Fact]
    public async Task Labels_that_arrived_after_the_split_have_no_part_in_what_is_measured()
    {
        var before = await MeasureAsync(_ => { });

        // Everything that may come late to payments before it: frauds, pardons, what the shop had refused.
        var after = await MeasureAsync(payments =>
        {
            LabelOldest(payments, _cut.AddDays(1));
            payments.AddRange(ManyRefused(labelledAt: _cut.AddDays(1)));
        });
        Assert.Equal(before, after);

        // The negative control: the same before it.
        Assert.NotEqual(before, await MeasureAsync(payments => LabelOldest(payments, _cut.AddDays(-1))));
        Assert.NotEqual(before, await MeasureAsync(payments =>
            payments.AddRange(ManyRefused(labelledAt: _cut.AddDays(-1)))));
    }

    [Fact]
    public async Task The_champions_recipe_is_measured_on_the_same_days()
    {
        var recipe = new ChampionRecipe
        {
            Version = 1,
            Trainer = "fraud-logistic",
            Options = TrainingOf.Json(new { }),
        };
        var (result, _) = await TrainingOf.RunAsync("fraud-trees", Planted(), _quick, recipe);
        Assert.Equal(result.Baselines["fraud-logistic"], result.Champion);

        var (same, _) = await TrainingOf.RunAsync(
            "fraud-trees",
            Planted(),
            _quick,
            recipe with { Trainer = "fraud-trees", Options = TrainingOf.Json(_quick) });
        Assert.Equal(same.Metrics, same.Champion);
    }

    [Fact]
    public async Task Too_few_frauds_are_said_with_their_numbers()
    {
        var payments = PlantedFraud.Payments();
        var all = payments.Count(payment => payment["labels"]!.AsArray().Count > 0);
        var held = payments.Count(payment => PlantedFraud.AtOf(payment) >= _cut
            && PlantedFraud.AtOf(payment) < PlantedFraud.DayAt(80) && payment["labels"]!.AsArray().Count > 0);

        var test = await FailAsync(PlantedFraud.Source(payments), new { minimumFrauds = 500 });
        Assert.StartsWith($"{held} frauds are known among the ", test, StringComparison.Ordinal);
        Assert.Contains("at least 500 are needed", test, StringComparison.Ordinal);
        Assert.Contains($"{all} are known as fraud", test, StringComparison.Ordinal);

        var young = payments.Where(payment => PlantedFraud.AtOf(payment) >= PlantedFraud.DayAt(60));
        var fit = await FailAsync(PlantedFraud.Source(young), null);
        Assert.StartsWith(
            "Too little was known for fraud-trees on 2026-03-07: 0 frauds", fit, StringComparison.Ordinal);
        Assert.Contains("at least 20 are needed", fit, StringComparison.Ordinal);

        Assert.Contains("no payments yet", await FailAsync(PlantedFraud.Source([]), null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_maturity_of_labels_is_the_fraud_services_unless_it_is_given()
    {
        var (result, _) = await TrainingOf.RunAsync(
            "fraud-trees", Planted(), new { trees = 5, labelMaturityDays = 20, testDays = 7 });
        Assert.Equal(PlantedFraud.DayAt(63), result.DataSet.Cut!.Value, TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Lines_that_are_no_history_of_payments_are_refused()
    {
        Assert.Contains(
            "does not begin with the names",
            await FailAsync(PlantedFraud.Lines(PlantedFraud.Payments()), null),
            StringComparison.Ordinal);
        var wide = PlantedFraud.Payment(PlantedFraud.Start, 0, 0, 1);
        wide["values"]!.AsArray().Add(1);
        Assert.Contains(
            "Row 2 of v1/history/payments has 4 values for 3 names",
            await FailAsync(PlantedFraud.Source([wide]), null),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The fraud service cannot be reached",
            await FailAsync(StubDataSource.Away(DataFeed.Payments), null),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The fraud service refused this service's key for v1/history/payments",
            await FailAsync(StubDataSource.With(HttpStatusCode.Forbidden, DataFeed.Payments), null),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_says_what_it_takes_and_one_that_does_not_fit_is_refused()
    {
        using var reports = new MemoryStream();
        await TrainingOf.RunAsync("fraud-trees", Planted(), _quick, reports: reports);
        var lines = System.Text.Encoding.UTF8.GetString(reports.ToArray()).Split('\n');
        Assert.Contains(lines, line => line.Contains("\"fraud-trees\"", StringComparison.Ordinal)
            && line.Contains("predictions", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("fitting fraud-trees as of 2026-03-07", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<TrainingException>(
            () => TrainingOf.RunAsync("fraud-trees", Planted(), _quick, memoryLimitMegabytes: 1));
        Assert.Contains("Training:MemoryLimitMegabytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_rows_are_counted_without_the_head()
    {
        var source = PlantedFraud.Source(PlantedFraud.Payments().Take(7));
        Assert.Equal(7, await source.CountAsync(PlantedFraud.Start, 100, default));
        Assert.Equal(5, await source.CountAsync(PlantedFraud.Start, 5, default));
    }

    private static DataSource Planted() => PlantedFraud.Source(PlantedFraud.Payments());

    // Those of twenty days; every other one as fraud.
    private static void LabelOldest(List<JsonObject> payments, DateTimeOffset knownAt)
    {
        for (var at = 0; at < 20 * 40; at++)
        {
            PlantedFraud.Labelled(payments[at], knownAt, fraud: at % 2 == 0);
        }
    }

    private static IEnumerable<JsonObject> ManyRefused(DateTimeOffset labelledAt)
    {
        for (var at = 0; at < 50; at++)
        {
            var payment = PlantedFraud.Payment(PlantedFraud.DayAt(20 + (at / 10.0)), 0.5, 0.5, card: 1);
            payment["refused"] = true;
            yield return PlantedFraud.Labelled(payment, labelledAt, fraud: true);
        }
    }

    private static async Task<string> MeasureAsync(Action<List<JsonObject>> change)
    {
        var payments = PlantedFraud.Payments();
        change(payments);
        var (result, _) = await TrainingOf.RunAsync("fraud-trees", PlantedFraud.Source(payments), _quick);
        return JsonSerializer.Serialize(new { result.Metrics, result.Baselines });
    }

    private static async Task<string> FailAsync(DataSource source, object? options)
    {
        var error = await Assert.ThrowsAsync<TrainingException>(
            () => TrainingOf.RunAsync("fraud-trees", source, options));
        return error.Message;
    }
}
