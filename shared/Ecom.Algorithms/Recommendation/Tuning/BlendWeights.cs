using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>Learns the weights of a blend on held-out users.</summary>
/// <remarks>
/// Candidates of a user are the best 100 of each member, with every member's standardised score. Weights climb one
/// after
/// the other, with steps that shrink, on the mean NDCG@20 of the candidates' order; a member that does not help ends at
/// 0. Deterministic. Memory: users × members × 100 × members × 4 bytes at most.
/// </remarks>
internal sealed class BlendWeights
{
    /// <summary>How many of a member's best items of a user are candidates.</summary>
    public const int CandidatesOfMember = 100;

    private const double LeastGain = 1e-6;

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
        var users = new UserCandidates[heldOut.Users.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, (users.Length + BatchSize - 1) / BatchSize, parallel, batch =>
        {
            int[] some = [.. heldOut.Users.Skip(batch * BatchSize).Take(BatchSize)];
            UserCandidates.Of(members, heldOut, some, CandidatesOfMember).CopyTo(users, batch * BatchSize);
        });
        return new BlendWeights(members.Count, users, threads);
    }

    /// <summary>Climbs from a start.</summary>
    /// <returns>The weights and the NDCG@20 that they reach.</returns>
    public (float[] Weights, double Ndcg) Learn(float[] start, CancellationToken cancellation)
    {
        var weights = (float[])start.Clone();
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
                        weights[member] += move;
                        var value = Ndcg(weights);
                        if (value > best + LeastGain)
                        {
                            best = value;
                            improved = true;
                            break;
                        }

                        weights[member] -= move;
                    }
                }
            }
        }

        return (weights, best);
    }

    /// <summary>Mean NDCG@20 with given weights.</summary>
    public double Ndcg(float[] weights)
    {
        var gains = new double[_users.Length];
        Parallel.For(0, gains.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads }, at =>
            gains[at] = _users[at].Ndcg(weights));
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
        IReadOnlyList<IRecommender> members, HeldOut heldOut, int[] users, int each)
    {
        var items = members[0].ItemIds.Count;
        var scores = new float[members.Count][];
        var unions = Array.ConvertAll(users, _ => new SortedSet<int>());
        for (var member = 0; member < members.Count; member++)
        {
            var own = new float[users.Length * items];
            members[member].ScoreMany(heldOut.Histories, users, own);
            for (var at = 0; at < users.Length; at++)
            {
                var part = own.AsSpan(at * items, items);
                unions[at].UnionWith(TopItems.Select(part, each, floor: 0, heldOut.ExcludedOf(users[at]))
                    .Select(one => one.Item));
                TensorPrimitives.Multiply(part, Blend.InverseDeviation(part), part);
            }

            scores[member] = own;
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

    // The place of a wanted candidate is the number of those before it: no sorting.
    public double Ndcg(ReadOnlySpan<float> weights)
    {
        if (_wanted.Length == 0)
        {
            return 0;
        }

        Span<float> sums = _count <= 1_024 ? stackalloc float[_count] : new float[_count];
        sums.Clear();
        for (var member = 0; member < weights.Length; member++)
        {
            if (weights[member] != 0)
            {
                TensorPrimitives.MultiplyAdd(
                    _scores.AsSpan(member * _count, _count), weights[member], sums, sums);
            }
        }

        var gain = 0.0;
        foreach (var at in _wanted)
        {
            var place = Before(sums, at);
            gain += place < HeldOut.Places ? 1 / Math.Log2(place + 2) : 0;
        }

        return gain / _ideal;
    }

    private static int Before(ReadOnlySpan<float> sums, int at)
    {
        var (own, before) = (sums[at], 0);
        for (var other = 0; other < sums.Length; other++)
        {
            before += sums[other] > own || (sums[other] == own && other < at) ? 1 : 0;
        }

        return before;
    }
}
