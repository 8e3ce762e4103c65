using System.Numerics;
using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>Learns the weights of a blend on held-out users.</summary>
/// <remarks>
/// Candidates of a user are the best 40 to 100 of each member, 1,000 in all where members are many, with every member's
/// standardised score. Weights climb one after the other, with steps that shrink, on the mean NDCG@20 of the
/// candidates' order; a member that does not help ends at 0. Deterministic. Memory: users × 1,000 × members × 4 bytes
/// for up to 25 members.
/// </remarks>
internal sealed class BlendWeights
{
    /// <summary>How many of a member's best items of a user are candidates at most.</summary>
    public const int CandidatesOfMember = 100;
    private const int LeastCandidatesOfMember = 40;
    private const int CandidatesInAll = 1_000;
    private const double LeastGain = 1e-6;

    // Steps up and down may leave the last bit of a weight that is none.
    private const float LeastWeight = 1e-3f;

    private readonly int _members;
    private readonly UserCandidates[] _users;
    private readonly int _threads;

    private BlendWeights(int members, UserCandidates[] users, int threads)
    {
        _members = members;
        _users = users;
        _threads = threads;
    }

    /// <summary>Collects the candidates of all users.</summary>
    public static BlendWeights Collect(
        IReadOnlyList<IRecommender> members,
        HeldOut heldOut,
        int threads,
        CancellationToken cancellation)
    {
        const int BatchSize = 16;
        var each = Math.Clamp(
            CandidatesInAll / Math.Max(1, members.Count), LeastCandidatesOfMember, CandidatesOfMember);
        var users = new UserCandidates[heldOut.Users.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };

        // Scores of large catalogues are megabytes: each thread keeps its own, or the collector lags behind by far.
        float[][] Buffers() => [.. members.Select(_ => new float[BatchSize * members[0].ItemIds.Count])];
        Parallel.For(0, (users.Length + BatchSize - 1) / BatchSize, parallel, Buffers, (batch, _, buffers) =>
        {
            int[] some = [.. heldOut.Users.Skip(batch * BatchSize).Take(BatchSize)];
            UserCandidates.Of(members, heldOut, some, each, buffers).CopyTo(users, batch * BatchSize);
            return buffers;
        }, _ => { });
        return new BlendWeights(members.Count, users, threads);
    }

    /// <summary>Climbs from a start.</summary>
    /// <returns>The weights and the NDCG@20 that they reach.</returns>
    public (float[] Weights, double Ndcg) Learn(float[] start, CancellationToken cancellation)
    {
        var weights = (float[])start.Clone();
        var sums = Sums(weights);
        var best = Ndcg(weights);
        foreach (var step in new[] { 0.5f, 0.25f, 0.1f, 0.05f })
        {
            for (var improved = true; improved;)
            {
                improved = false;
                for (var member = 0; member < _members; member++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    foreach (var move in new[] { step, -step })
                    {
                        // Only one member's part changes: the other members' sum is kept.
                        var (moved, by) = (member, move);
                        var value = Mean(at => _users[at].Ndcg(sums[at], moved, by));
                        if (value > best + LeastGain)
                        {
                            weights[member] += move;
                            sums = Sums(weights);
                            best = value;
                            improved = true;
                            break;
                        }
                    }
                }
            }
        }

        return (Array.ConvertAll(weights, weight => Math.Abs(weight) < LeastWeight ? 0 : weight), best);
    }

    /// <summary>Mean NDCG@20 with given weights.</summary>
    public double Ndcg(float[] weights)
    {
        var sums = Sums(weights);
        return Mean(at => _users[at].Ndcg(sums[at], 0, 0));
    }

    private float[][] Sums(float[] weights)
    {
        var sums = new float[_users.Length][];
        Parallel.For(0, sums.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads }, at =>
            sums[at] = _users[at].Sums(weights));
        return sums;
    }

    private double Mean(Func<int, double> of)
    {
        var gains = new double[_users.Length];
        Parallel.For(0, gains.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads }, at =>
            gains[at] = of(at));
        return gains.Length == 0 ? 0 : gains.Average();
    }
}

/// <summary>A user's candidates with every member's standardised score: one row a member.</summary>
internal sealed class UserCandidates
{
    private readonly float[] _scores;
    private readonly int[] _wanted;
    private readonly int _count;
    private readonly double _ideal;

