namespace Ecom.Recommendation.Lists;

/// <summary>
/// What visitors were shown in the last hour, in this replica's memory: some thousand visitors, the last products of
/// each. Approximate on purpose: it moves products down, it never decides what may be shown.
/// </summary>
internal sealed class RecentlyShown(TimeProvider clock)
{
    private const int Visitors = 16_384;
    private const int ProductsOfVisitor = 32;
    private static readonly TimeSpan _memory = TimeSpan.FromHours(1);

    private readonly Entry?[] _entries = new Entry?[Visitors];

    /// <summary>How lately a product was shown: 1 just now, falling to 0 within the hour.</summary>
    public float Of(string visitor, Product product)
    {
        if (EntryOf(visitor) is not { } entry || entry.Visitor != visitor)
        {
            return 0;
        }

        var at = entry.Products.AsSpan().IndexOf(product.Number);
        return at < 0
            ? 0
            : (float)Math.Max(0, 1 - (clock.GetElapsedTime(entry.Times[at]) / _memory));
    }

    /// <summary>Notes what an answer showed.</summary>
    public void Add(string visitor, ReadOnlySpan<Product> shown)
    {
        var before = EntryOf(visitor);
        var entry = before?.Visitor == visitor ? before.Copy() : new Entry(visitor);
        foreach (var product in shown)
        {
            entry.Add(product.Number, clock.GetTimestamp());
        }

        _entries[PlaceOf(visitor)] = entry;
    }

    private Entry? EntryOf(string visitor) => Volatile.Read(ref _entries[PlaceOf(visitor)]);

    private static int PlaceOf(string visitor) => (int)(IdHash.Of(visitor) % Visitors);

    // Never changed once it is in the table: requests read it without a lock.
    private sealed class Entry(string visitor)
    {
        private int _next;

        public string Visitor { get; } = visitor;

        public int[] Products { get; } = CreateEmpty();

        public long[] Times { get; } = new long[ProductsOfVisitor];

        public Entry Copy()
        {
            var copy = new Entry(Visitor) { _next = _next };
            Products.CopyTo(copy.Products, 0);
            Times.CopyTo(copy.Times, 0);
            return copy;
        }

        public void Add(int product, long now)
        {
            var at = Products.AsSpan().IndexOf(product);
            if (at < 0)
            {
                at = _next;
                _next = (_next + 1) % ProductsOfVisitor;
            }

            (Products[at], Times[at]) = (product, now);
        }

        private static int[] CreateEmpty()
        {
            var products = new int[ProductsOfVisitor];
            products.AsSpan().Fill(-1);
            return products;
        }
    }
}
