namespace Ecom.Cli.Import;

/// <summary>Moves a history to the present by whole weeks, so that weekdays stay what they were.</summary>
internal static class WeekShift
{
    /// <returns>Whole weeks, perhaps negative, after which the last event lies in the seven days before now.</returns>
    public static TimeSpan ToPresent(DateTimeOffset lastEvent, DateTimeOffset now) =>
        TimeSpan.FromDays(7 * Math.Floor((now - lastEvent).TotalDays / 7));
}
