namespace Ecom.Simulator;

/// <summary>Invents a catalogue: categories with their own brands, price level and season.</summary>
internal static class CatalogueGenerator
{
    private static readonly Range[] _ranges =
    [
        new("Kitchen", 18, 340, 0.2, ["Mixer", "Pan", "Kettle", "Knife Set", "Baking Tray", "Storage Jar"]),
        new("Garden", 25, 150, 0.7, ["Planter", "Hose", "Lantern", "Parasol", "Bird Table", "Trowel Set"]),
        new("Lighting", 30, 345, 0.4, ["Desk Lamp", "Floor Lamp", "Fairy Lights", "Spotlight", "Candle Holder"]),
        new("Toys", 15, 345, 0.6, ["Puzzle", "Wooden Train", "Building Set", "Plush Bear", "Board Game"]),
        new("Stationery", 6, 250, 0.3, ["Notebook", "Fountain Pen", "Desk Organiser", "Gift Wrap", "Calendar"]),
        new("Bags", 35, 240, 0.2, ["Backpack", "Tote Bag", "Lunch Bag", "Travel Case", "Wash Bag"]),
        new("Textiles", 22, 350, 0.4, ["Cushion", "Throw", "Apron", "Tea Towel Set", "Bath Mat"]),
        new("Electronics", 80, 335, 0.3, ["Headphones", "Speaker", "Power Bank", "Smart Plug", "Radio"]),
        new("Sports", 40, 130, 0.5, ["Yoga Mat", "Water Bottle", "Dumbbell", "Skipping Rope", "Bike Light"]),
        new("Beauty", 14, 130, 0.1, ["Hand Cream", "Soap Set", "Face Mask", "Bath Salts", "Hairbrush"]),
        new("Pets", 16, 1, 0.1, ["Dog Bed", "Cat Tree", "Lead", "Feeding Bowl", "Chew Toy"]),
        new("Decoration", 20, 340, 0.5, ["Vase", "Picture Frame", "Wall Clock", "Mirror", "Garland"]),
    ];

    private static readonly string[] _styles =
        ["Classic", "Nordic", "Vintage", "Compact", "Deluxe", "Eco", "Retro", "Modern", "Rustic", "Bright"];

    private static readonly string[] _brands =
        ["Alder", "Brightside", "Corvane", "Dunmore", "Eastlight", "Fernhill", "Greyfox", "Hartwell", "Ivory Lane",
         "Juniper", "Kestrel", "Larkfield", "Moorgate", "Northway", "Oakridge", "Pemberly", "Quillon", "Rosewick"];

    public static IReadOnlyList<string> Categories { get; } = [.. _ranges.Select(range => range.Category)];

    public static ShopProduct[] Products(int seed, int count)
    {
        var dice = new Dice(seed, "catalogue");
        var products = new ShopProduct[count];
        for (var i = 0; i < count; i++)
        {
            var category = i % _ranges.Length;
            var range = _ranges[category];
            // Five brands a category, so that brand and category are related and not the same.
            var brand = _brands[((category * 3) + dice.Int(0, 5)) % _brands.Length];
            var price = Math.Max(1, Math.Round(dice.LogNormal(range.Price, 0.5))) - 0.05;
            products[i] = new ShopProduct
            {
                ProductId = $"p-{i + 1:0000}",
                Name = $"{brand} {dice.Pick(_styles)} {dice.Pick(range.Nouns)}",
                Brand = brand,
                Category = range.Category,
                Price = (decimal)price,
                // Zipf within the category: few products sell most.
                Popularity = Math.Pow((i / _ranges.Length) + 1, -0.9) * dice.Uniform(0.8, 1.25),
                PeakDayOfYear = ((range.Peak + dice.Int(-15, 16) + 364) % 365) + 1,
                SeasonStrength = Math.Clamp(range.Season + dice.Uniform(-0.1, 0.1), 0, 0.8),
                Quality = Math.Clamp(3.9 + (0.6 * dice.Normal()), 1.5, 4.9),
            };
        }

        return products;
    }

    /// <summary>Pairs across categories, of products that sell; each product in one pair at most.</summary>
    public static (int First, int Second)[] Pairs(int seed, IReadOnlyList<ShopProduct> products, int count)
    {
        var dice = new Dice(seed, "pairs");
        var popular = Enumerable.Range(0, products.Count)
            .OrderByDescending(i => products[i].Popularity).ThenBy(i => i).Take(count * 4).ToList();
        var pairs = new List<(int, int)>();
        while (pairs.Count < count && popular.Count >= 2)
        {
            var first = popular[dice.Int(0, popular.Count)];
            popular.Remove(first);
            var others = popular.Where(i => products[i].Category != products[first].Category).ToList();
            var second = dice.Pick(others.Count > 0 ? others : popular);
            popular.Remove(second);
            pairs.Add((first, second));
        }

        return [.. pairs];
    }

    private sealed record Range(string Category, double Price, int Peak, double Season, string[] Nouns);
}
