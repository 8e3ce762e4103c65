using Ecom.Algorithms.Recommendation;

namespace Ecom.Algorithms.Evaluation;

/// <summary>One event of a user with an item.</summary>
/// <param name="User">Index of the user.</param>
/// <param name="Item">Index of the item.</param>
/// <param name="At">When it happened (event time, UTC).</param>
/// <param name="Weight">Its weight, not negative; 1 for plain data.</param>
/// <param name="Kind">Index of the kind of behaviour; 0 for data of one kind.</param>
public readonly record struct TimedInteraction(int User, int Item, DateTimeOffset At, float Weight = 1, int Kind = 0);

/// <summary>An honest split: the model learns from before a time and is judged on what came after.</summary>
/// <param name="Train">Everything before the cut, of all users.</param>
/// <param name="Test">New items from the cut on, of users who have a training part as well.</param>
public sealed record TimeSplit(Interactions Train, Interactions Test)
{
    /// <summary>Cuts at a time: strictly before is train, from then on is test.</summary>
    /// <remarks>
    /// The test part leaves out users without history and, since training items are never recommended again, items that
    /// the user already had.
    /// </remarks>
    /// <param name="events">Events in any order.</param>
    /// <param name="cut">The first instant of the test part.</param>
    /// <param name="userCount">Number of users.</param>
    /// <param name="itemCount">Number of items.</param>
    public static TimeSplit At(
        IReadOnlyCollection<TimedInteraction> events,
        DateTimeOffset cut,
        int userCount,
        int itemCount)
    {
        ArgumentNullException.ThrowIfNull(events);
        var before = events.Where(one => one.At < cut).ToArray();
        var known = before.Select(one => (one.User, one.Item)).ToHashSet();
        var users = before.Select(one => one.User).ToHashSet();
        var after = events
            .Where(one => one.At >= cut && users.Contains(one.User) && !known.Contains((one.User, one.Item)))
            .ToArray();
        return new TimeSplit(Build(before, userCount, itemCount), Build(after, userCount, itemCount));
    }

    private static Interactions Build(TimedInteraction[] events, int userCount, int itemCount) => Interactions.Create(
        userCount,
        itemCount,
        Array.ConvertAll(events, one => one.User),
        Array.ConvertAll(events, one => one.Item),
        Array.ConvertAll(events, one => one.Weight));
}
