using Ecom.Features;
using Ecom.Features.Online;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>Writes and compares generations beside the writers of events.</summary>
internal sealed class GenerationWriter(NpgsqlDataSource database, EventRecorder recorder, OnlineFeatures online)
{
    /// <summary>Puts recorded messages into one generation.</summary>
    /// <remarks>
    /// An erasure waits for this, or was committed before it: what was read before the erasure does not come back.
    /// </remarks>
    public async Task FillAsync(
        RedisFeatureStore store, IReadOnlyList<RecordedMessage> messages, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriterLock.ShareAsync(connection, cancellation);
        var kept = await recorder.WithoutErasedAsync(connection, messages, cancellation);
        await store.ApplyAsync(
            online.Set.Fold([.. kept.Select(m => KeyValuePair.Create(m.MessageId, m.Events))]), cancellation);
    }

    /// <summary>Compares entities of two generations while nobody writes.</summary>
    public async Task<(int Compared, IReadOnlyList<EntityKey> Differing)> CompareAsync(
        int active, int building, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriterLock.HoldAsync(connection, cancellation);
        return await online.CompareAsync(active, building, limit, cancellation);
    }
}
