using System.Globalization;
using System.Text.Json;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Models;
using Ecom.IntegrationTests.Recommendation;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Training;

public sealed class LearntWeightsTests(Backends backends) : IClassFixture<Backends>
{
    private const int Tastes = 4;
    private const int Products = 12;

    [Fact]
    public async Task What_training_learnt_that_events_count_rules_the_lists_that_are_served()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        training.Interactions = PlantedTastes.ToBody(Shop());
        await using var shop = await RecommendationHost.StartAsync(
            backends,
            clock: null,
            ("ConnectionStrings:RabbitMq", training.Broker),
            ("Services:Training", training.Service.Address.ToString()));
        await shop.TellCatalogueAsync(
            [.. Enumerable.Range(0, Tastes * Products).Select(at => RecommendationHost.Product($"p{at}"))]);

        await training.TrainAsync("als", new { factors = 8, iterations = 5 });
        var promoted = await training.HearAsync<ModelPromoted>(one => one.Model == "recommendation");

        var weights = promoted.EventWeights!;
        Assert.Equal(1, weights["purchase"]);
        Assert.True(5 * weights["view"] < weights["cart"], $"view {weights["view"]}, cart {weights["cart"]}");

        // Five views of the first taste and one cart of the second: by the service's own settings 5 to 3.
        var now = TimeProvider.System.GetUtcNow();
        for (var at = 0; at < 5; at++)
        {
            await PublishAsync(shop, InteractionKind.ProductViewed, $"p{at}", now.AddSeconds(at - 10));
        }

        await PublishAsync(shop, InteractionKind.ProductAdded, $"p{Products}", now.AddSeconds(-11));
        await shop.AskAsync(
            "anonymousId=visitor&count=3",
            answer => answer.Items.Count == 3 && answer.Items.All(item =>
                item.Source == "session" && TasteOf(item.ProductId) == 1));
    }

    private static int TasteOf(string product) =>
        int.Parse(product[1..], CultureInfo.InvariantCulture) / Products;

    private static Task PublishAsync(
        RecommendationHost shop, InteractionKind kind, string product, DateTimeOffset at) =>
        shop.PublishAsync(new InteractionsRecorded
        {
            Interactions = [RecommendationHost.Act(kind, "visitor", product, answer: null, at)],
        });

    // Carts and purchases are of a customer's taste, views are of anything.
    private static List<string> Shop()
    {
        var random = new Random(3);
        var lines = new List<string>();
        for (var customer = 0; customer < 200; customer++)
        {
            var taste = Enumerable.Range(customer % Tastes * Products, Products).ToArray();
            random.Shuffle(taste);
            for (var step = 0; step < 4; step++)
            {
                var day = (10 * step) + (9 * random.NextDouble());
                lines.Add(Line(customer, taste[2 * step], "ProductBought", 5, day));
                lines.Add(Line(customer, taste[(2 * step) + 1], "ProductAdded", 3, day));
                for (var view = 0; view < 4; view++)
                {
                    lines.Add(Line(customer, random.Next(Tastes * Products), "ProductViewed", 1, day));
                }
            }
        }

        return lines;
    }

    private static string Line(int customer, int product, string kind, double weight, double day) =>
        JsonSerializer.Serialize(
            new
            {
                customerId = $"c{customer}",
                productId = $"p{product}",
                kind,
                weight,
                at = PlantedTastes.Start.AddDays(day),
            },
            JsonSerializerOptions.Web);
}
