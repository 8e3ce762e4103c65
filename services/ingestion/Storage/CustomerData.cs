using Dapper;
using Ecom.Contracts.Customers;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>Everything that this service holds about one customer: to give it out, and to forget it.</summary>
/// <remarks>
/// A browser counts as the customer's own if it is linked to no other customer; only then do its anonymous events go
/// with
/// the customer. Neither question has an index of its own on the raw log: both are rare, and every index costs each
/// event.
/// </remarks>
internal sealed class CustomerData(NpgsqlDataSource database, Outbox outbox, ErasedIds erased, TimeProvider clock)
{
    /// <summary>All there is; null if there is nothing.</summary>
    public async Task<CustomerExport?> ExportAsync(string customerId, CancellationToken cancellation)
    {
        const string Events = """
            select event_id, kind, occurred_at, received_at, body from events
            where customer_id = @customerId or (customer_id is null and anonymous_id = any(@browsers))
            order by transaction_id, position
            """;
        const string Customer = """
            select country, email_domain, registered_at, changed_at from customers where customer_id = @customerId
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var browsers = await FindOwnBrowsersAsync(connection, customerId, cancellation);
        var events = (await connection.QueryAsync<ExportedEvent>(new CommandDefinition(
            Events, new { customerId, browsers }, cancellationToken: cancellation))).AsList();
        var master = await connection.QuerySingleOrDefaultAsync<ExportedCustomer>(new CommandDefinition(
            Customer, new { customerId }, cancellationToken: cancellation));
        return master is null && events.Count == 0 && browsers.Length == 0
            ? null
            : new CustomerExport(customerId, master, browsers, events);
    }

    /// <summary>Deletes, remembers the hashed ids, and tells every other service, all in one transaction.</summary>
    public async Task<Erasure> EraseAsync(string customerId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ErasureLock.TakeAsync(connection, cancellation);

        var browsers = await FindOwnBrowsersAsync(connection, customerId, cancellation);
        var parameters = new { customerId, browsers };
        Task<int> DeleteAsync(string sql) => connection.ExecuteAsync(
            new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        var events = await DeleteAsync("""
            delete from events
            where customer_id = @customerId or (customer_id is null and anonymous_id = any(@browsers))
            """);
        var rejections = await DeleteAsync("""
            delete from rejections
            where customer_id = @customerId or (customer_id is null and anonymous_id = any(@browsers))
            """);
        await DeleteAsync("delete from customers where customer_id = @customerId");
        await DeleteAsync("delete from identities where customer_id = @customerId");
        await erased.RememberAsync(connection, [customerId, .. browsers], cancellation);

        var at = clock.GetUtcNow();
        var message = new CustomerErased
        {
            EventId = Guid.CreateVersion7(at),
            CustomerId = customerId,
            AnonymousIds = browsers,
            RequestedAt = at,
            PartitionKey = customerId,
        };
        await outbox.AddAsync(connection, [new OutboxMessage(message.EventId, message)], cancellation);
        await transaction.CommitAsync(cancellation);
        return new Erasure(message.EventId, at, events, rejections, browsers.Length);
    }

    private static async Task<string[]> FindOwnBrowsersAsync(
        NpgsqlConnection connection, string customerId, CancellationToken cancellation)
    {
        const string Sql = """
            select anonymous_id from identities mine
            where customer_id = @customerId and not exists (
                select from identities other
                where other.anonymous_id = mine.anonymous_id and other.customer_id <> @customerId)
            order by anonymous_id
            """;

        return [.. await connection.QueryAsync<string>(
            new CommandDefinition(Sql, new { customerId }, cancellationToken: cancellation))];
    }
}

/// <summary>What was erased.</summary>
/// <param name="EventId">Id of the CustomerErased message that tells the other services.</param>
/// <param name="RequestedAt">When, UTC.</param>
/// <param name="Events">Rows deleted from the raw log.</param>
/// <param name="Rejections">Rejected events and lines deleted.</param>
/// <param name="Browsers">Browsers that belonged to the customer alone.</param>
internal sealed record Erasure(Guid EventId, DateTimeOffset RequestedAt, int Events, int Rejections, int Browsers);

/// <summary>Everything held about a customer.</summary>
internal sealed record CustomerExport(
    string CustomerId,
    ExportedCustomer? Customer,
    IReadOnlyList<string> AnonymousIds,
    IReadOnlyList<ExportedEvent> Events);

/// <summary>The customer's master data; what is hashed says nothing to a person and is left out.</summary>
internal sealed record ExportedCustomer
{
    public required string? Country { get; init; }

    public required string? EmailDomain { get; init; }

    public required DateTimeOffset? RegisteredAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>An event of the customer.</summary>
internal sealed record ExportedEvent
{
    public required Guid EventId { get; init; }

    public required string Kind { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The contract message as JSON text.</summary>
    public required string Body { get; init; }
}
