namespace Ecom.Algorithms.Fraud;

/// <summary>
/// How values were spread when a model was made: bins of about equal mass, and one for missing values.
/// </summary>
/// <remarks>
/// What is live is compared by the population stability index: Σ (live − reference) · ln(live / reference) over the
/// bins, shares below <see cref="LeastShare"/> counted as that. It is symmetric; 0 is equal, from 0.1 on a change, from
/// 0.25 on a great one by the custom of credit scoring (N. Siddiqi, "Credit Risk Scorecards", 2006). Without any drift
/// its expectation is about (bins − 1) · (1/n + 1/m) for n live and m reference values: a small sample is no proof.
/// </remarks>
public sealed class ReferenceBins
{
    /// <summary>Least share of a bin in the index, which an empty bin would make infinite.</summary>
    public const double LeastShare = 1e-4;

    private readonly double[] _edges;
    private readonly double[] _shares;

    /// <summary>Takes bins.</summary>
    /// <param name="edges">Strictly ascending, finite; n edges part n + 1 bins.</param>
    /// <param name="shares">Of the missing values, then of each bin: two more than edges; not negative.</param>
    /// <exception cref="ArgumentException">They do not fit each other.</exception>
    public ReferenceBins(ReadOnlySpan<double> edges, ReadOnlySpan<double> shares)
    {
        (_edges, _shares) = (edges.ToArray(), shares.ToArray());
        if (_shares.Length != _edges.Length + 2 || !_edges.All(double.IsFinite)
            || _edges.Zip(_edges.Skip(1)).Any(pair => pair.First >= pair.Second)
            || !_shares.All(share => share is >= 0 and <= 1))
        {
            throw new ArgumentException("Edges and shares do not fit each other.", nameof(shares));
        }
    }

    /// <summary>Edges: bin 1 is up to the first, the last bin above the last.</summary>
    public ReadOnlySpan<double> Edges => _edges;

    /// <summary>Share of the missing values, then of each bin. They add up to 1.</summary>
    public ReadOnlySpan<double> Shares => _shares;

    /// <summary>Number of bins, with that of missing values.</summary>
    public int Count => _shares.Length;

    /// <summary>Parts values into bins.</summary>
    /// <param name="values">At least one; NaN is missing. They are sorted in place.</param>
    /// <param name="bins">Most bins of values that are there, at least 2. Default 10; equal values share one.</param>
    public static ReferenceBins Of(Span<double> values, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Length, nameof(values));
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        values.Sort();
        var missing = 0;
        while (missing < values.Length && double.IsNaN(values[missing]))
        {
            missing++;
        }

        var known = values[missing..];
        var edges = new List<double>();
        for (var part = 1; part < bins && known.Length > 0; part++)
        {
            var edge = known[Math.Max(0, (int)((long)known.Length * part / bins) - 1)];
            if (double.IsFinite(edge) && (edges.Count == 0 || edge > edges[^1]))
            {
                edges.Add(edge);
            }
        }

        var counts = new long[edges.Count + 2];
        double[] sorted = [.. edges];
        foreach (var value in values)
        {
            counts[BinOf(sorted, value)]++;
        }

        var total = (double)values.Length;
        return new ReferenceBins(sorted, Array.ConvertAll(counts, count => count / total));
    }

    /// <summary>The bin of a value: 0 if it is missing.</summary>
    public int BinOf(double value) => BinOf(_edges, value);

    /// <summary>The edge below which about a share of the values that are there lies.</summary>
    /// <param name="share">0 to 1.</param>
    /// <returns>NaN without edges.</returns>
    public double Quantile(double share)
    {
        var known = 1 - _shares[0];
        var below = 0.0;
        for (var bin = 0; bin < _edges.Length; bin++)
        {
            below += _shares[bin + 1];
            if (below >= share * known)
            {
                return _edges[bin];
            }
        }

        return _edges.Length == 0 ? double.NaN : _edges[^1];
    }

    /// <summary>The population stability index of live values against these.</summary>
    /// <param name="counts">Live values in each bin, as many as <see cref="Count"/>.</param>
    /// <returns>0 or more; NaN without live values.</returns>
    public double Psi(ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, Count);
        double total = 0;
        foreach (var count in counts)
        {
            total += count;
        }

        double index = 0;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            var live = Math.Max(counts[bin] / total, LeastShare);
            var reference = Math.Max(_shares[bin], LeastShare);
            index += (live - reference) * Math.Log(live / reference);
        }

        return total > 0 ? index : double.NaN;
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(_edges.Length);
        foreach (var value in (double[])[.. _edges, .. _shares])
        {
            writer.Write(value);
        }
    }

    internal static ReferenceBins Read(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count is < 0 or > 1_000)
        {
            throw new InvalidDataException("These are no bins.");
        }

        var (edges, shares) = (new double[count], new double[count + 2]);
        Fill(reader, edges);
        Fill(reader, shares);
        return new ReferenceBins(edges, shares);

        static void Fill(BinaryReader reader, double[] values)
        {
            foreach (ref var value in values.AsSpan())
            {
                value = reader.ReadDouble();
            }
        }
    }

    private static int BinOf(double[] edges, double value)
    {
        if (double.IsNaN(value))
        {
            return 0;
        }

        var at = Array.BinarySearch(edges, value);
        return 1 + (at < 0 ? ~at : at);
    }
}
