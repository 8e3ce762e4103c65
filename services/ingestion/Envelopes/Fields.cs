using System.Globalization;
using System.Text.Json;
using Ecom.Ingestion.Cleaning;

namespace Ecom.Ingestion.Envelopes;

/// <summary>
/// A JSON object of an event, read as typed and cleaned values. The first thing that is wrong in the event (or in the
/// line, which has a fault of its own) is remembered and the reading goes on, so that a mapping reads straight through
/// and asks once at its end.
/// </summary>
internal sealed class Fields(JsonElement element, string path, Fault fault)
{
    public string Path => path;

    public Fault Fault => fault;

    /// <summary>True if nothing was stated under this name: absent, null, or empty text.</summary>
    public bool Lacks(string name) => Find(name).ValueKind == JsonValueKind.Undefined;

    /// <summary>True if an object is stated under this name.</summary>
    public bool IsObject(string name) => Find(name).ValueKind == JsonValueKind.Object;

    /// <summary>An object inside this one; an empty one if absent.</summary>
    public Fields Object(string name)
    {
        var value = Find(name);
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
        {
            Fail(Reasons.NotAnObject, name);
            value = default;
        }

        return new Fields(value, $"{path}.{name}", fault);
    }

    /// <summary>An array inside this one; null if absent.</summary>
    public JsonElement? Array(string name)
    {
        var value = Find(name);
        if (value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Undefined))
        {
            Fail(Reasons.NotAnArray, name);
        }

        return value.ValueKind == JsonValueKind.Array ? value : null;
    }

    /// <summary>
    /// Clean text of any length; numbers count as text, because shops send numeric ids. Null if absent.
    /// </summary>
    public string? Text(string name)
    {
        var value = Find(name);
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                try
                {
                    return CleanText.Clean(value.GetString());
                }
                catch (InvalidOperationException)
                {
                    // Bytes that are no UTF-8, or half of a surrogate pair: only reading the text shows it.
                    Fail(Reasons.InvalidText, name);
                    return null;
                }

            case JsonValueKind.Number:
                return value.GetRawText();
            case JsonValueKind.Undefined:
                return null;
            default:
                Fail(Reasons.NotText, name);
                return null;
        }
    }

    /// <summary>Text that describes: cut to 500 characters. Null if absent.</summary>
    public string? Description(string name) =>
        Text(name) is { } text ? CleanText.Cut(text, CleanText.LongestDescription) : null;

    /// <summary>An id of 1–100 characters; null if absent.</summary>
    public string? Id(string name)
    {
        var id = Text(name);
        if (id is { Length: > CleanText.LongestId })
        {
            Fail(Reasons.IdTooLong, name, $"{id.Length} characters, at most {CleanText.LongestId}");
        }

        return id;
    }

    /// <summary>An id that must be there.</summary>
    public string RequiredId(string name, string reasonIfMissing)
    {
        var id = Id(name);
        if (id is null)
        {
            Fail(reasonIfMissing, name);
        }

        return id ?? "";
    }

    /// <summary>A number, also when it is written as text ("12.50"); null if absent.</summary>
    public decimal? Number(string name)
    {
        var value = Find(name);
        switch (value.ValueKind)
        {
            case JsonValueKind.Number when value.TryGetDecimal(out var number):
                return number;
            case JsonValueKind.String when decimal.TryParse(
                Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                return number;
            case JsonValueKind.Undefined:
                return null;
            default:
                Fail(Reasons.NotANumber, name);
                return null;
        }
    }

    /// <summary>A whole number that fits 32 bits; null if absent.</summary>
    public int? Whole(string name)
    {
        if (Number(name) is not { } number)
        {
            return null;
        }

        if (number != decimal.Truncate(number))
        {
            Fail(Reasons.NotAWholeNumber, name);
            return null;
        }

        if (number is < int.MinValue or > int.MaxValue)
        {
            Fail(Reasons.OutOfRange, name);
            return null;
        }

        return (int)number;
    }

    /// <summary>True or false; null if absent.</summary>
    public bool? Flag(string name)
    {
        var value = Find(name);
        switch (value.ValueKind)
        {
            case JsonValueKind.True:
            case JsonValueKind.False:
                return value.GetBoolean();
            case JsonValueKind.Undefined:
                return null;
            default:
                Fail(Reasons.NotABoolean, name);
                return null;
        }
    }

    /// <summary>An ISO 8601 time, without an offset taken as UTC; null if absent.</summary>
    public DateTimeOffset? Time(string name)
    {
        var value = Find(name);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTime(out var time))
        {
            Fail(Reasons.TimestampInvalid, name, "not an ISO 8601 time");
            return null;
        }

        return time.Kind == DateTimeKind.Unspecified
            ? new DateTimeOffset(time, TimeSpan.Zero)
            : new DateTimeOffset(time.ToUniversalTime());
    }

    /// <summary>Remembers that the value under <paramref name="name"/> cannot be used.</summary>
    public void Fail(string reason, string name, string? detail = null) =>
        fault.Set(new Rejection(reason, $"{path}.{name}", detail));

    private JsonElement Find(string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && !IsEmpty(value)
            ? value
            : default;

    private static bool IsEmpty(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null
        || (value.ValueKind == JsonValueKind.String && value.ValueEquals(ReadOnlySpan<byte>.Empty));
}

/// <summary>The first thing that is wrong with an event or with a line of it; null while nothing is.</summary>
internal sealed class Fault
{
    public Rejection? Rejection { get; private set; }

    public void Set(Rejection rejection) => Rejection ??= rejection;
}
