using System.Text.Json.Nodes;
using Ecom.Cli.Import;

namespace Ecom.Cli.Demo;

/// <summary>What every service answered, as it answered.</summary>
internal sealed record DemoSummary
{
    public required double Seconds { get; init; }

    /// <summary>The loaded history: events and, for a file, lines.</summary>
    public required ImportReport History { get; init; }

    /// <summary>What the simulator added over it.</summary>
    public required ImportReport OnTop { get; init; }

    /// <summary>Ingestion's own count of everything it ever took.</summary>
    public required JsonNode? Ingestion { get; init; }

    /// <summary>The customer whose answers are shown.</summary>
    public required string Customer { get; init; }

    public required JsonNode? Features { get; init; }

    /// <summary>The serving version of each model.</summary>
    public required IReadOnlyList<JsonNode> Champions { get; init; }

    /// <summary>The newest version of each model that has no champion; its verdict says why.</summary>
    public required IReadOnlyList<JsonNode> Challengers { get; init; }

    /// <summary>Why the shop's payments make no fraud model; null if they do.</summary>
    public string? NoFraudModel { get; init; }

    public required JsonNode? Recommendations { get; init; }

    public required JsonNode? Profile { get; init; }

    public required JsonNode? Segments { get; init; }

    public required IReadOnlyList<JsonNode> Forecasts { get; init; }

    public required IReadOnlyList<JsonNode> Rules { get; init; }

    public required IReadOnlyList<JsonNode> ReorderProposals { get; init; }

    public required IReadOnlyList<JsonNode> FraudAlerts { get; init; }

    /// <summary>Address of the console.</summary>
    public required Uri Console { get; init; }

    /// <summary>File with the keys in clear, for the console's login.</summary>
    public required string KeyFile { get; init; }
}
