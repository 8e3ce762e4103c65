namespace Ecom.Simulator;

/// <summary>The products, ready to be drawn from.</summary>
internal sealed class Catalogue
{
    private readonly int[][] _members;
    private readonly double[][] _sums;
    private readonly double[] _categorySums;
    private readonly Dictionary<int, int> _partners = [];

    public Catalogue(IReadOnlyList<ShopProduct> products, IReadOnlyList<(int First, int Second)> pairs)
    {
        Products = products;
        // Products without a category fall into twelve nameless groups, so that tastes still differ.
        var groups = products.Index()
            .GroupBy(p => p.Item.Category ?? $"\0{p.Index % 12}", StringComparer.Ordinal)
            .ToArray();
        _members = [.. groups.Select(group => group.Select(p => p.Index).ToArray())];
        _sums = [.. _members.Select(m => ShopCalendar.RunningSums(m.Select(i => products[i].Popularity)))];
        _categorySums = ShopCalendar.RunningSums(_sums.Select(sums => sums[^1]));
        Dearest = [.. Enumerable.Range(0, products.Count)
            .OrderByDescending(i => products[i].Price).ThenBy(i => i).Take(Math.Max(1, products.Count / 5))];
        foreach (var (first, second) in pairs)
        {
            _partners[first] = second;
            _partners[second] = first;
        }
    }

    public IReadOnlyList<ShopProduct> Products { get; }

    public int Categories => _members.Length;

    /// <summary>The dearest fifth: what thieves want.</summary>
    public IReadOnlyList<int> Dearest { get; }

    public string? CategoryName(int category) => Products[_members[category][0]].Category;

    public int? Partner(int product) => _partners.TryGetValue(product, out var partner) ? partner : null;

    public int AnyCategory(Dice dice) => dice.Weighted(_categorySums);

    /// <summary>Draws by popularity and season; a customer's favourite brand is preferred.</summary>
    public int Draw(int category, DateOnly day, string? favouriteBrand, Dice dice)
    {
        var drawn = -1;
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var candidate = _members[category][dice.Weighted(_sums[category])];
            drawn = drawn < 0 ? candidate : drawn;
            var product = Products[candidate];
            var wanted = product.Season(day) / 2;
            wanted *= favouriteBrand is null || product.Brand == favouriteBrand ? 1 : 0.5;
            if (dice.Chance(wanted))
            {
                return candidate;
            }
        }

        return drawn;
    }
}
