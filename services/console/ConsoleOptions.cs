using System.ComponentModel.DataAnnotations;

namespace Ecom.Console;

/// <summary>Section <c>Console</c> of the configuration; checked when the service starts.</summary>
internal sealed class ConsoleOptions
{
    public const string Section = "Console";

    /// <summary>How long spans and log lines are kept, whole days. Default 3 days.</summary>
    [Range(1, 90)]
    public int RetentionDays { get; init; } = 3;

    /// <summary>Largest OTLP request, counted after decompression. Default 4 MiB.</summary>
    [Range(1_024, 64 * 1_024 * 1_024)]
    public int MaxOtlpBytes { get; init; } = 4 * 1_024 * 1_024;

    /// <summary>Spans that wait for the database; what comes beyond is dropped and counted. Default 50,000.</summary>
    [Range(100, 1_000_000)]
    public int QueueLength { get; init; } = 50_000;

    /// <summary>Spans written by one statement. Default 2,000.</summary>
    [Range(1, 20_000)]
    public int BatchSize { get; init; } = 2_000;

    /// <summary>How long the writer gathers spans before it writes. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the Live page's sources are asked. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a session lasts after the last request with it. Default 8 hours: a working day.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan SessionLength { get; init; } = TimeSpan.FromHours(8);

    /// <summary>Logins one address may try in a minute. Default 10.</summary>
    [Range(1, 1_000)]
    public int LoginsPerMinute { get; init; } = 10;
}
