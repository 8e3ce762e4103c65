using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>What a failed message carries beside its own headers.</summary>
internal static class FailureHeaders
{
    public const string Attempts = "ecom-attempts";
    public const string FirstFailedAt = "ecom-first-failed-at";
    public const string LastFailedAt = "ecom-last-failed-at";
    public const string FaultType = "ecom-fault-type";
    public const string FaultMessage = "ecom-fault-message";
    public const string FaultStack = "ecom-fault-stack";

    private const string Own = "ecom-";

    // The broker's own: kept, x-death would make it take the next detour through a delay queue for a cycle, and drop.
    private const string Brokers = "x-";

    /// <summary>
    /// The properties of a message as its sender gave them, id included, to publish it again by.
    /// </summary>
    public static BasicProperties Original(IReadOnlyBasicProperties properties)
    {
        var copy = new BasicProperties(properties)
        {
            DeliveryMode = DeliveryModes.Persistent,
            Headers = Original(properties.Headers),
        };
        copy.ClearExpiration();
        copy.ClearUserId();
        return copy;
    }

    /// <summary>Headers without those of failures and of the broker.</summary>
    public static Dictionary<string, object?> Original(IEnumerable<KeyValuePair<string, object?>>? headers) =>
        (headers ?? [])
            .Where(header => !header.Key.StartsWith(Own, StringComparison.Ordinal)
                && !header.Key.StartsWith(Brokers, StringComparison.Ordinal))
            .ToDictionary();

    /// <summary>A header as text; null if there is none.</summary>
    public static string? Text(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true ? Text(value) : null;

    /// <summary>A header's value as text: strings come as bytes.</summary>
    public static string? Text(object? value) => value switch
    {
        null => null,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>How often the message was tried in vain; 0 for one that never failed.</summary>
    public static int CountAttempts(IReadOnlyBasicProperties properties) =>
        int.TryParse(Text(properties, Attempts), NumberStyles.None, CultureInfo.InvariantCulture, out var attempts)
            ? attempts
            : 0;

    /// <summary>A header that holds a time; null if there is none.</summary>
    public static DateTimeOffset? Time(IReadOnlyBasicProperties properties, string name) =>
        DateTimeOffset.TryParse(
            Text(properties, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
