using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ecom.Simulator;

/// <summary>One event as a storefront would send it: a Segment-shaped JSON object.</summary>
/// <remarks>
/// The object has no <c>sentAt</c>: that is the instant of sending, which the sender states for the whole batch. A
/// history that claimed to be sent when it happened would be moved to today by the correction of clock skew.
/// </remarks>
public sealed record ShopEvent
{
    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>"track", "identify" or "page".</summary>
    public required string Type { get; init; }

    /// <summary>Event name ("Product Viewed") of a track event; page name of a page; empty for identify.</summary>
    public required string Name { get; init; }

    /// <summary>Unique within a run, the same in a repeated run.</summary>
    public required string MessageId { get; init; }

    /// <summary>Known customer; null while anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The whole object, UTF-8.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The whole object, parsed anew on each call.</summary>
    public JsonElement Parse() => JsonElement.Parse(Json.Span);

    /// <summary>The same event at another time: what a live stream sends as it goes.</summary>
    /// <param name="at">When it happens; kept to the millisecond.</param>
    public ShopEvent MovedTo(DateTimeOffset at)
    {
        var moved = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        var json = JsonNode.Parse(Json.Span)!.AsObject();
        json["timestamp"] = moved.UtcDateTime;
        return this with { At = moved, Json = Encoding.UTF8.GetBytes(json.ToJsonString()) };
    }
}
