namespace Ecom.Recommendation.Outcomes;

/// <summary>Hours of event time (UTC), which numbers are kept by.</summary>
internal static class Hours
{
    /// <summary>The beginning of the hour that a time lies in.</summary>
    public static DateTimeOffset Of(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
}
