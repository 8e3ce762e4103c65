using System.Security.Cryptography;
using System.Text;
using Dapper;
using Ecom.Contracts.Forecasts;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Forecasting.Storage;

/// <summary>Proposals to order stock: table <c>reorder_proposals</c>.</summary>
internal sealed class ReorderStore(NpgsqlDataSource database, Outbox outbox)
{
    /// <summary>
    /// Proposes an order for each product whose live stock fell to its reorder point, unless a proposal is open or was
    /// accepted
    /// within the lead time, and announces them.
    /// </summary>
    /// <returns>How many proposals were made.</returns>
    public async Task<int> ProposeAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        const string Due = """
            select product_id, stock, ceil(order_up_to - stock)::int as quantity, safety_stock, reorder_point,
                   order_up_to, lead_time_days, service_level
            from forecasts
            join products using (product_id)
            where active and stock_live and stock <= reorder_point and order_up_to > stock
              and not exists (
                  select from reorder_proposals p
                  where p.product_id = forecasts.product_id
                    and (p.state = 'open'
                      or p.state = 'accepted' and p.decided_at > @now - make_interval(days => lead_time_days)
                      or p.state = 'dismissed' and p.decided_at > @now - interval '1 day'))
            order by product_id
            limit 1000
            """;
        const string Insert = """
            insert into reorder_proposals (proposal_id, product_id, quantity, stock, safety_stock, reorder_point,
                order_up_to, lead_time_days, service_level, state, proposed_at)
            values (@ProposalId, @ProductId, @Quantity, @Stock, @SafetyStock, @ReorderPoint, @OrderUpTo, @LeadTimeDays,
                @ServiceLevel, 'open', @ProposedAt)
            on conflict (proposal_id) do nothing
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var due = await connection.QueryAsync<DueProduct>(new CommandDefinition(
            Due, new { now }, cancellationToken: cancellation));
        var announcements = new List<OutboxMessage>();
        foreach (var product in due)
        {
            var proposal = Propose(product, now);
            var insert = new CommandDefinition(Insert, proposal, cancellationToken: cancellation);
            if (await connection.ExecuteAsync(insert) == 1)
            {
                announcements.Add(Announce(proposal));
            }
        }

        await outbox.AddAsync(connection, announcements, cancellation);
        await transaction.CommitAsync(cancellation);
        return announcements.Count;
    }

    /// <summary>Proposals, newest first, with product names.</summary>
    /// <param name="state">open, accepted or dismissed; null for all.</param>
    /// <param name="skip">Rows to leave out.</param>
    /// <param name="count">Most rows.</param>
    /// <param name="cancellation">Stops the query.</param>
    public async Task<IReadOnlyList<ReorderProposal>> ReadAsync(
        string? state, int skip, int count, CancellationToken cancellation)
    {
        const string Sql = """
            select reorder_proposals.*, products.name
            from reorder_proposals
            left join products using (product_id)
            where @state is null or state = @state
            order by proposed_at desc, product_id
            offset @skip limit @count
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ReorderProposal>(new CommandDefinition(
            Sql, new { state, skip, count }, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>Decides an open proposal; deciding it the same way again changes nothing.</summary>
    /// <returns>The proposal as it stands now; null if there is none of this id.</returns>
    public async Task<ReorderProposal?> DecideAsync(
        Guid proposalId, string state, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        const string Sql = """
            update reorder_proposals set state = @state, decided_at = @now, decided_by = @by
            where proposal_id = @proposalId and state = 'open';

            select reorder_proposals.*, products.name
            from reorder_proposals
            left join products using (product_id)
            where proposal_id = @proposalId;
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<ReorderProposal>(new CommandDefinition(
            Sql, new { proposalId, state, by, now }, cancellationToken: cancellation));
    }

    private static ReorderProposal Propose(DueProduct product, DateTimeOffset now) => new()
    {
        ProposalId = IdOf(product, now),
        ProductId = product.ProductId,
        Quantity = product.Quantity,
        Stock = product.Stock,
        SafetyStock = product.SafetyStock,
        ReorderPoint = product.ReorderPoint,
        OrderUpTo = product.OrderUpTo,
        LeadTimeDays = product.LeadTimeDays,
        ServiceLevel = product.ServiceLevel,
        State = "open",
        ProposedAt = now,
    };

    // The same product, day and policy give the same id: two replicas cannot propose twice.
    private static Guid IdOf(DueProduct product, DateTimeOffset now)
    {
        var key = FormattableString.Invariant(
            $"{product.ProductId}\n{now:yyyy-MM-dd}\n{product.LeadTimeDays}\n{product.ServiceLevel:R}");
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));
    }

    private static OutboxMessage Announce(ReorderProposal proposal) => new(
        proposal.ProposalId,
        new ReorderRecommended
        {
            ProposalId = proposal.ProposalId,
            ProductId = proposal.ProductId,
            Quantity = proposal.Quantity,
            Stock = proposal.Stock,
            ReorderPoint = proposal.ReorderPoint,
            LeadTimeDays = proposal.LeadTimeDays,
            ServiceLevel = proposal.ServiceLevel,
            RecommendedAt = proposal.ProposedAt,
        });

    private sealed record DueProduct
    {
        public required string ProductId { get; init; }

        public required int Stock { get; init; }

        public required int Quantity { get; init; }

        public required double SafetyStock { get; init; }

        public required double ReorderPoint { get; init; }

        public required double OrderUpTo { get; init; }

        public required int LeadTimeDays { get; init; }

        public required double ServiceLevel { get; init; }
    }
}

/// <summary>A proposal to order stock, with what it rests on.</summary>
internal sealed record ReorderProposal
{
    public required Guid ProposalId { get; init; }

    public required string ProductId { get; init; }

    /// <summary>Null if the catalogue does not know the product.</summary>
    public string? Name { get; init; }

    public required int Quantity { get; init; }

    /// <summary>Units on hand when it was proposed.</summary>
    public required int Stock { get; init; }

    public required double SafetyStock { get; init; }

    public required double ReorderPoint { get; init; }

    public required double OrderUpTo { get; init; }

    public required int LeadTimeDays { get; init; }

    public required double ServiceLevel { get; init; }

    /// <summary>open, accepted or dismissed.</summary>
    public required string State { get; init; }

    public required DateTimeOffset ProposedAt { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Client of the key that decided.</summary>
    public string? DecidedBy { get; init; }
}
