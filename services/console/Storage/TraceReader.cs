using Dapper;
using Ecom.Console.Traces;
using Npgsql;

namespace Ecom.Console.Storage;

/// <summary>Finds traces and reads them: tables <c>console.spans</c> and <c>console.logs</c>.</summary>
internal sealed class TraceReader(NpgsqlDataSource database)
{
    /// <summary>Spans read of one trace; one with more is shown in part.</summary>
    public const int MaxSpans = 5_000;

    private const int MaxLinked = 200;

    /// <summary>Reads a trace in the order of its starts.</summary>
    /// <returns>Empty if none of its spans is kept.</returns>
    public async Task<IReadOnlyList<SpanRecord>> SpansAsync(string traceId, CancellationToken cancellation)
    {
        const string Sql = """
            select trace_id, span_id, parent_id, service, scope, name, kind, started_at, duration_us,
                   status, status_message, attributes, events, links
            from spans
            where trace_id = @traceId
            order by started_at, span_id
            limit @Limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<SpanRecord>(new CommandDefinition(
            Sql, new { traceId, Limit = MaxSpans }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>
    /// Spans of other traces that this trace's spans link to, or that link to it: messages with many events.
    /// </summary>
    public async Task<IReadOnlyList<SpanRecord>> LinkedAsync(string traceId, CancellationToken cancellation)
    {
        const string Sql = """
            with pointed_at as (
                select distinct link ->> 'traceId' as trace_id, link ->> 'spanId' as span_id
                from spans s, jsonb_array_elements(s.links) link
                where s.trace_id = @traceId and s.links is not null
                limit @Limit
            )
            select s.trace_id, s.span_id, s.parent_id, s.service, s.scope, s.name, s.kind, s.started_at, s.duration_us,
                   s.status, s.status_message, s.attributes, s.events, s.links
            from spans s
            join pointed_at p on p.trace_id = s.trace_id and p.span_id = s.span_id
            where s.trace_id <> @traceId
            union
            select s.trace_id, s.span_id, s.parent_id, s.service, s.scope, s.name, s.kind, s.started_at, s.duration_us,
                   s.status, s.status_message, s.attributes, s.events, s.links
            from spans s
            where s.links @> jsonb_build_array(jsonb_build_object('traceId', @traceId::text)) and s.trace_id <> @traceId
            order by started_at
            limit @Limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<SpanRecord>(new CommandDefinition(
            Sql, new { traceId, Limit = MaxLinked }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Log lines of a trace, oldest first.</summary>
    public async Task<IReadOnlyList<LogRecord>> LogsAsync(string traceId, CancellationToken cancellation)
    {
        const string Sql = """
            select trace_id, span_id, service, severity, logged_at, body, attributes
            from logs
            where trace_id = @traceId
            order by logged_at, id
            limit 500
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<LogRecord>(new CommandDefinition(
            Sql, new { traceId }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>The newest traces with a span that fits, newest first.</summary>
    /// <remarks>
    /// A span with a few links also brings the traces that it links to; a message of many events does not, since most
    /// of them are other orders and customers. The newest 20,000 fitting spans are looked at.
    /// </remarks>
    public async Task<IReadOnlyList<TraceSummary>> SearchAsync(TraceQuery query, CancellationToken cancellation)
    {
        const string Sql = """
            with fitting as (
                select trace_id, started_at, links
                from spans
                where (@Order::text is null or refs @> array[@Order::text])
                  and (@Customer::text is null or refs @> array[@Customer::text])
                  and (@Service::text is null or service = @Service)
                  and (@From::timestamptz is null or started_at >= @From)
                  and (@To::timestamptz is null or started_at < @To)
                order by started_at desc
                limit 20000
            ),
            found as (
                select trace_id, started_at, false as by_link from fitting
                union all
                select link ->> 'traceId', f.started_at, true
                from fitting f, jsonb_array_elements(f.links) link
                where (@Order::text is not null or @Customer::text is not null)
                  and f.links is not null and jsonb_array_length(f.links) <= 8
            ),
            newest as (
                select trace_id, max(started_at) as newest_at, bool_and(by_link) as by_link
                from found
                group by trace_id
                order by newest_at desc, by_link
                limit @Limit
            )
            select n.trace_id, n.by_link, t.started_at, t.duration_us, t.span_count, t.error_count, t.services,
                   r.name as root_name, r.service as root_service
            from newest n
            cross join lateral (
                select min(s.started_at) as started_at,
                       (extract(epoch from max(s.started_at + s.duration_us * interval '1 microsecond')
                           - min(s.started_at)) * 1000000)::bigint as duration_us,
                       count(*)::int as span_count,
                       (count(*) filter (where s.status = 2))::int as error_count,
                       array_agg(distinct s.service) as services
                from spans s
                where s.trace_id = n.trace_id
            ) t
            cross join lateral (
                select s.name, s.service
                from spans s
                where s.trace_id = n.trace_id
                order by s.parent_id is not null, s.started_at
                limit 1
            ) r
            order by n.newest_at desc, n.by_link, n.trace_id
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<TraceSummary>(new CommandDefinition(
            Sql,
            new
            {
                Order = query.OrderId is { } order ? References.Order(order) : null,
                Customer = query.CustomerId is { } customer ? References.Customer(customer) : null,
                query.Service,
                From = query.From?.UtcDateTime,
                To = query.To?.UtcDateTime,
                query.Limit,
            },
            cancellationToken: cancellation))).AsList();
    }

    /// <summary>Names of the services that sent spans lately, in order.</summary>
    public async Task<IReadOnlyList<string>> ServicesAsync(CancellationToken cancellation)
    {
        // A loose scan of the index: one look-up a service in place of one a span.
        const string Sql = """
            with recursive names as (
                (select service from spans order by service limit 1)
                union all
                select (select s.service from spans s where s.service > n.service order by s.service limit 1)
                from names n
                where n.service is not null
            )
            select service from names where service is not null limit 100
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            Sql, cancellationToken: cancellation))).AsList();
    }
}