    private UserCandidates(float[] scores, int[] wanted, int count, int wantedInAll)
    {
        _scores = scores;
        _wanted = wanted;
        _count = count;
        for (var place = 0; place < Math.Min(HeldOut.Places, wantedInAll); place++)
        {
            _ideal += 1 / Math.Log2(place + 2);
        }
    }

    /// <summary>The candidates of some users.</summary>
    public static UserCandidates[] Of(
        IReadOnlyList<IRecommender> members, HeldOut heldOut, int[] users, int each, float[][] scores)
    {
        var items = members[0].ItemIds.Count;
        var unions = Array.ConvertAll(users, _ => new SortedSet<int>());
        for (var member = 0; member < members.Count; member++)
        {
            var own = scores[member].AsSpan(0, users.Length * items);
            members[member].ScoreMany(heldOut.Histories, users, own);
            for (var at = 0; at < users.Length; at++)
            {
                var part = own.Slice(at * items, items);
                unions[at].UnionWith(TopItems.Select(part, each, floor: 0, heldOut.ExcludedOf(users[at]))
                    .Select(one => one.Item));
                TensorPrimitives.Multiply(part, Blend.InverseDeviation(part), part);
            }
        }

        var found = new UserCandidates[users.Length];
        for (var at = 0; at < users.Length; at++)
        {
            var from = at * items;
            found[at] = Of([.. unions[at]], member => scores[member].AsSpan(from, items), members.Count,
                heldOut.WantedOf(users[at]));
        }

        return found;
    }

    private static UserCandidates Of(
        int[] candidates, Func<int, ReadOnlySpan<float>> scoresOf, int members, ReadOnlySpan<int> wanted)
    {
        var kept = new float[members * candidates.Length];
        for (var member = 0; member < members; member++)
        {
            var scores = scoresOf(member);
            for (var at = 0; at < candidates.Length; at++)
            {
                kept[(member * candidates.Length) + at] = scores[candidates[at]];
            }
        }

        var places = new List<int>();
        for (var at = 0; at < candidates.Length; at++)
        {
            if (wanted.Contains(candidates[at]))
            {
                places.Add(at);
            }
        }

        return new UserCandidates(kept, [.. places], candidates.Length, wanted.Length);
    }

    /// <summary>The weighted scores of all candidates.</summary>
    public float[] Sums(ReadOnlySpan<float> weights)
    {
        var sums = new float[_count];
        for (var member = 0; member < weights.Length; member++)
        {
            if (weights[member] != 0)
            {
                TensorPrimitives.MultiplyAdd(Row(member), weights[member], sums, sums);
            }
        }

        return sums;
    }

    /// <summary>NDCG@20 when one member's weight moves.</summary>
    public double Ndcg(ReadOnlySpan<float> sums, int member, float move)
    {
        if (_wanted.Length == 0)
        {
            return 0;
        }

        Span<float> moved = _count <= 2_048 ? stackalloc float[_count] : new float[_count];
        TensorPrimitives.MultiplyAdd(Row(member), move, sums, moved);
        var gain = 0.0;
        foreach (var at in _wanted)
        {
            var place = Before(moved, at);
            gain += place < HeldOut.Places ? 1 / Math.Log2(place + 2) : 0;
        }

        return gain / _ideal;
    }

    private ReadOnlySpan<float> Row(int member) => _scores.AsSpan(member * _count, _count);

    // The place of a wanted candidate is the number of those before it: no sorting. Equal ones go by their order.
    private static int Before(ReadOnlySpan<float> sums, int at)
    {
        var (own, before, other) = (sums[at], 0, 0);
        var all = new Vector<float>(own);
        for (; other + Vector<float>.Count <= sums.Length; other += Vector<float>.Count)
        {
            var some = new Vector<float>(sums[other..]);
            before -= Vector.Sum(Vector.GreaterThan(some, all));
            if (other < at && Vector.EqualsAny(some, all))
            {
                for (var equal = other; equal < Math.Min(at, other + Vector<float>.Count); equal++)
                {
                    before += sums[equal] == own ? 1 : 0;
                }
            }
        }

        for (; other < sums.Length; other++)
        {
            before += sums[other] > own || (sums[other] == own && other < at) ? 1 : 0;
        }

        return before;
    }
}
