using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Deletes what outcomes no longer need, in portions.</summary>
internal sealed class OutcomeRetention(
    NpgsqlDataSource database, IOptions<RecommendationOptions> options, TimeProvider clock)
{
    /// <summary>How long after its window an event may be redelivered and is still known.</summary>
    public static readonly TimeSpan Redelivery = TimeSpan.FromDays(7);

    private const int AtOnce = 5_000;

    public async Task PruneAsync(CancellationToken cancellation)
    {
        const string Events = """
            delete from outcome_events where ctid = any(array(
                select ctid from outcome_events where counted and recorded_at < @before limit @AtOnce))
            """;
        const string Touches = """
            delete from answer_touches where ctid = any(array(
                select ctid from answer_touches where first_at < @before limit @AtOnce))
            """;
        const string Shown = """
            delete from shown_products where ctid = any(array(
                select ctid from shown_products where day < @before limit @AtOnce))
            """;
        const string Numbers = """
            delete from answer_hours where hour < @before;
            delete from measurements where to_at < @before;
            """;

        var now = clock.GetUtcNow();
        var outcomes = now - options.Value.AttributionWindow - Redelivery;
        var numbers = now - TimeSpan.FromDays(options.Value.MetricDays);
        await DeleteAsync(Events, outcomes, cancellation);
        await DeleteAsync(Touches, outcomes, cancellation);
        await DeleteAsync(Shown, numbers, cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Numbers, new { before = numbers }, cancellationToken: cancellation));
    }

    private async Task DeleteAsync(string sql, DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        while (await connection.ExecuteAsync(new CommandDefinition(
            sql, new { before, AtOnce }, cancellationToken: cancellation)) == AtOnce)
        {
        }
    }
}
