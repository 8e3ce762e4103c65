namespace Ecom.Client;

/// <summary>Answers of the platform, for when it is away. Bounded; safe for use by many threads.</summary>
internal sealed class AnswerMemory(EcomClientOptions settings, TimeProvider clock)
{
    private const int RecentAnswers = 256;
    private const int DefaultCount = 10;

    // Direct-mapped by the question; an entry never changes.
    private readonly Entry?[] _last = new Entry?[settings.RememberedAnswers];
    private readonly Entry?[] _recent = new Entry?[Math.Min(RecentAnswers, settings.RememberedAnswers)];
    private int _next = -1;

    public void Keep(string path, RecommendationQuestion question, Recommendations answer)
    {
        if (_last.Length == 0 || answer.Items.Count == 0)
        {
            return;
        }

        var entry = new Entry(path, question, answer, clock.GetTimestamp());
        Volatile.Write(ref _last[PlaceOf(path)], entry);
        if (!question.HasFilter && question.Cursor is null)
        {
            Volatile.Write(ref _recent[(uint)Interlocked.Increment(ref _next) % _recent.Length], entry);
        }
    }

    /// <summary>Forgets what was answered to a visitor: it names what is to be hidden.</summary>
    public void Forget(string? customerId, string? anonymousId)
    {
        for (var at = 0; at < _last.Length; at++)
        {
            if (_last[at] is { } entry
                && (customerId is not null
                    ? entry.Question.CustomerId == customerId
                    : entry.Question.AnonymousId == anonymousId))
            {
                Volatile.Write(ref _last[at], null);
            }
        }
    }

    /// <summary>The best answer that memory allows; null if there is none.</summary>
    public Recommendations? Recall(string path, RecommendationQuestion question)
    {
        if (_last.Length > 0
            && Volatile.Read(ref _last[PlaceOf(path)]) is { } known
            && known.Path == path
            && IsFresh(known))
        {
            return known.Answer with
            {
                Degraded = true,
                DegradedBecause = "platform_away",
                Next = null,
                Origin = AnswerOrigin.LastKnown,
                Age = clock.GetElapsedTime(known.At),
            };
        }

        // Which products fit a filter the client cannot tell, and a strict one wants no others.
        if (question is { HasFilter: true, Strict: true })
        {
            return null;
        }

        return Of(question, Popular(), AnswerOrigin.Popular)
            ?? Of(question, settings.FallbackProducts.Select(id => (id, (string?)null)), AnswerOrigin.Configured);
    }

    private IEnumerable<(string Id, string? Name)> Popular() => _recent
        .Select((_, at) => Volatile.Read(ref _recent[at]))
        .OfType<Entry>()
        .Where(IsFresh)
        .SelectMany(entry => entry.Answer.Items)
        .GroupBy(item => item.ProductId)
        .OrderByDescending(group => group.Count())
        .ThenBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => (group.Key, group.First().Name));

    private static Recommendations? Of(
        RecommendationQuestion question, IEnumerable<(string Id, string? Name)> products, AnswerOrigin origin)
    {
        var items = products
            .Where(product => product.Id != question.ProductId
                && !question.Cart.Contains(product.Id)
                && !question.Exclude.Contains(product.Id))
            .Take(question.Count ?? DefaultCount)
            .Select((product, at) => new Recommendation
            {
                Position = at + 1,
                ProductId = product.Id,
                Name = product.Name,
                Score = 0,
                Source = "popular",
                Reason = new RecommendationReason { Code = "popular", Text = "Popular right now" },
            })
            .ToArray();
        return items.Length == 0 ? null : new Recommendations
        {
            RecommendationId = "",
            Placement = question.Placement,
            Source = "popular",
            Items = items,
            Degraded = true,
            DegradedBecause = "platform_away",
            Filtered = question.HasFilter ? "relaxed" : null,
            Origin = origin,
        };
    }

    private bool IsFresh(Entry entry) => clock.GetElapsedTime(entry.At) < settings.RememberedFor;

    private int PlaceOf(string path) =>
        (int)((uint)string.GetHashCode(path, StringComparison.Ordinal) % (uint)_last.Length);

    private sealed record Entry(string Path, RecommendationQuestion Question, Recommendations Answer, long At);
}
