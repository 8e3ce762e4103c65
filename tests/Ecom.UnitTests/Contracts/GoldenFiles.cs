using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using MassTransit.Serialization;

namespace Ecom.UnitTests.Contracts;

/// <summary>
/// One file a message, as it is on the wire: <c>Orders.OrderPlaced.json</c> is today's form, fully populated;
/// <c>Orders.OrderPlaced.1.json</c>, <c>.2.json</c>… are earlier forms, which stay readable for ever.
/// </summary>
internal static class GoldenFiles
{
    private static readonly JsonSerializerOptions _wire = SystemTextJsonMessageSerializer.Options;

    /// <summary>What is wrong with a folder of golden files.</summary>
    public static IEnumerable<string> Violations(string folder, IReadOnlyList<Type> messages)
    {
        var files = Repository.FilesBelow(folder, "*.json").ToArray();
        foreach (var message in messages)
        {
            var name = Messages.NameOf(message);
            var current = $"{name}.json";
            var wrong = files.Contains(current)
                ? WrongToday(message, File.ReadAllText(Path.Combine(folder, current)))
                : [$"add this file with a fully populated example of the message ({message.FullName})."];
            var earlier = files
                .Where(file => file.StartsWith(name + ".", StringComparison.Ordinal) && file != current)
                .SelectMany(file => WrongEarlier(message, File.ReadAllText(Path.Combine(folder, file)))
                    .Select(text => $"{file}: {text}"));
            foreach (var violation in wrong.Select(text => $"{current}: {text}").Concat(earlier))
            {
                yield return violation;
            }
        }

        var known = messages.Select(message => Messages.NameOf(message) + ".").ToArray();
        foreach (var file in files.Where(file => !known.Any(name => file.StartsWith(name, StringComparison.Ordinal))))
        {
            yield return $"{file}: no such message. One that was moved or renamed is lost to every consumer: "
                + "publish a new one beside it instead.";
        }
    }

    private static IEnumerable<string> WrongToday(Type message, string golden)
    {
        var (again, error) = ReadAndWrite(message, golden);
        if (again is null)
        {
            return [error!];
        }

        return JsonNode.DeepEquals(again, JsonNode.Parse(golden))
            ? Unpopulated(message, again, "")
            : ["the wire has changed. Keep the old file as <message>.<n>.json and write the new form, which is:\n"
                + again.ToJsonString(new JsonSerializerOptions { WriteIndented = true })];
    }

    private static IEnumerable<string> WrongEarlier(Type message, string golden)
    {
        var (again, error) = ReadAndWrite(message, golden);
        return again is null ? [error!] : Lost(JsonNode.Parse(golden), again, "");
    }

    // Records with lists are not equal by value, so what was read is compared by writing it again.
    private static (JsonNode? Again, string? Error) ReadAndWrite(Type message, string golden)
    {
        try
        {
            var value = JsonSerializer.Deserialize(golden, message, _wire);
            return (JsonSerializer.SerializeToNode(value, message, _wire), null);
        }
        catch (JsonException exception)
        {
            return (null, $"can no longer be read: {exception.Message}");
        }
    }

    // An example that leaves a property out would not show a change of that property.
    private static IEnumerable<string> Unpopulated(Type type, JsonNode? node, string path)
    {
        var info = _wire.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        if (node is null || (node is JsonArray { Count: 0 }) || (node is JsonObject { Count: 0 }))
        {
            return [$"give {path} a value: an example is fully populated."];
        }

        return (info.Kind, node) switch
        {
            (JsonTypeInfoKind.Enumerable, JsonArray items) =>
                items.SelectMany((item, i) => Unpopulated(info.ElementType!, item, $"{path}[{i}]")),
            (JsonTypeInfoKind.Object, JsonObject parts) =>
                info.Properties.SelectMany(part =>
                    Unpopulated(part.PropertyType, parts[part.Name], $"{path}.{part.Name}")),
            _ => [],
        };
    }

    private static IEnumerable<string> Lost(JsonNode? old, JsonNode? now, string path) => (old, now) switch
    {
        (JsonObject before, JsonObject after) =>
            before.SelectMany(part => Lost(part.Value, after[part.Key], $"{path}.{part.Key}")),
        (JsonArray before, JsonArray after) when before.Count == after.Count =>
            before.SelectMany((item, i) => Lost(item, after[i], $"{path}[{i}]")),
        _ => JsonNode.DeepEquals(old, now)
            ? []
            : [$"{path} is lost: a change of a message only adds optional properties."],
    };
}
