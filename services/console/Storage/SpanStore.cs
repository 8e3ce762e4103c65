using Dapper;
using Ecom.Console.Traces;
using Npgsql;

namespace Ecom.Console.Storage;

/// <summary>Writes and prunes what came in over OTLP: tables <c>console.spans</c> and <c>console.logs</c>.</summary>
internal sealed class SpanStore(NpgsqlDataSource database)
{
    // Separates the references of one span in the batch; the decoder strips control characters from ids.
    private const char Separator = '\u001f';

    /// <summary>Writes a batch; spans already there (an exporter's retry) are left as they are.</summary>
    /// <returns>How many spans were new.</returns>
    public async Task<int> AddAsync(IReadOnlyCollection<SpanRecord> spans, CancellationToken cancellation)
    {
        const string EnsureDay = "select ensure_span_day(@Day)";
        const string Insert = """
            insert into spans (trace_id, span_id, parent_id, service, scope, name, kind, started_at, duration_us,
                               status, status_message, attributes, events, links, refs)
            select t, s, p, service, scope, name, kind, started_at, duration_us,
                   status, message, attributes::jsonb, events::jsonb, links::jsonb, string_to_array(refs, @Separator)
            from unnest(@TraceIds, @SpanIds, @ParentIds, @Services, @Scopes, @Names, @Kinds, @Starts, @Durations,
                        @Statuses, @Messages, @Attributes, @Events, @Links, @Refs)
                as batch (t, s, p, service, scope, name, kind, started_at, duration_us,
                          status, message, attributes, events, links, refs)
            on conflict do nothing
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        foreach (var day in spans.Select(span => DateOnly.FromDateTime(span.StartedAt.UtcDateTime)).Distinct().Order())
        {
            await connection.ExecuteAsync(new CommandDefinition(
                EnsureDay, new { Day = day }, cancellationToken: cancellation));
        }

        return await connection.ExecuteAsync(new CommandDefinition(
            Insert,
            new
            {
                Separator = Separator.ToString(),
                TraceIds = spans.Select(span => span.TraceId).ToArray(),
                SpanIds = spans.Select(span => span.SpanId).ToArray(),
                ParentIds = spans.Select(span => span.ParentId).ToArray(),
                Services = spans.Select(span => span.Service).ToArray(),
                Scopes = spans.Select(span => span.Scope).ToArray(),
                Names = spans.Select(span => span.Name).ToArray(),
                Kinds = spans.Select(span => (short)span.Kind).ToArray(),
                Starts = spans.Select(span => span.StartedAt.UtcDateTime).ToArray(),
                Durations = spans.Select(span => span.DurationUs).ToArray(),
                Statuses = spans.Select(span => (short)span.Status).ToArray(),
                Messages = spans.Select(span => span.StatusMessage).ToArray(),
                Attributes = spans.Select(span => span.Attributes).ToArray(),
                Events = spans.Select(span => span.Events).ToArray(),
                Links = spans.Select(span => span.Links).ToArray(),
                Refs = spans.Select(span => span.Refs.Length == 0 ? null : string.Join(Separator, span.Refs)).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>Writes log lines.</summary>
    public async Task AddAsync(IReadOnlyCollection<LogRecord> logs, CancellationToken cancellation)
    {
        const string Sql = """
            insert into logs (trace_id, span_id, service, severity, logged_at, body, attributes)
            select t, s, service, severity, logged_at, body, attributes::jsonb
            from unnest(@TraceIds, @SpanIds, @Services, @Severities, @Times, @Bodies, @Attributes)
                as batch (t, s, service, severity, logged_at, body, attributes)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                TraceIds = logs.Select(log => log.TraceId).ToArray(),
                SpanIds = logs.Select(log => log.SpanId).ToArray(),
                Services = logs.Select(log => log.Service).ToArray(),
                Severities = logs.Select(log => log.Severity).ToArray(),
                Times = logs.Select(log => log.LoggedAt.UtcDateTime).ToArray(),
                Bodies = logs.Select(log => log.Body).ToArray(),
                Attributes = logs.Select(log => log.Attributes).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>
    /// Drops the days before <paramref name="oldestKept"/>: spans by their start, log lines by their time.
    /// </summary>
    /// <returns>Days of spans dropped.</returns>
    public async Task<int> PruneAsync(DateOnly oldestKept, CancellationToken cancellation)
    {
        const string DropSpans = "select drop_span_days(@OldestKept)";
        const string DeleteLogs = "delete from logs where logged_at < @OldestKept::timestamp at time zone 'utc'";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            DeleteLogs, new { OldestKept = oldestKept }, cancellationToken: cancellation));
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            DropSpans, new { OldestKept = oldestKept }, cancellationToken: cancellation));
    }
}
