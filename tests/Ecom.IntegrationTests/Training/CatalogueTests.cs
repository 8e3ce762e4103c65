using Ecom.Algorithms.Recommendation;
using Ecom.Contracts.Catalogue;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Ecom.Training.Storage;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.Training;

public sealed class CatalogueTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_newest_version_of_a_product_reaches_the_model_though_nobody_touched_it()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        await training.PublishAsync(Product("cold", 2, "Acme"));
        await training.PublishAsync(Product("cold", 1, "Old brand"));
        await training.PublishAsync(Product("p1", 1, "Acme"));
        var catalogue = training.Service.Services.GetRequiredService<CatalogueStore>();
        var products = await Eventually.ReadAsync(() => catalogue.ListAsync(default), all => all.Count == 2);
        await Eventually.BeTrueAsync(async () =>
            (await catalogue.ListAsync(default)).Single(product => product.ProductId == "cold").Brand == "Acme");
        Assert.Equal(["cold", "p1"], products.Select(product => product.ProductId));

        await training.TrainAsync("blend", new { searchSeconds = 1 });

        var model = RecommenderFormat.Read(File.OpenRead(training.ArtefactFile("recommendation", 1)));
        Assert.Contains("cold", model.ItemIds);
        Assert.Contains("content", Assert.IsType<Blend>(model).Members.Select(member => member.Kind));
    }

    private static ProductChanged Product(string id, long version, string brand) => new()
    {
        EventId = Guid.NewGuid(),
        ProductId = id,
        Version = version,
        Name = $"{brand} thing",
        Brand = brand,
        ChangedAt = _now,
        ReceivedAt = _now,
        PartitionKey = id,
    };
}
