using System.Text;
using System.Text.Json;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>A page of failed messages.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">Value of <c>before</c> for the next page; null if this is the last.</param>
/// <param name="Counts">All that fit the filter, by queue and fault.</param>
internal sealed record ErrorPage(IReadOnlyList<ErrorItem> Items, string? Next, IReadOnlyList<ParkedCount> Counts);

/// <summary>A failed message without body.</summary>
internal sealed record ErrorItem(
    Guid Id,
    string Queue,
    string? MessageId,
    string? MessageType,
    string Fault,
    string FaultMessage,
    int Attempts,
    DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt,
    string? TraceId,
    string State,
    DateTimeOffset? HandledAt,
    string? HandledBy,
    string? HandledReason)
{
    public static ErrorItem Of(ParkedMessage row) => new(
        row.Id, row.Queue, row.MessageId, row.MessageType, row.FaultType, row.FaultMessage, row.Attempts,
        row.FirstFailedAt, row.LastFailedAt, row.TraceId, row.State, row.HandledAt, row.HandledBy, row.HandledReason);
}

/// <summary>A failed message with everything.</summary>
/// <param name="Message">What the list shows of it.</param>
/// <param name="ContentType">As its sender said.</param>
/// <param name="Headers">As its sender gave them.</param>
/// <param name="Body">Its body; null if it is no JSON.</param>
/// <param name="BodyText">The body's first characters where it is no JSON.</param>
/// <param name="BodyBytes">Length of the body.</param>
/// <param name="FaultStack">Start of the stack.</param>
internal sealed record ErrorDetail(
    ErrorItem Message,
    string? ContentType,
    JsonElement Headers,
    JsonElement? Body,
    string? BodyText,
    int BodyBytes,
    string? FaultStack)
{
    private const int MostBytesOfText = 10_000;

    public static ErrorDetail Of(ParkedMessage row)
    {
        var body = ReadJson(row.Body);
        return new ErrorDetail(
            ErrorItem.Of(row),
            row.ContentType,
            JsonElement.Parse(row.Headers),
            body,
            body is null ? Text(row.Body) : null,
            row.Body.Length,
            row.FaultStack);
    }

    private static string Text(byte[] body) =>
        Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, MostBytesOfText)));

    private static JsonElement? ReadJson(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Which parked messages to handle; null parts mean all.</summary>
internal record ErrorSelection
{
    /// <summary>Name of the consumer's queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Name of the contract, full or its last part: "OrderPlaced".</summary>
    public string? Type { get; init; }

    /// <summary>Most messages, 1 to 1,000, which is the default.</summary>
    public int? Limit { get; init; }

    internal ParkedFilter Filter => new(
        string.IsNullOrWhiteSpace(Queue) ? null : Queue, string.IsNullOrWhiteSpace(Type) ? null : Type, null);
}

/// <summary>Which parked messages to give up, and why.</summary>
internal sealed record ErrorDiscard : ErrorSelection
{
    /// <summary>For those who look later; must be given.</summary>
    public string? Reason { get; init; }
}

/// <summary>What a request by filter has done.</summary>
/// <param name="Handled">Messages replayed or discarded.</param>
/// <param name="Left">Messages of the same filter that are still parked.</param>
internal sealed record HandledErrors(int Handled, long Left);
