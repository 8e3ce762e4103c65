using Ecom.Algorithms.Evaluation;
using Ecom.Algorithms.Recommendation;
using Ecom.Training.Data;

namespace Ecom.Training.Trainers;

/// <summary>What is known before a time, and what came after it that is to be foretold.</summary>
/// <remarks>
/// Where purchases are known among other kinds, they are what is foretold: a product that was only looked at is still
/// to
/// be recommended, one that was bought is not. Otherwise everything new is foretold, and nothing known is recommended.
/// </remarks>
internal sealed record DataSplit
{
    public required RecommenderData Known { get; init; }

    /// <summary>What customers with a history took up afterwards.</summary>
    public required Interactions Wanted { get; init; }

    /// <summary>What is never recommended to a customer; null for all that is known.</summary>
    public Interactions? Excluded { get; init; }

    public bool IsEmpty => Known.Matrix.Count == 0 || Wanted.Count == 0;

    /// <summary>Splits by time: strictly before the cut is known.</summary>
    public static DataSplit At(RecommenderData data, DateTimeOffset cut)
    {
        TimedInteraction[] before = [.. data.Events.Where(one => one.At < cut)];
        var known = data with
        {
            Events = before,
            Matrix = RecommenderData.ToMatrix(before, data.Customers, data.Products.Count, one => one.Weight),
        };
        return OfPurchases(data, known, cut) ?? new DataSplit
        {
            Known = known,
            Wanted = TimeSplit.At(data.Events, cut, data.Customers, data.Products.Count).Test,
        };
    }

    // Null where there are no other kinds beside purchases, or no purchases to foretell.
    private static DataSplit? OfPurchases(RecommenderData data, RecommenderData known, DateTimeOffset cut)
    {
        var purchase = data.Kinds.ToList().IndexOf(EventKind.Purchase);
        if (purchase < 0 || data.Kinds.Count == 1)
        {
            return null;
        }

        var visitors = known.Events.Select(one => one.User).ToHashSet();
        var bought = known.Events.Where(one => one.Kind == purchase).ToArray();
        var had = bought.Select(one => (one.User, one.Item)).ToHashSet();
        var after = data.Events.Where(one => one.At >= cut && one.Kind == purchase
            && visitors.Contains(one.User) && !had.Contains((one.User, one.Item))).ToArray();
        return after.Length == 0 ? null : new DataSplit
        {
            Known = known,
            Wanted = RecommenderData.ToMatrix(after, data.Customers, data.Products.Count, one => one.Weight),
            Excluded = RecommenderData.ToMatrix(bought, data.Customers, data.Products.Count, one => one.Weight),
        };
    }
}
