using Ecom.Algorithms.Recommendation;
using static TorchSharp.torch;

namespace Ecom.Algorithms.Deep;

/// <summary>A network under training on one matrix.</summary>
internal abstract class Network : IDisposable
{
    /// <summary>Shows it all histories once, or as often as its method wants in an epoch.</summary>
    public abstract void RunEpoch(CancellationToken cancellation);

    /// <summary>Scores of all items, users × items, as the exported model will give them up to a constant a
    /// user.</summary>
    public abstract Tensor Scores(ReadOnlySpan<int> users);

    /// <summary>The same in a plain array.</summary>
    public float[] ScoresOf(ReadOnlySpan<int> users)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        return DenseRows.ToArray(Scores(users));
    }

    /// <summary>The trained weights in plain code.</summary>
    public abstract IRecommender Export(IReadOnlyList<string> itemIds);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Users with a history, shuffled, in parts.</summary>
    protected static IEnumerable<int[]> Batches(Interactions interactions, int size, Random random)
    {
        var users = Enumerable.Range(0, interactions.UserCount)
            .Where(user => interactions.ItemsOf(user).Length > 0).ToArray();
        random.Shuffle(users);
        return users.Chunk(size);
    }
}

/// <summary>How long a network is trained.</summary>
/// <param name="Epochs">Most epochs, at least 1.</param>
/// <param name="Patience">Epochs without a better validation after which it ends, at least 1.</param>
/// <param name="ValidationShare">Share of each history that is hidden; 0 trains for all epochs.</param>
/// <param name="Seed">Of everything random.</param>
internal sealed record Schedule(int Epochs, int Patience, double ValidationShare, int Seed)
{
    // libtorch's random numbers belong to the process: two fits at once would disturb each other.
    private static readonly Lock _gate = new();

    /// <summary>
    /// Trains on a part of each history until the rest is no longer ranked better, then anew on everything for as many
    /// epochs.
    /// </summary>
    /// <param name="create">A fresh network for a matrix.</param>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="progress">Told share done and stage.</param>
    /// <param name="cancellation">Stops it between two steps.</param>
    public IRecommender Fit(
        Func<Interactions, Network> create,
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        Action<double, string>? progress,
        CancellationToken cancellation)
    {
        lock (_gate)
        {
            var validates = ValidationShare > 0 && interactions.ItemCount > 1;
            var epochs = validates ? BestEpoch(create, interactions, progress, cancellation) : Epochs;
            var begin = validates ? 0.5 : 0;
            random.manual_seed(Seed);
            using var network = create(interactions);
            for (var epoch = 1; epoch <= epochs; epoch++)
            {
                progress?.Invoke(
                    begin + ((1 - begin) * (epoch - 1) / epochs), $"epoch {epoch} of {epochs} on everything");
                network.RunEpoch(cancellation);
            }

            return network.Export(itemIds);
        }
    }

    private int BestEpoch(
        Func<Interactions, Network> create,
        Interactions interactions,
        Action<double, string>? progress,
        CancellationToken cancellation)
    {
        var held = HeldOut.Of(interactions, ValidationShare, Seed);
        if (held.Users.Length == 0)
        {
            return Epochs;
        }

        random.manual_seed(Seed);
        using var network = create(held.Known);
        var (best, bestEpoch) = (-1.0, 1);
        for (var epoch = 1; epoch <= Epochs && epoch - bestEpoch < Patience; epoch++)
        {
            network.RunEpoch(cancellation);
            var ndcg = held.Ndcg(network, cancellation);
            if (ndcg > best)
            {
                (best, bestEpoch) = (ndcg, epoch);
            }

            progress?.Invoke(
                0.5 * epoch / Epochs,
                FormattableString.Invariant(
                    $"epoch {epoch}: validation ndcg@{HeldOut.Places} {ndcg:F4}, best {best:F4} at {bestEpoch}"));
        }

        return bestEpoch;
    }
}
