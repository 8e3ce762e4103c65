namespace Ecom.Simulator;

/// <summary>Random numbers of one stream: the customers' streams do not disturb each other.</summary>
internal sealed class Dice(int seed, string stream, int index = 0)
{
    private readonly Random _random = new(Mix(seed, stream, index));

    public double Uniform() => _random.NextDouble();

    public double Uniform(double from, double until) => from + ((until - from) * _random.NextDouble());

    /// <returns>An integer in [from, until).</returns>
    public int Int(int from, int until) => _random.Next(from, until);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <returns>Index into ascending running sums, with the weights' probabilities.</returns>
    public int Weighted(double[] runningSums)
    {
        var found = Array.BinarySearch(runningSums, _random.NextDouble() * runningSums[^1]);
        return Math.Min(found < 0 ? ~found : found + 1, runningSums.Length - 1);
    }

    // Knuth's product of uniforms: rates here are far below 30.
    public int Poisson(double mean)
    {
        var limit = Math.Exp(-mean);
        var product = _random.NextDouble();
        var count = 0;
        while (product > limit)
        {
            product *= _random.NextDouble();
            count++;
        }

        return count;
    }

    /// <returns>At least 1, with the given mean.</returns>
    public int Geometric(double mean)
    {
        var count = 1;
        while (count < 30 && Chance(1 - (1 / mean)))
        {
            count++;
        }

        return count;
    }

    public double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    public double LogNormal(double median, double sigma) => median * Math.Exp(sigma * Normal());

    public string Hex(int digits) => _random.NextInt64(1L << (4 * digits)).ToString($"x{digits}");

    // FNV-1a, because string hash codes differ from process to process.
    private static int Mix(int seed, string stream, int index)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in stream)
        {
            hash = (hash ^ character) * 1099511628211UL;
        }

        hash = (hash ^ (uint)seed) * 1099511628211UL;
        hash = (hash ^ (uint)index) * 1099511628211UL;
        hash ^= hash >> 29;
        hash *= 0xBF58476D1CE4E5B9UL;
        return (int)(hash >> 33);
    }
}
