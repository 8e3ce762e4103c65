using Ecom.Ingestion.Envelopes;

namespace Ecom.Ingestion.Cleaning;

/// <summary>
/// When an event happened, in the shop's time rather than in the time of a browser with a wrong clock.
/// </summary>
internal static class EventClock
{
    private static readonly DateTimeOffset _earliest = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan _futureAllowed = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Event time in UTC, to the microsecond (what PostgreSQL keeps), or the reason why there is none.
    /// </summary>
    /// <param name="stated">The sender's time of the event; null means that it happened on receipt.</param>
    /// <param name="sentAt">The sender's time of sending, by the same clock; null if not stated.</param>
    /// <param name="receivedAt">Our time of receipt.</param>
    /// <param name="backfill">History: its times are facts of another clock and are never corrected.</param>
    public static (DateTimeOffset At, string? Reason) Resolve(
        DateTimeOffset? stated, DateTimeOffset? sentAt, DateTimeOffset receivedAt, bool backfill)
    {
        if (stated is null)
        {
            return (ToMicrosecond(receivedAt), null);
        }

        // Segment's correction: what lay between event and sending is right even if the clock is not.
        var ticks = sentAt is { } sent && !backfill
            ? receivedAt.UtcTicks - (sent.UtcTicks - stated.Value.UtcTicks)
            : stated.Value.UtcTicks;

        if (ticks < _earliest.UtcTicks)
        {
            return (default, Reasons.TimestampTooOld);
        }

        return ticks > receivedAt.UtcTicks + _futureAllowed.Ticks
            ? (default, Reasons.TimestampInFuture)
            : (ToMicrosecond(new DateTimeOffset(ticks, TimeSpan.Zero)), null);
    }

    /// <summary>The same instant in UTC without what PostgreSQL would lose.</summary>
    public static DateTimeOffset ToMicrosecond(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
