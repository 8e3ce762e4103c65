namespace Ecom.Training.Data;

/// <summary>A history that another service streams to training: a JSON object a line, oldest first.</summary>
internal sealed record DataFeed
{
    public static readonly DataFeed Interactions = new()
    {
        Service = "FeatureStore",
        ServiceTitle = "feature store",
        Path = "v1/history/interactions",
    };

    public static readonly DataFeed Orders = Interactions with { Path = "v1/history/orders" };

    public static readonly DataFeed Payments = new()
    {
        Service = "Fraud",
        ServiceTitle = "fraud service",
        Path = "v1/history/payments",
        From = "from",
        HeadLines = 1,
    };

    /// <summary>Keys of the services that stream, as in <c>Services:&lt;key&gt;</c> of the configuration.</summary>
    public static IReadOnlyList<string> Services { get; } =
        [.. new[] { Interactions, Orders, Payments }.Select(feed => feed.Service).Distinct()];

    /// <summary>Key of the service's address in section <c>Services</c> of the configuration.</summary>
    public required string Service { get; init; }

    /// <summary>The service's name in messages to people, without article.</summary>
    public required string ServiceTitle { get; init; }

    /// <summary>Path under the service's address.</summary>
    public required string Path { get; init; }

    /// <summary>Name of the parameter for the first instant; included.</summary>
    public string From { get; init; } = "after";

    /// <summary>Lines before the first row.</summary>
    public int HeadLines { get; init; }

    /// <summary>Name of the service's address in the environment of a process.</summary>
    public static string VariableOf(string service) => $"Services__{service}";
}
