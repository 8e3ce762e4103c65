using System.ComponentModel.DataAnnotations;

namespace Ecom.ServiceDefaults.Privacy;

/// <summary>Section <c>Privacy</c> of the configuration.</summary>
public sealed class PrivacyOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Privacy";

    /// <summary>
    /// Base64 of the secret, at least 16 bytes, that keys the hashes of personal data. The same for all services.
    /// </summary>
    [Required]
    [MinLength(24)]
    public required string HashKey { get; init; }
}
