using System.ComponentModel.DataAnnotations;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>Section <c>Retention</c> of the configuration; checked when the service starts.</summary>
public sealed class RetentionOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Retention";

    /// <summary>
    /// Days that an inbox row outlives its message's effect. Default 14. It must be longer than a message can lie
    /// between its effect and its redelivery: seconds while consumers run. Rows of parked messages stay.
    /// </summary>
    [Range(1, 3_650)]
    public int InboxDays { get; init; } = 14;

    /// <summary>
    /// Days that a failed message outlives its replay or discard. Default 30. Until it is handled it stays.
    /// </summary>
    [Range(1, 3_650)]
    public int FailedDays { get; init; } = 30;
}
