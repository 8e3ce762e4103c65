using System.Text;
using System.Text.Json;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Recommendation.Lists;

/// <summary>What everybody, or everybody of a segment, can be shown, in memory: the last known lists serve while Redis
/// is away.</summary>
internal sealed class PopularLists(ListStore lists, Catalogue catalogue, ILogger<PopularLists> logger)
    : Follower("popular products", TimeSpan.FromSeconds(1), logger)
{
    private volatile SegmentList?[] _segments = [];

    /// <summary>Products that most people want, best first.</summary>
    public RankedProduct[] Popular { get; private set; } = [];

    /// <summary>Products that are wanted more than usual, best first.</summary>
    public RankedProduct[] Trending { get; private set; } = [];

    /// <summary>What is popular in a segment; null if nothing is, and for 0.</summary>
    public SegmentList? OfSegment(byte number) => _segments is var all && number < all.Length ? all[number] : null;

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var read = await lists.ReadPopularAsync();
        TakeOver(read.Popular, read.Trending);
        if (read.Segments is { } segments)
        {
            TakeOver(segments);
        }
    }

    /// <summary>Serves lists from now on; an empty one is a lost one, then the last known ones stay.</summary>
    public void TakeOver(IReadOnlyList<ListItem> popular, IReadOnlyList<ListItem> trending)
    {
        if (popular.Count > 0)
        {
            (Popular, Trending) = (Ranked(popular), Ranked(trending));
        }
    }

    /// <summary>Serves lists of segments from now on.</summary>
    public void TakeOver(IReadOnlyList<SegmentItems> segments)
    {
        var all = new SegmentList?[byte.MaxValue + 1];
        foreach (var segment in segments)
        {
            all[segment.Number] = new SegmentList(segment.Name, Ranked(segment.Items));
        }

        _segments = all;
    }

    private RankedProduct[] Ranked(IReadOnlyList<ListItem> items) =>
        [.. items.Select(item => new RankedProduct(catalogue.Intern(item.ProductId), item.Score))];
}

/// <summary>A product with the weight that it is ranked by.</summary>
internal readonly record struct RankedProduct(Product Product, float Score);

/// <summary>What is popular in a segment.</summary>
/// <param name="name">The segment, as profiling names it.</param>
/// <param name="products">Best first.</param>
internal sealed class SegmentList(string name, RankedProduct[] products)
{
    public string Name { get; } = name;

    /// <summary>The name, escaped for the inside of a JSON string.</summary>
    public byte[] EscapedName { get; } = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(name)[1..^1]);

    public RankedProduct[] Products { get; } = products;
}
