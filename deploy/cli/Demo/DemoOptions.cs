using Ecom.Simulator;

namespace Ecom.Cli.Demo;

/// <summary>What the demo loads and where it writes its answers.</summary>
internal sealed record DemoOptions
{
    /// <summary>File in the format of Online Retail; null for the simulated shop.</summary>
    public string? Data { get; init; }

    /// <summary>Leaves the dates of the file as they are.</summary>
    public bool KeepDates { get; init; }

    /// <summary>The simulated shop.</summary>
    public ShopOptions Shop { get; init; } = new();

    /// <summary>File for the answers as JSON; null for none.</summary>
    public string? Json { get; init; }

    /// <summary>Servers as containers.</summary>
    public bool Docker { get; init; }
}
