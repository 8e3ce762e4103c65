using System.Security.Cryptography;
using Dapper;
using Ecom.Ingestion.Envelopes;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>
/// Exact counts of what was ever received: table counters, written in the transaction that they count.
/// </summary>
internal sealed class Counters(NpgsqlDataSource database)
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
    public const string Rejected = "rejected";
    public const string LinesAccepted = "lines_accepted";
    public const string LinesDuplicate = "lines_duplicate";
    public const string LinesRejected = "lines_rejected";

    private const int Slots = 16;

    // Any number serves: replicas that meet on a slot only wait for each other's commit.
    private readonly short _slot = (short)RandomNumberGenerator.GetInt32(Slots);

    /// <summary>Adds a group's verdicts in the open transaction.</summary>
    public async Task AddAsync(
        NpgsqlConnection connection,
        IReadOnlyList<ReadEvent> events,
        IReadOnlyList<Verdict> verdicts,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into counters as c (slot, name, label, value)
            select @Slot, name, label, value from unnest(@Names, @Labels, @Values) as i (name, label, value)
            order by name, label
            on conflict (slot, name, label) do update set value = c.value + excluded.value
            """;

        var counts = Count(events, verdicts);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Slot = _slot,
                Names = counts.Keys.Select(key => key.Name).ToArray(),
                Labels = counts.Keys.Select(key => key.Label).ToArray(),
                Values = counts.Values.ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>All counts, by name and label.</summary>
    public async Task<IReadOnlyDictionary<(string Name, string Label), long>> ReadAsync(
        CancellationToken cancellation)
    {
        const string Sql = """
            select name, label, sum(value)::bigint as value from counters
            group by name, label order by name, label
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<(string Name, string Label, long Value)>(
            new CommandDefinition(Sql, cancellationToken: cancellation));
        return rows.ToDictionary(row => (row.Name, row.Label), row => row.Value);
    }

    private static Dictionary<(string Name, string Label), long> Count(
        IReadOnlyList<ReadEvent> events, IReadOnlyList<Verdict> verdicts)
    {
        var counts = new Dictionary<(string Name, string Label), long>();
        void Add(string name, string label, int count)
        {
            if (count > 0)
            {
                counts[(name, label)] = counts.GetValueOrDefault((name, label)) + count;
            }
        }

        foreach (var (read, verdict) in events.Zip(verdicts))
        {
            switch (verdict.Status)
            {
                case VerdictStatus.Accepted:
                    Add(Accepted, read.Kind, 1);
                    Add(LinesAccepted, read.Kind, read.LineCount - read.RejectedLines.Count);
                    break;
                case VerdictStatus.Duplicate:
                    Add(Duplicate, read.Kind, 1);
                    Add(LinesDuplicate, read.Kind, read.LineCount);
                    continue;
                default:
                    Add(Rejected, verdict.Rejection!.Reason, 1);
                    Add(LinesRejected, verdict.Rejection.Reason, read.LineCount - read.RejectedLines.Count);
                    break;
            }

            foreach (var line in read.RejectedLines)
            {
                Add(LinesRejected, line.Reason, 1);
            }
        }

        return counts;
    }
}
