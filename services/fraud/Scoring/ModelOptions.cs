using System.ComponentModel.DataAnnotations;

namespace Ecom.Fraud.Scoring;

/// <summary>Section <c>Fraud:Model</c>: when the model is not trusted and rules decide alone.</summary>
internal sealed class ModelOptions
{
    /// <summary>
    /// The newest payments that are compared with what the model saw. Default 10,000.
    /// </summary>
    [Range(100, 1_000_000)]
    public int DriftPayments { get; init; } = 10_000;

    /// <summary>With fewer payments since the model began nothing is said of drift. Default 1,000.</summary>
    [Range(50, 1_000_000)]
    public int LeastPayments { get; init; } = 1_000;

    /// <summary>
    /// Population stability index of the scores, less what chance alone makes of a sample of the size, from which the
    /// model is suspended. Default 0.25, by custom a great change.
    /// </summary>
    [Range(0.01, 100.0)]
    public double SuspendAt { get; init; } = 0.25;

    /// <summary>
    /// A model whose newest payment is older is suspended: since labels need weeks, not too short. Default 90 days.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How often drift and quality are looked at; the price of looks at most every ten minutes. Default 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Payments of the model's last week that are judged by their labels at once. Default 100,000.</summary>
    [Range(100, 10_000_000)]
    public int JudgedPayments { get; init; } = 100_000;
}
