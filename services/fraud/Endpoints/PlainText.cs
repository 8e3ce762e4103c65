using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ecom.Fraud.Endpoints;

/// <summary>
/// Refuses control characters in whatever is sent: PostgreSQL keeps no U+0000, and people see none of them.
/// </summary>
/// <remarks>Bodies may have tabs and ends of lines, as notes do; paths and queries may not.</remarks>
internal sealed class PlainText : JsonConverter<string>
{
    private const string Problem = "Control characters are not allowed.";

    /// <summary>Answers 400 to a path or query with a control character.</summary>
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var query = context.Request.Query.SelectMany(pair => pair.Value.Select(text => (pair.Key, Text: text)));
        var path = context.Request.RouteValues.Select(pair => (pair.Key, Text: pair.Value as string));
        var wrong = query.Concat(path).FirstOrDefault(one => one.Text?.Any(char.IsControl) == true);
        return wrong.Text is null ? next(context) : Refusals.Field(wrong.Key, Problem).ExecuteAsync(context);
    }

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return text?.Any(sign => char.IsControl(sign) && sign is not ('\t' or '\n' or '\r')) == true
            ? throw new JsonException(Problem)
            : text;
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
