using Ecom.Contracts.Recommendations;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Puts the announcement of answers into the outbox.</summary>
internal sealed class AnswerStore(NpgsqlDataSource database, Outbox outbox)
{
    public async Task AnnounceAsync(IReadOnlyList<ServedRecommendation> answers, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var message = new RecommendationsServed { Answers = answers };
        await outbox.AddAsync(connection, [new OutboxMessage(Guid.CreateVersion7(), message)], cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
