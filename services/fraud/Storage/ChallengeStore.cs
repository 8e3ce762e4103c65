using Dapper;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Counts what the challenger said beside the champion.</summary>
internal sealed class ChallengeStore(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The newest days that are counted: more would read for seconds.</summary>
    private const int Days = 30;

    public async Task<ChallengeCounts> CountAsync(ModelRole challenger, CancellationToken cancellation)
    {
        const string Sql = $"""
            select count(*) as asked,
                count(*) filter (where challenger_decision = 'Review') as review,
                count(*) filter (where challenger_decision = 'Block') as block,
                count(*) filter (where challenger_decision is distinct from model_decision) as differing,
                count(*) filter (where challenger_decision <> 'Allow' and label.fraud) as caught,
                count(*) filter (where challenger_decision <> 'Allow' and not label.fraud) as insulted,
                count(*) filter (where challenger_decision = 'Allow' and label.fraud) as missed
            from decisions
            left join lateral (
                select fraud from labels
                where labels.payment_id = decisions.payment_id
                order by {LabelStore.Newest}
                limit 1) label on true
            where decided_at >= @since and challenger_version = @Version
            """;

        var newest = clock.GetUtcNow().AddDays(-Days);
        var since = challenger.Since > newest ? challenger.Since : newest;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<ChallengeCounts>(new CommandDefinition(
            Sql, new { challenger.Version, since = since.UtcDateTime }, cancellationToken: cancellation));
    }
}

/// <summary>What a challenger would have done, in the newest 30 days at most.</summary>
internal sealed record ChallengeCounts
{
    /// <summary>Payments that it was asked about.</summary>
    public required long Asked { get; init; }

    /// <summary>Payments that it would have sent to a person.</summary>
    public required long Review { get; init; }

    /// <summary>Payments that it would have refused.</summary>
    public required long Block { get; init; }

    /// <summary>Payments about which the champion says something else, or was not asked.</summary>
    public required long Differing { get; init; }

    /// <summary>Known frauds among what it would have held.</summary>
    public required long Caught { get; init; }

    /// <summary>Payments known to be genuine among what it would have held.</summary>
    public required long Insulted { get; init; }

    /// <summary>Known frauds that it would have let pass.</summary>
    public required long Missed { get; init; }
}
