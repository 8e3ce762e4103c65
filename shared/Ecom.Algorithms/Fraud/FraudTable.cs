namespace Ecom.Algorithms.Fraud;

/// <summary>Payments with their vectors and what became known of them, in the order of time.</summary>
public sealed record FraudTable
{
    /// <summary>Instant of a label that has not arrived.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Names of the features in the order of a vector.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Vectors, row by row; NaN is missing.</summary>
    public required ReadOnlyMemory<float> Values { get; init; }

    /// <summary>When each payment was tried, milliseconds since 1970, ascending.</summary>
    public required long[] AtMs { get; init; }

    /// <summary>
    /// When it became known that a payment is fraud, milliseconds since 1970; else <see cref="Never"/>.
    /// </summary>
    public required long[] FraudKnownMs { get; init; }

    /// <summary>How many payments.</summary>
    public int Count => AtMs.Length;

    /// <summary>Values of a vector.</summary>
    public int Width => Names.Count;

    /// <summary>Vectors of the payments from one position to before another.</summary>
    public ReadOnlyMemory<float> Rows(Range rows)
    {
        var (begin, count) = rows.GetOffsetAndLength(Count);
        return Values.Slice(begin * Width, count * Width);
    }

    /// <summary>The first payment at an instant or later; the number of payments if there is none.</summary>
    public int FirstAt(long atMs)
    {
        var at = Array.BinarySearch(AtMs, atMs);
        at = at < 0 ? ~at : at;
        while (at > 0 && AtMs[at - 1] >= atMs)
        {
            at--;
        }

        return at;
    }

    /// <summary>What had arrived of some payments' labels by an instant: whether each was known to be fraud.</summary>
    public bool[] LabelsAt(Range rows, long knownMs)
    {
        var (begin, count) = rows.GetOffsetAndLength(Count);
        return Array.ConvertAll(FraudKnownMs[begin..(begin + count)], known => known <= knownMs);
    }
}
