using Dapper;
using Ecom.Contracts.Recommendations;
using Ecom.Recommendation.Outcomes;
using Ecom.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>
/// Announces answers and counts them: tables <c>answer_hours</c>, <c>shown_products</c>. One transaction a batch.
/// </summary>
internal sealed class AnswerStore(
    NpgsqlDataSource database,
    Outbox outbox,
    ExposureStore exposures,
    SampleStore samples,
    IOptions<RecommendationOptions> options)
{
    // The most that the contract allows.
    private const int AnswersInMessage = 100;

    // Products that this process knows to be noted for a day; the day before is forgotten with the first of the next.
    private readonly HashSet<(Slice Slice, string Product)> _noted = [];
    private DateOnly _notedDay;

    /// <summary>Only one call at a time.</summary>
    public async Task AnnounceAsync(IReadOnlyList<ServedAnswer> answers, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        OutboxMessage[] messages =
        [
            .. MessagesOf(answers).Select(message => new OutboxMessage(Guid.CreateVersion7(), message)),
        ];
        await outbox.AddAsync(connection, messages, cancellation);
        await CountAsync(connection, answers, cancellation);
        var shown = NewlyShown(answers);
        await NoteShownAsync(connection, shown, cancellation);
        await exposures.AddAsync(connection, answers, cancellation);
        await samples.AddAsync(connection, answers, cancellation);
        await transaction.CommitAsync(cancellation);
        _noted.UnionWith(shown.Select(one => (one.Slice, one.Product)));
    }

    /// <summary>The answers in messages of as many as the contract allows.</summary>
    internal static IEnumerable<RecommendationsServed> MessagesOf(IEnumerable<ServedAnswer> answers) => answers
        .Select(answer => answer.Message)
        .Chunk(AnswersInMessage)
        .Select(some => new RecommendationsServed { Answers = some });

    private async Task CountAsync(
        NpgsqlConnection connection, IReadOnlyList<ServedAnswer> answers, CancellationToken cancellation)
    {
        // In one order everywhere, so that two replicas never wait for each other in a circle.
        const string Sql = """
            insert into answer_hours (hour, placement, model_version, experiment, arm, answers, impressions, empty,
                                      degraded, slow)
            select * from unnest(@Hours, @Placements, @Models, @Experiments, @Arms, @Answers, @Impressions, @Empty,
                                 @Degraded, @Slow)
            order by 1, 2, 3, 4, 5
            on conflict (hour, placement, model_version, experiment, arm) do update
            set answers = answer_hours.answers + excluded.answers,
                impressions = answer_hours.impressions + excluded.impressions,
                empty = answer_hours.empty + excluded.empty,
                degraded = answer_hours.degraded + excluded.degraded,
                slow = answer_hours.slow + excluded.slow
            """;

        var groups = answers.GroupBy(answer => (Hour: Hours.Of(answer.Id.ServedAt), answer.Id.Slice)).ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Hours = groups.Select(group => group.Key.Hour).ToArray(),
                Placements = groups.Select(group => group.Key.Slice.Placement).ToArray(),
                Models = groups.Select(group => group.Key.Slice.ModelVersion).ToArray(),
                Experiments = groups.Select(group => group.Key.Slice.Experiment).ToArray(),
                Arms = groups.Select(group => group.Key.Slice.Arm).ToArray(),
                Answers = groups.Select(group => group.LongCount()).ToArray(),
                Impressions = groups.Select(group => group.Sum(one => (long)one.Message.ProductIds.Count)).ToArray(),
                Empty = groups.Select(group => group.LongCount(one => one.Message.ProductIds.Count == 0)).ToArray(),
                Degraded = groups.Select(group => group.LongCount(one => one.Degraded)).ToArray(),
                Slow = groups.Select(group => group.LongCount(one => one.Elapsed > options.Value.SlowAnswer)).ToArray(),
            },
            cancellationToken: cancellation));
    }

    private (Slice Slice, string Product)[] NewlyShown(IReadOnlyList<ServedAnswer> answers)
    {
        var day = answers.Max(answer => DateOnly.FromDateTime(answer.Id.ServedAt.UtcDateTime));
        if (day > _notedDay)
        {
            _noted.Clear();
            _notedDay = day;
        }

        return [.. answers
            .Where(answer => DateOnly.FromDateTime(answer.Id.ServedAt.UtcDateTime) == _notedDay)
            .SelectMany(answer => answer.Message.ProductIds.Select(product => (answer.Id.Slice, product)))
            .Where(one => !_noted.Contains(one))
            .Distinct()];
    }

    private async Task NoteShownAsync(
        NpgsqlConnection connection, (Slice Slice, string Product)[] shown, CancellationToken cancellation)
    {
        const string Sql = """
            insert into shown_products (day, placement, model_version, experiment, arm, product_id)
            select @Day, * from unnest(@Placements, @Models, @Experiments, @Arms, @Products)
            order by 2, 3, 4, 5, 6
            on conflict do nothing
            """;

        if (shown.Length == 0)
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Day = _notedDay.ToDateTime(TimeOnly.MinValue),
                Placements = shown.Select(one => one.Slice.Placement).ToArray(),
                Models = shown.Select(one => one.Slice.ModelVersion).ToArray(),
                Experiments = shown.Select(one => one.Slice.Experiment).ToArray(),
                Arms = shown.Select(one => one.Slice.Arm).ToArray(),
                Products = shown.Select(one => one.Product).ToArray(),
            },
            cancellationToken: cancellation));
    }
}
