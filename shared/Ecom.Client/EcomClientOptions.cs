using System.ComponentModel.DataAnnotations;

namespace Ecom.Client;

/// <summary>Where the platform is, and how long a shop page waits for it.</summary>
/// <remarks>A class without text form on purpose: the key must not end up in a log.</remarks>
public sealed class EcomClientOptions
{
    /// <summary>Address of ingestion, for example "https://ingestion.shop.example". Needed to send events.</summary>
    public Uri? IngestionAddress { get; set; }

    /// <summary>Address of the recommendation service. Needed to ask for recommendations.</summary>
    public Uri? RecommendationAddress { get; set; }

    /// <summary>Key of scope read (recommendations) and ingest (events, feedback).</summary>
    [Required]
    public string ApiKey { get; set; } = "";

    /// <summary>How long one attempt of a question may take. Default 300 ms.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long a question may take with all attempts; then the fallback answers. Default 700 ms.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMilliseconds(700);

    /// <summary>
    /// Further attempts of a question after a failure that passes by itself (no connection, time-out, 408, 429, 5xx
    /// without Retry-After), 0 to 5. Default 1.
    /// </summary>
    [Range(0, 5)]
    public int Retries { get; set; } = 1;

    /// <summary>Wait before the second attempt; it doubles, and half of it is left to chance. Default 20 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Share of failed attempts within ten seconds, of at least ten, after which the platform is left alone for
    /// <see cref="BreakDuration"/>. Default 0.5.
    /// </summary>
    [Range(0.01, 1)]
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>How long the platform is left alone once too many attempts failed. Default 5 seconds.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long feedback and explanations may take, with retries. Default 10 seconds.</summary>
    public TimeSpan PatientTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Answers kept in memory for the time when the platform is away, about 2 KB each. Default 2,048; 0 keeps none.
    /// </summary>
    [Range(0, 1_000_000)]
    public int RememberedAnswers { get; set; } = 2_048;

    /// <summary>Age at which a remembered answer is no longer given. Default one hour.</summary>
    public TimeSpan RememberedFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Products for a storefront that starts while the platform is away and so remembers nothing. Default none.
    /// </summary>
    public IReadOnlyList<string> FallbackProducts { get; set; } = [];
}
