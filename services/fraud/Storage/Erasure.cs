using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Forgets a customer: decisions, alerts, labels, what Redis remembers. Counts of cards, devices and addresses that
/// others may share stay, without the customer. Doing it again does nothing.
/// </summary>
internal sealed class Erasure(NpgsqlDataSource database, OnlineFeatures online, ErasedIds erased)
{
    public async Task EraseAsync(CustomerErased message, CancellationToken cancellation)
    {
        const string Seen = """
            delete from sightings where customer_id = @CustomerId returning kind, entity
            """;
        const string Delete = """
            with gone as (
                delete from decisions
                where customer_id = @CustomerId or (customer_id is null and anonymous_id = any(@Anonymous))
                returning payment_id)
            delete from labels using gone where labels.payment_id = gone.payment_id
            """;

        var anonymous = message.AnonymousIds.ToArray();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.HoldErasureAsync(connection, cancellation);
        await erased.RememberAsync(connection, [message.CustomerId, .. anonymous], cancellation);
        var seen = await connection.QueryAsync<(string Kind, string Entity)>(new CommandDefinition(
            Seen, new { message.CustomerId }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Delete, new { message.CustomerId, Anonymous = anonymous }, cancellationToken: cancellation));
        await online.RemoveAsync(
            [
                new EntityKey(EntityKind.Customer, message.CustomerId),
                .. anonymous.Select(id => new EntityKey(EntityKind.Visitor, id)),
            ],
            cancellation);
        await online.RemoveMemberAsync(
            [.. seen.Select(row => new EntityKey(Enum.Parse<EntityKind>(row.Kind), row.Entity))],
            message.CustomerId,
            cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
