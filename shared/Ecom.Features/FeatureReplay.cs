namespace Ecom.Features;

/// <summary>Asks for the features of an entity at an instant of the past.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="At">The instant: events before it count, events at it or after it do not.</param>
public sealed record ReplayRequest(EntityKey Entity, DateTimeOffset At);

/// <summary>The answer to a <see cref="ReplayRequest"/>.</summary>
/// <param name="Index">Position of the request in the list that was given.</param>
/// <param name="Request">The request.</param>
/// <param name="Values">The asked features in the order of the set.</param>
public sealed record ReplayRow(int Index, ReplayRequest Request, IReadOnlyList<FeatureValue> Values);

/// <summary>
/// Computes features at instants of the past by replaying history through the online engine's own state.
/// </summary>
/// <remarks>
/// A row at t sees the events before t and the identities known before t, and nothing else: whatever happens later,
/// the row stays. Memory is the state of the entities asked for, and of the visitors if customers are.
/// </remarks>
/// <param name="set">The definitions.</param>
public sealed class FeatureReplay(FeatureSet set)
{
    private readonly FeatureMemory _states = new(set);

    /// <summary>Replays events up to the last instant asked for.</summary>
    /// <param name="events">History, ordered by time; each event once.</param>
    /// <param name="requests">What is asked, in any order.</param>
    /// <param name="names">The features wanted; null is all.</param>
    /// <param name="cancellation">Ends the replay.</param>
    /// <returns>One row a request, ordered by instant, then by position in the list.</returns>
    /// <exception cref="InvalidOperationException">History is not ordered by time.</exception>
    public async IAsyncEnumerable<ReplayRow> RunAsync(
        IAsyncEnumerable<ShopEvent> events,
        IReadOnlyList<ReplayRequest> requests,
        IReadOnlySet<string>? names,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(requests);
        _states.Clear();
        var asked = requests.Select(request => request.Entity).ToHashSet();
        var needsVisitors = asked.Any(entity => entity.Kind == EntityKind.Customer);
        var waiting = new Queue<(int Index, ReplayRequest Request)>(
            requests.Index().OrderBy(pair => pair.Item.At).ThenBy(pair => pair.Index));
        long reachedMs = 0;
        await foreach (var shopEvent in events.WithCancellation(cancellation))
        {
            if (shopEvent.AtMs < reachedMs)
            {
                throw new InvalidOperationException($"Event {shopEvent.Id} is older than one before it.");
            }

            reachedMs = shopEvent.AtMs;
            while (waiting.TryPeek(out var next) && next.Request.At.ToUnixTimeMilliseconds() <= reachedMs)
            {
                yield return Row(waiting.Dequeue(), names);
            }

            if (waiting.Count == 0)
            {
                yield break;
            }

            Add(shopEvent, asked, needsVisitors);
        }

        while (waiting.Count > 0)
        {
            yield return Row(waiting.Dequeue(), names);
        }
    }

    private void Add(ShopEvent shopEvent, HashSet<EntityKey> asked, bool needsVisitors)
    {
        foreach (var entity in set.Touched(shopEvent))
        {
            if (asked.Contains(entity) || (needsVisitors && entity.Kind == EntityKind.Visitor))
            {
                _states.Add(entity, shopEvent);
            }
        }
    }

    private ReplayRow Row((int Index, ReplayRequest Request) asked, IReadOnlySet<string>? names)
    {
        var (entity, at) = asked.Request;
        var state = WithVisitors(_states.Find(entity) ?? new EntityState(set, entity.Kind));
        var features = set.FeaturesOf(entity.Kind).Where(feature => names is null || names.Contains(feature.Name));
        return new ReplayRow(asked.Index, asked.Request, [.. features.Select(feature => state.Read(feature, at))]);
    }

    private EntityState WithVisitors(EntityState customer)
    {
        if (customer.AnonymousIds.Count == 0)
        {
            return customer;
        }

        var whole = new EntityState(set, customer.Kind);
        whole.Merge(customer);
        foreach (var anonymous in customer.AnonymousIds)
        {
            if (_states.Find(new EntityKey(EntityKind.Visitor, anonymous)) is { } visitor)
            {
                whole.Merge(visitor);
            }
        }

        return whole;
    }
}
