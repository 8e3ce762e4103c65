using Ecom.Algorithms.Recommendation;
using Ecom.Testing;
using Ecom.Training.Data;

namespace Ecom.UnitTests.Training;

public sealed class ColdProductTests
{
    private const int ProductsOfTaste = 12;

    [Fact]
    public async Task A_product_that_nobody_touched_is_recommended_to_those_who_buy_its_like()
    {
        CatalogueProduct[] catalogue =
        [
            .. Enumerable.Range(0, 60).Select(product => Product($"p{product}", product / ProductsOfTaste)),
            Product("new-0", 0), Product("new-1", 1), Product("gone-0", 0) with { Active = false },
        ];
        var (_, artefact) = await TrainingOf.RunAsync(
            "blend",
            StubDataSource.With(PlantedTastes.ToBody(PlantedTastes.Lines())),
            new { searchSeconds = 1 },
            catalogue: catalogue);

        var model = RecommenderFormat.Read(new MemoryStream(artefact));
        int[] bought = [.. Enumerable.Range(0, 8).Select(product => model.ItemIds.ToList().IndexOf($"p{product}"))];
        var list = model.Recommend(bought, ProductsOfTaste, bought).Select(one => model.ItemIds[one.Item]).ToArray();
        Assert.Contains("new-0", list);
        Assert.DoesNotContain("new-1", list);
        Assert.DoesNotContain("gone-0", model.ItemIds);
    }

    [Fact]
    public void A_product_is_its_brand_the_levels_of_its_category_its_price_band_and_the_words_of_its_name()
    {
        var product = new CatalogueProduct
        {
            ProductId = "1", Name = "Red MUG, red 'n big", Brand = " Acme ", Category = "Home / Kitchen", Price = 1_000,
            Active = true,
        };

        Assert.Equal(
            ["brand:acme", "category:home", "category:home / kitchen", "price:17", "word:red", "word:mug", "word:big"],
            product.Attributes());
        Assert.Equal(product.Attributes().ToArray()[3], (product with { Price = 1_400 }).Attributes().ToArray()[3]);
        Assert.DoesNotContain("price:17", (product with { Price = 1_600 }).Attributes());
    }

    private static CatalogueProduct Product(string id, int taste) =>
        new() { ProductId = id, Name = $"Thing {id}", Brand = $"brand {taste}", Active = true };
}
