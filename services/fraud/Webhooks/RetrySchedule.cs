namespace Ecom.Fraud.Webhooks;

/// <summary>When a delivery that failed is tried again: ten times within a little more than a day.</summary>
internal static class RetrySchedule
{
    private static readonly TimeSpan[] _waits =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4),
        TimeSpan.FromHours(6), TimeSpan.FromHours(11),
    ];

    /// <summary>The wait after so many failed attempts; null when it is given up.</summary>
    public static TimeSpan? After(int attempts) => attempts <= _waits.Length ? _waits[attempts - 1] : null;
}
