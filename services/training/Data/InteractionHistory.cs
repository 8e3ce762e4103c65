using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ecom.Algorithms.Evaluation;
using Ecom.Algorithms.Recommendation;
using Ecom.Training.Runs;

namespace Ecom.Training.Data;

/// <summary>One row of the feature store's interactions.</summary>
internal sealed record InteractionLine
{
    /// <summary>Null for a visitor who is not known.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Null for a known customer.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>Whose history it belongs to; a customer and a visitor never share one by chance.</summary>
    public string Who => CustomerId is not null ? "c:" + CustomerId : "a:" + AnonymousId;

    public required string ProductId { get; init; }

    /// <summary>What was done, for example "purchase".</summary>
    public required string Kind { get; init; }

    /// <summary>What it counts, not negative.</summary>
    public required float Weight { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>Who did how much with what, when; in an order that does not depend on how it arrived.</summary>
internal sealed record InteractionHistory
{
    /// <summary>Number of customers and visitors; which index is whom does not matter to a model.</summary>
    public required int Customers { get; init; }

    /// <summary>Product ids, ascending; their places are the items of <see cref="Events"/>. Products that are sold and
    /// that nobody has touched are among them.</summary>
    public required IReadOnlyList<string> Products { get; init; }

    /// <summary>Products × what they are; null if nothing is known of them.</summary>
    public Interactions? Attributes { get; init; }

    /// <summary>Kinds of behaviour, ascending; their places are the kinds of <see cref="Events"/>.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>By ascending time, customer, product, kind, weight.</summary>
    public required IReadOnlyList<TimedInteraction> Events { get; init; }

    public required DataSet DataSet { get; init; }

    /// <summary>Reads rows and brings them into the canonical order.</summary>
    /// <param name="lines">The rows.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="historyDays">Days before the newest row that are kept; null for all.</param>
    /// <param name="catalogue">What is known of products.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="TrainingException">There are no rows, or one has a weight that is none.</exception>
    public static async Task<InteractionHistory> ReadAsync(
        IAsyncEnumerable<InteractionLine> lines,
        string source,
        int? historyDays,
        IReadOnlyList<CatalogueProduct> catalogue,
        CancellationToken cancellation)
    {
        var (customers, products, kinds) = (new IdIndex(), new IdIndex(), new IdIndex());
        var events = new List<TimedInteraction>();
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            if (!float.IsFinite(line.Weight) || line.Weight < 0)
            {
                throw new TrainingException($"Row {events.Count + 1} of {source} has weight {line.Weight}. "
                    + "Weights must not be negative: look at the feature store.");
            }

            events.Add(new TimedInteraction(
                customers.Add(line.Who),
                products.Add(line.ProductId),
                line.At,
                line.Weight,
                kinds.Add(EventKind.Of(line.Kind))));
        }

        if (events.Count == 0)
        {
            throw new TrainingException(
                $"There are no interactions yet ({source} is empty). Import a history or send events first.");
        }

        if (historyDays is { } days)
        {
            var first = events.Max(one => one.At) - TimeSpan.FromDays(days);
            events.RemoveAll(one => one.At < first);
        }

        var untouched = catalogue.Where(product => product.Active).Select(product => products.Add(product.ProductId));
        var history = Canonical(events, customers.Ids, products, [.. untouched], kinds.Ids, source);
        return history with { Attributes = CatalogueProduct.Matrix(catalogue, history.Products) };
    }

    private static InteractionHistory Canonical(
        List<TimedInteraction> events,
        IReadOnlyList<string> customers,
        IdIndex products,
        IReadOnlyList<int> sold,
        IReadOnlyList<string> kinds,
        string source)
    {
        var (kindPlaces, kindIds) = Renumber(events.Select(one => one.Kind), kinds);
        var (customerPlaces, customerIds) = Renumber(events.Select(one => one.User), customers);
        var (productPlaces, productIds) = Renumber(
            events.Select(one => one.Item).Concat(sold), products.Ids);
        var sorted = events
            .Select(one => one with
            {
                User = customerPlaces[one.User],
                Item = productPlaces[one.Item],
                Kind = kindPlaces[one.Kind],
            })
            .ToArray();
        Array.Sort(sorted, Compare);
        return new InteractionHistory
        {
            Customers = customerIds.Length,
            Products = productIds,
            Kinds = kindIds,
            Events = sorted,
            DataSet = new DataSet
            {
                Source = source,
                Rows = sorted.Length,
                Checksum = Checksum(sorted, [.. customerIds, .. productIds, .. kindIds]),
                From = sorted[0].At,
                To = sorted[^1].At,
            },
        };
    }

    // The ids in use, in ordinal order, and where each old index went.
    private static (int[] Places, string[] Ids) Renumber(IEnumerable<int> used, IReadOnlyList<string> ids)
    {
        var kept = used.Distinct().ToArray();
        Array.Sort(kept, (x, y) => string.CompareOrdinal(ids[x], ids[y]));
        var places = new int[ids.Count];
        for (var place = 0; place < kept.Length; place++)
        {
            places[kept[place]] = place;
        }

        return (places, Array.ConvertAll(kept, old => ids[old]));
    }

    private static int Compare(TimedInteraction x, TimedInteraction y)
    {
        var order = x.At.UtcTicks.CompareTo(y.At.UtcTicks);
        order = order != 0 ? order : x.User.CompareTo(y.User);
        order = order != 0 ? order : x.Item.CompareTo(y.Item);
        order = order != 0 ? order : x.Kind.CompareTo(y.Kind);
        return order != 0 ? order : x.Weight.CompareTo(y.Weight);
    }

    private static string Checksum(TimedInteraction[] events, string[] ids)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var id in ids)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(id));
            hash.AppendData([0]);
        }

        Span<byte> row = stackalloc byte[24];
        foreach (var one in events)
        {
            BinaryPrimitives.WriteInt64LittleEndian(row, one.At.UtcTicks);
            BinaryPrimitives.WriteInt32LittleEndian(row[8..], one.User);
            BinaryPrimitives.WriteInt32LittleEndian(row[12..], one.Item);
            BinaryPrimitives.WriteSingleLittleEndian(row[16..], one.Weight);
            BinaryPrimitives.WriteInt32LittleEndian(row[20..], one.Kind);
            hash.AppendData(row);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
