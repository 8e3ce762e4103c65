namespace Ecom.Algorithms.Classification;

/// <summary>The values of a table as numbers of bins, column by column.</summary>
/// <remarks>
/// At most 254 cuts a column, and bin 0 for missing values. Half of the cuts part the rows evenly, half part the
/// positive rows evenly: a rare class lies in the tails, where even parts of all rows are too coarse. Cuts are values
/// that occur.
/// </remarks>
internal sealed class FeatureBins
{
    public const int Most = 256;
    private const int Sampled = 200_000;

    private FeatureBins(float[][] cuts, byte[][] columns) => (Cuts, Columns) = (cuts, columns);

    /// <summary>Of each column, ascending: bin b holds what is above cut b − 2 and up to cut b − 1.</summary>
    public float[][] Cuts { get; }

    /// <summary>Of each column, the bin of each row.</summary>
    public byte[][] Columns { get; }

    public static FeatureBins Of(
        ReadOnlyMemory<float> rows, int features, bool[] labels, ParallelOptions parallel)
    {
        var positives = Enumerable.Range(0, labels.Length).Where(row => labels[row]).ToArray();
        var (cuts, columns) = (new float[features][], new byte[features][]);
        Parallel.For(0, features, parallel, feature =>
        {
            var values = rows.Span;
            cuts[feature] = CutsOf(rows, features, feature, labels.Length, positives);
            columns[feature] = new byte[labels.Length];
            for (var row = 0; row < labels.Length; row++)
            {
                columns[feature][row] = BinOf(cuts[feature], values[(row * features) + feature]);
            }
        });
        return new FeatureBins(cuts, columns);
    }

    private static byte BinOf(float[] cuts, float value)
    {
        if (float.IsNaN(value))
        {
            return 0;
        }

        var at = Array.BinarySearch(cuts, value);
        return (byte)(1 + (at < 0 ? ~at : at));
    }

    private static float[] CutsOf(
        ReadOnlyMemory<float> rows, int features, int feature, int count, int[] positives)
    {
        var step = Math.Max(1, count / Sampled);
        var all = Known(Enumerable.Range(0, count / step).Select(at => at * step));
        var distinct = all.Distinct().Take(Most).ToArray();
        return distinct.Length < Most - 1
            ? distinct
            : [.. Even(all).Concat(Even(Known(positives))).Distinct().Order().Take(Most - 2)];

        float[] Known(IEnumerable<int> which) =>
        [
            .. which.Select(row => rows.Span[(row * features) + feature]).Where(value => !float.IsNaN(value)).Order(),
        ];

        static IEnumerable<float> Even(float[] sorted)
        {
            const int Parts = (Most / 2) - 1;
            return sorted.Length == 0 ? [] : Enumerable.Range(1, Parts)
                .Select(part => sorted[Math.Min(sorted.Length - 1, (int)((long)sorted.Length * part / (Parts + 1)))]);
        }
    }
}
