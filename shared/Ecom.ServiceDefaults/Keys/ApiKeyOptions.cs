using System.ComponentModel.DataAnnotations;

namespace Ecom.ServiceDefaults.Keys;

/// <summary>Section <c>Keys</c> of the configuration.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Keys";

    /// <summary>
    /// File with the hashed keys, reloaded within two seconds of a change. Without it every request is refused.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>This service's own key in clear, for calls to other services.</summary>
    public string? Own { get; init; }

    /// <summary>Requests a second allowed to a key that states no limit of its own. Default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int DefaultRequestsPerSecond { get; init; } = 5_000;
}
