using System.Text.Json;
using Ecom.Algorithms.Segmentation;
using Ecom.Testing;
using Ecom.Training.Data;
using Ecom.Training.Runs;
using Ecom.Training.Trainers;

namespace Ecom.UnitTests.Training;

public sealed class SegmentsTrainerTests
{
    private static readonly object _quick = new { restarts = 3, most = 5 };

    [Fact]
    public async Task Planted_kinds_of_customers_are_found_and_beat_cuts_by_spend()
    {
        var (result, artefact) = await TrainingOf.RunAsync("segments", Store(Orders()), _quick);

        Assert.Equal(3, result.Metrics["segments"]);
        Assert.True(result.Metrics["silhouette"] > 0.6);
        Assert.True(result.Metrics["silhouette"] > 1.2 * result.Baselines["spend-quantiles"]["silhouette"]);
        Assert.Equal(0, result.Baselines["one-segment"]["silhouette"]);
        var model = SegmentModel.Read(new MemoryStream(artefact));
        Assert.Equal(3, model.Segments.Count);
        Assert.Equal(90, model.Segments.Sum(segment => segment.Customers));
    }

    [Fact]
    public async Task Same_data_and_seed_give_the_same_bytes_in_whatever_order_rows_come()
    {
        var (first, bytes) = await TrainingOf.RunAsync("segments", Store(Orders()), _quick);
        var (second, others) = await TrainingOf.RunAsync("segments", Store(Orders().Reverse()), _quick, threads: 2);
        Assert.Equal(bytes, others);
        Assert.Equal(first.DataSet, second.DataSet);
        Assert.Equal(first.Metrics, second.Metrics);
    }

    [Fact]
    public async Task Cancelled_orders_and_unknown_customers_do_not_count()
    {
        var more = Orders()
            .Append(Order("x", "c0", 5, 1_000_000, cancelled: true))
            .Append("""{"orderId":"y","at":"2026-01-03T00:00:00Z","amount":1,"cancelled":false}""");
        var (_, with) = await TrainingOf.RunAsync("segments", Store(more), _quick);
        var (_, without) = await TrainingOf.RunAsync("segments", Store(Orders()), _quick);
        Assert.Equal(without, with);
    }

    [Fact]
    public async Task The_champions_recipe_is_measured_on_the_same_customers()
    {
        var options = TrainingOf.Json(new { fewest = 5, most = 5 });
        var recipe = new ChampionRecipe { Version = 1, Trainer = "segments", Options = options };
        var (result, _) = await TrainingOf.RunAsync("segments", Store(Orders()), _quick, recipe);
        Assert.Equal(5, result.Champion!["segments"]);
        Assert.True(result.Champion["silhouette"] < result.Metrics["silhouette"]);
    }

    [Fact]
    public async Task Too_few_customers_fail_and_say_what_to_do()
    {
        var few = Orders().Where(line => line.Contains("\"c1", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<TrainingException>(() => TrainingOf.RunAsync("segments", Store(few)));
        Assert.Contains("customers with orders, at least 50", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TrainingException>(() => TrainingOf.RunAsync("segments", Store([])));
    }

    [Fact]
    public void The_most_cannot_be_below_the_fewest()
    {
        var error = Assert.Throws<TrainerOptionsException>(() => TrainerCatalogue.Find("segments")!.ReadOptions(
            JsonSerializer.Deserialize<JsonElement>("""{"fewest":5,"most":4}""")));
        Assert.Equal("most", Assert.Single(error.Errors).Key);
    }

    private static DataSource Store(IEnumerable<string> lines) =>
        StubDataSource.With(PlantedTastes.ToBody(lines));

    // Three kinds that one value alone cannot tell apart: the first two spend alike, the last two are as recent.
    private static IEnumerable<string> Orders()
    {
        for (var customer = 0; customer < 90; customer++)
        {
            var (orders, amount, lastDay) = (customer % 3) switch
            {
                0 => (12, 1_000, 195),
                1 => (2, 6_000, 20),
                _ => (1, 300, 190),
            };
            for (var order = 0; order < orders; order++)
            {
                var day = lastDay - (order * 2) + (customer % 5);
                yield return Order($"{customer}-{order}", $"c{customer}", day, amount + (customer * 2));
            }
        }
    }

    private static string Order(string id, string customer, int day, int amount, bool cancelled = false)
    {
        var at = PlantedTastes.Start.AddDays(day);
        return JsonSerializer.Serialize(
            new { orderId = id, customerId = customer, at, amount, cancelled }, JsonSerializerOptions.Web);
    }
}
