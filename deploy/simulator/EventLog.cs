using System.Buffers;
using System.Text.Json;

namespace Ecom.Simulator;

/// <summary>Who is on the site, from where. The customer is set when the visitor identifies.</summary>
internal sealed class Visit(Device device, string sessionId, string? country)
{
    public Device Device => device;

    public string SessionId => sessionId;

    public string? Country => country;

    public string? CustomerId { get; set; }
}

/// <summary>Writes events as the storefront would, and drops what lies after the end.</summary>
internal sealed class EventLog(string tag, DateTimeOffset end, bool backfill)
{
    private readonly List<ShopEvent> _events = [];
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private int _messages;

    public DateTimeOffset End => end;

    /// <summary>Part of every id of this run, so that two runs do not name two orders alike.</summary>
    public string Tag => tag;

    public IReadOnlyList<ShopEvent> InOrder()
    {
        var order = _events.Select((e, index) => (e, index)).ToArray();
        Array.Sort(order, (a, b) => a.e.At != b.e.At ? a.e.At.CompareTo(b.e.At) : a.index.CompareTo(b.index));
        return [.. order.Select(entry => entry.e)];
    }

    public void Track(Visit visit, DateTimeOffset at, string name, Action<Utf8JsonWriter> properties) =>
        Add("track", name, visit, at, "properties", properties);

    public void Page(Visit visit, DateTimeOffset at, string name, string path) =>
        Add("page", name, visit, at, "properties", json => json.WriteString("path", path));

    public void Identify(Visit visit, DateTimeOffset at, string email, DateTimeOffset createdAt) =>
        Add("identify", "", visit, at, "traits", json =>
        {
            json.WriteString("email", email);
            json.WriteString("country", visit.Country);
            json.WriteString("createdAt", createdAt.UtcDateTime);
        });

    private void Add(
        string type, string name, Visit visit, DateTimeOffset at, string bodyName, Action<Utf8JsonWriter> body)
    {
        if (at > end)
        {
            return;
        }

        at = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        var messageId = $"{tag}-{++_messages}";
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer))
        {
            WriteHead(json, type, name, messageId, visit);
            json.WriteString("timestamp", at.UtcDateTime);
            WriteContext(json, visit);
            json.WriteStartObject(bodyName);
            body(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        _events.Add(new ShopEvent
        {
            At = at,
            Type = type,
            Name = name,
            MessageId = messageId,
            CustomerId = visit.CustomerId,
            Json = _buffer.WrittenSpan.ToArray(),
        });
    }

    private static void WriteHead(Utf8JsonWriter json, string type, string name, string messageId, Visit visit)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        if (type != "identify")
        {
            json.WriteString(type == "track" ? "event" : "name", name);
        }

        json.WriteString("messageId", messageId);
        if (visit.CustomerId is not null)
        {
            json.WriteString("userId", visit.CustomerId);
        }

        json.WriteString("anonymousId", visit.Device.AnonymousId);
    }

    private void WriteContext(Utf8JsonWriter json, Visit visit)
    {
        json.WriteStartObject("context");
        json.WriteString("ip", visit.Device.Ip);
        json.WriteString("userAgent", visit.Device.UserAgent);
        json.WriteString("sessionId", visit.SessionId);
        json.WriteStartObject("device");
        json.WriteString("id", visit.Device.DeviceId);
        json.WriteEndObject();
        json.WriteString("country", visit.Device.IpCountry);
        if (backfill)
        {
            json.WriteBoolean("backfill", true);
        }

        json.WriteEndObject();
    }
}
