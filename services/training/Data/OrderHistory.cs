using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ecom.Algorithms.Segmentation;
using Ecom.Training.Runs;

namespace Ecom.Training.Data;

/// <summary>One row of the feature store's orders, as far as it is needed here.</summary>
internal sealed record OrderLine
{
    public required string OrderId { get; init; }

    /// <summary>Null for an order of somebody unknown.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Event time, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Order total, minor units of the base currency.</summary>
    public required long Amount { get; init; }

    public bool Cancelled { get; init; }
}

/// <summary>The orders of known customers, in an order that does not depend on how they arrived.</summary>
internal sealed record OrderHistory
{
    /// <summary>Recency, frequency and money of each customer as of the newest order, by customer id.</summary>
    public required RfmValues[] Customers { get; init; }

    public required DataSet DataSet { get; init; }

    /// <summary>Reads rows; cancelled orders and those of unknown customers do not count.</summary>
    /// <param name="lines">The rows.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="historyDays">Days before the newest order that are kept; null for all.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="TrainingException">There are no orders of known customers.</exception>
    public static async Task<OrderHistory> ReadAsync(
        IAsyncEnumerable<OrderLine> lines, string source, int? historyDays, CancellationToken cancellation)
    {
        var orders = new List<OrderLine>();
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            if (line is { CustomerId: not null, Cancelled: false })
            {
                orders.Add(line);
            }
        }

        if (orders.Count == 0)
        {
            throw new TrainingException(
                $"There are no orders of known customers yet ({source}). Import a history or send events first.");
        }

        var newest = orders.Max(order => order.At);
        var oldest = historyDays is { } days ? newest - TimeSpan.FromDays(days) : DateTimeOffset.MinValue;
        var kept = orders
            .Where(order => order.At >= oldest)
            .OrderBy(order => order.At)
            .ThenBy(order => order.OrderId, StringComparer.Ordinal)
            .ToArray();
        var ids = kept.Select(order => order.CustomerId!).Distinct().Order(StringComparer.Ordinal).ToArray();
        var places = ids.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return new OrderHistory
        {
            Customers = Rfm.Compute(
                kept.Select(order => new RfmOrder(places[order.CustomerId!], order.At, order.Amount)),
                newest.AddTicks(1)),
            DataSet = new DataSet
            {
                Source = source,
                Rows = kept.Length,
                Checksum = Checksum(kept),
                From = kept[0].At,
                To = newest,
            },
        };
    }

    private static string Checksum(IEnumerable<OrderLine> orders)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var order in orders)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{order.OrderId}\0{order.CustomerId}\0{order.At.UtcTicks}\0{order.Amount}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
