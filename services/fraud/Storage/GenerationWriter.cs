using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Online;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Writes and compares generations beside the writers of events and decisions.</summary>
internal sealed class GenerationWriter(NpgsqlDataSource database, OnlineFeatures online)
{
    /// <summary>Waits until every writer under way when this was called has ended.</summary>
    public async Task AwaitWritersAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.HoldErasureAsync(connection, cancellation);
    }

    /// <summary>Puts the payments after one, by id, and their labels into one generation.</summary>
    /// <remarks>
    /// With erasures kept away: one before has deleted what is read here, one after takes out what was put in.
    /// </remarks>
    /// <returns>The payments; fewer than the limit are the last.</returns>
    public async Task<IReadOnlyList<PaymentAttempted>> FillAsync(
        RedisFeatureStore store,
        Func<PaymentAttempted, IEnumerable<EntityDelta>> fold,
        string after,
        int limit,
        CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var page = await PaymentLedger.ReadPageAsync(connection, after, limit, cancellation);
        var labels = await LabelState.DeltasOfAsync(connection, page, cancellation);
        await store.ApplyAsync([.. page.SelectMany(fold), .. labels], cancellation);
        return page;
    }

    /// <summary>Compares entities of two generations while nobody writes.</summary>
    public async Task<(int Compared, IReadOnlyList<EntityKey> Differing)> CompareAsync(
        int active, int building, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.HoldErasureAsync(connection, cancellation);
        return await online.CompareAsync(active, building, limit, cancellation);
    }
}
