using System.Text.Json;
using Ecom.Testing;
using Ecom.Training.Data;

namespace Ecom.UnitTests.Training;

public sealed class EventWeightTests
{
    [Theory]
    [InlineData("als")]
    [InlineData("blend")]
    public async Task Views_at_random_count_less_than_carts_of_the_customers_taste(string trainer)
    {
        var (result, _) = await TrainingOf.RunAsync(trainer, Shop(), Small(trainer));

        var weights = result.Settled!.EventWeights!;
        Assert.Equal(["cart", "purchase", "view"], weights.Keys.Order());
        Assert.Equal(1, weights["purchase"]);
        Assert.True(weights["view"] < weights["cart"], $"view {weights["view"]}, cart {weights["cart"]}");
    }

    [Fact]
    public async Task What_was_only_looked_at_is_still_recommended_and_only_purchases_are_foretold()
    {
        // Everybody looks at the one product, then buys it; nobody buys anything else twice.
        var lines = Enumerable.Range(0, 60).SelectMany(customer => new[]
        {
            Line(customer, $"p{customer % 5}", "ProductBought", 5, 0), Line(customer, "late", "ProductViewed", 1, 1),
            Line(customer, customer % 3 == 0 ? "late" : $"q{customer}", "ProductBought", 5, 50 + customer),
        });

        var (result, _) = await TrainingOf.RunAsync(
            "popularity", StubDataSource.With(PlantedTastes.ToBody(lines)), new { testShare = 0.3 });

        Assert.True(result.Metrics["hitRate@10"] > 0.2, $"{result.Metrics["hitRate@10"]}");
    }

    private static object Small(string trainer) => trainer == "als"
        ? new { factors = 8, iterations = 5 }
        : new { searchSeconds = 1 };

    private static DataSource Shop()
    {
        const int Products = 12;
        var random = new Random(3);
        var lines = new List<string>();
        for (var customer = 0; customer < 200; customer++)
        {
            var taste = Enumerable.Range(customer % 4 * Products, Products).ToArray();
            random.Shuffle(taste);
            for (var step = 0; step < 4; step++)
            {
                var day = (10 * step) + (9 * random.NextDouble());
                lines.Add(Line(customer, $"p{taste[2 * step]}", "ProductBought", 5, day));
                lines.Add(Line(customer, $"p{taste[(2 * step) + 1]}", "ProductAdded", 3, day));
                for (var view = 0; view < 4; view++)
                {
                    lines.Add(Line(customer, $"p{random.Next(4 * Products)}", "ProductViewed", 1, day));
                }
            }
        }

        return StubDataSource.With(PlantedTastes.ToBody(lines));
    }

    private static string Line(int customer, string product, string kind, double weight, double day) =>
        JsonSerializer.Serialize(
            new
            {
                customerId = $"c{customer}",
                productId = product,
                kind,
                weight,
                at = PlantedTastes.Start.AddDays(day),
            },
            JsonSerializerOptions.Web);
}
