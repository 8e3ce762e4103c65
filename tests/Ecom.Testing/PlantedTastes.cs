using System.Text;
using System.Text.Json;

namespace Ecom.Testing;

/// <summary>
/// Interactions with a structure to find: customers of a taste take up the products of that taste, one after the
/// other, and now and then one of another. Every taste is equally popular, so that popularity cannot tell them apart.
/// </summary>
public static class PlantedTastes
{
    private const int ProductsOfTaste = 12;

    /// <summary>The first event.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Lines as the feature store sends them: one JSON object a line.</summary>
    /// <param name="customers">How many customers; each has 8 interactions.</param>
    /// <param name="tastes">How many tastes.</param>
    /// <param name="seed">Same seed, same lines.</param>
    /// <param name="structured">False: everybody takes up anything, so that there is nothing to learn.</param>
    public static string[] Lines(int customers = 200, int tastes = 5, int seed = 1, bool structured = true)
    {
        var random = new Random(seed);
        var lines = new List<string>();
        for (var customer = 0; customer < customers; customer++)
        {
            var taste = Enumerable.Range(customer % tastes * ProductsOfTaste, ProductsOfTaste);
            var all = Enumerable.Range(0, tastes * ProductsOfTaste);
            var products = (structured ? taste : all).ToArray();
            random.Shuffle(products);
            for (var step = 0; step < 8; step++)
            {
                var product = random.NextDouble() < 0.1 ? random.Next(tastes * ProductsOfTaste) : products[step];
                lines.Add(JsonSerializer.Serialize(
                    new
                    {
                        customerId = $"c{customer}",
                        productId = $"p{product}",
                        kind = "purchase",
                        weight = 1.0,
                        at = Start.AddDays((step * 10) + (10 * random.NextDouble())),
                    },
                    JsonSerializerOptions.Web));
            }
        }

        return [.. lines];
    }

    /// <summary>Lines as the body of an answer.</summary>
    public static byte[] ToBody(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
}
