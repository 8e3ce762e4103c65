using System.Text.Json.Nodes;

namespace Ecom.Cli.Demo;

/// <summary>Reads lists from answers of the services.</summary>
internal static class JsonRows
{
    /// <summary>The rows of a list, or of a page whose first array they are.</summary>
    public static IReadOnlyList<JsonNode> Rows(this JsonNode? answer) => answer switch
    {
        JsonArray list => [.. list.OfType<JsonNode>()],
        JsonObject page => page.Select(property => property.Value).OfType<JsonArray>().FirstOrDefault().Rows(),
        _ => [],
    };
}
