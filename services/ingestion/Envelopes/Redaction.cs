using System.Buffers;
using System.Text;
using System.Text.Json;
using Ecom.Ingestion.Cleaning;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Envelopes;

/// <summary>What may be kept of an event that was refused: itself, with personal values sealed or masked.</summary>
/// <remarks>A sealed value reads as the clear one would when the event is replayed; a masked one is gone.</remarks>
internal static class Redaction
{
    public const string Mask = "***";

    private static readonly HashSet<string> _plainTraits =
        new(StringComparer.OrdinalIgnoreCase) { "country", "createdAt", "created_at" };

    private static readonly HashSet<string> _masked = new(StringComparer.OrdinalIgnoreCase)
    {
        "firstName", "lastName", "first_name", "last_name", "full_name", "fullName", "username", "address", "street",
        "birthday", "date_of_birth", "iban", "account_number", "cvv", "cvc", "password", "token",
    };

    /// <summary>The event as JSON that holds no clear e-mail, phone, address, card or IP.</summary>
    /// <param name="root">The event, or a line of it.</param>
    /// <param name="personal">Seals values.</param>
    /// <param name="additions">What the request said in the event's place, added where the event lacks it.</param>
    public static string Redact(
        JsonElement root, PersonalData personal, params ReadOnlySpan<(string Name, string? Value)> additions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            if (root.ValueKind == JsonValueKind.Object)
            {
                writer.WriteStartObject();
                foreach (var (name, value) in additions)
                {
                    if (value is not null && !root.TryGetProperty(name, out _))
                    {
                        writer.WriteString(name, value);
                    }
                }

                WriteProperties(writer, root, inTraits: false, personal);
                writer.WriteEndObject();
            }
            else
            {
                Write(writer, root, name: null, inTraits: false, personal);
            }
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(
        Utf8JsonWriter writer, JsonElement value, string? name, bool inTraits, PersonalData personal)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                WriteProperties(writer, value, inTraits, personal);
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item, name, inTraits, personal);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String or JsonValueKind.Number when name is not null:
                WriteScalar(writer, value, name, inTraits, personal);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteProperties(
        Utf8JsonWriter writer, JsonElement value, bool inTraits, PersonalData personal)
    {
        foreach (var property in value.EnumerateObject())
        {
            writer.WritePropertyName(property.Name);
            Write(writer, property.Value, property.Name, inTraits || property.Name == "traits", personal);
        }
    }

    private static void WriteScalar(
        Utf8JsonWriter writer, JsonElement value, string name, bool inTraits, PersonalData personal)
    {
        var text = value.ValueKind == JsonValueKind.String ? Readable(value) : value.GetRawText();
        if (text is null)
        {
            writer.WriteStringValue(Mask);
            return;
        }

        var clean = CleanText.Clean(text);
        var isPersonal = true;
        var hashed = name.ToUpperInvariant() switch
        {
            "EMAIL" => personal.Email(clean),
            "PHONE" => personal.Opaque(PersonalKind.Phone, clean),
            "IP" => personal.Ip(clean),
            "CARD_NUMBER" or "CARDNUMBER" => personal.CardNumber(clean),
            "CARD_FINGERPRINT" => personal.Opaque(PersonalKind.CardFingerprint, clean),
            "BILLING_ADDRESS" or "SHIPPING_ADDRESS" => personal.Address(clean),
            _ => Otherwise(out isPersonal),
        };

        if (isPersonal)
        {
            writer.WriteStringValue(hashed is null ? Mask : personal.Seal(hashed));
        }
        else if (_masked.Contains(name) || (inTraits && !_plainTraits.Contains(name)))
        {
            writer.WriteStringValue(Mask);
        }
        else if (value.ValueKind == JsonValueKind.Number)
        {
            value.WriteTo(writer);
        }
        else
        {
            // PostgreSQL takes no U+0000 in JSON; a text that holds one is kept without.
            writer.WriteStringValue(text.Replace("\0", "", StringComparison.Ordinal));
        }
    }

    private static HashedValue? Otherwise(out bool isPersonal)
    {
        isPersonal = false;
        return null;
    }

    private static string? Readable(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
