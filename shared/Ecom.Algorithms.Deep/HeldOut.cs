using Ecom.Algorithms.Recommendation;
using static TorchSharp.torch;

namespace Ecom.Algorithms.Deep;

/// <summary>Part of each history, hidden while a network learns, that says when to stop.</summary>
internal sealed class HeldOut
{
    /// <summary>Places that count.</summary>
    public const int Places = 20;

    /// <summary>Shorter histories hide nothing.</summary>
    private const int ShortestHistory = 5;

    // A field, since a temporary scalar may be freed while libtorch reads it.
    private static readonly TorchSharp.Scalar _far = 1e9f;

    private HeldOut(Interactions known, int[][] wanted)
    {
        Known = known;
        Wanted = wanted;
        Users = [.. Enumerable.Range(0, wanted.Length).Where(user => wanted[user].Length > 0)];
    }

    /// <summary>What is left to learn from; users and items as before.</summary>
    public Interactions Known { get; }

    /// <summary>Hidden items of each user.</summary>
    public int[][] Wanted { get; }

    /// <summary>Users with hidden items, ascending.</summary>
    public int[] Users { get; }

    /// <param name="interactions">Users × items.</param>
    /// <param name="share">Share of each history that is hidden, at least one item, in (0, 1).</param>
    /// <param name="seed">Chooses the items.</param>
    public static HeldOut Of(Interactions interactions, double share, int seed)
    {
        var random = new Random(seed);
        var wanted = new int[interactions.UserCount][];
        var (users, items, weights) = (new List<int>(), new List<int>(), new List<float>());
        for (var user = 0; user < interactions.UserCount; user++)
        {
            var history = interactions.ItemsOf(user).ToArray();
            var values = interactions.WeightsOf(user);
            var hidden = history.Length < ShortestHistory ? 0 : Math.Max(1, (int)(history.Length * share));
            var order = Enumerable.Range(0, history.Length).ToArray();
            random.Shuffle(order);
            wanted[user] = [.. order.Take(hidden).Select(at => history[at])];
            foreach (var at in order.Skip(hidden))
            {
                users.Add(user);
                items.Add(history[at]);
                weights.Add(values[at]);
            }
        }

        var known = Interactions.Create(
            interactions.UserCount, interactions.ItemCount, users.ToArray(), items.ToArray(), weights.ToArray());
        return new HeldOut(known, wanted);
    }

    /// <summary>Mean NDCG@20 of the hidden items, the known ones left out.</summary>
    /// <param name="network">Scores the histories of <see cref="Known"/>.</param>
    /// <param name="cancellation">Stops it.</param>
    public double Ndcg(Network network, CancellationToken cancellation)
    {
        const int Batch = 256;
        var places = Math.Min(Places, Known.ItemCount);
        var sum = 0.0;
        for (var from = 0; from < Users.Length; from += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            var users = Users.AsSpan(from, Math.Min(Batch, Users.Length - from));
            var seen = DenseRows.Of(Known, users, binary: true);
            var (_, best) = (network.Scores(users) - (seen * _far)).topk(places, 1);
            var lists = best.data<long>().ToArray();
            for (var row = 0; row < users.Length; row++)
            {
                sum += Ndcg(lists.AsSpan(row * places, places), Wanted[users[row]]);
            }
        }

        return sum / Math.Max(1, Users.Length);
    }

    private static double Ndcg(ReadOnlySpan<long> list, int[] wanted)
    {
        var (gain, ideal) = (0.0, 0.0);
        for (var place = 0; place < list.Length; place++)
        {
            var discount = 1 / Math.Log2(place + 2);
            gain += wanted.Contains((int)list[place]) ? discount : 0;
            ideal += place < wanted.Length ? discount : 0;
        }

        return gain / ideal;
    }
}
