namespace Ecom.Fraud.Storage;

/// <summary>Instants as the database keeps them: in microseconds.</summary>
internal static class StoredTime
{
    /// <summary>
    /// The instant without what the database would drop: what is computed now and what is computed from the stored row
    /// must be the same.
    /// </summary>
    public static DateTimeOffset Of(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));
}
