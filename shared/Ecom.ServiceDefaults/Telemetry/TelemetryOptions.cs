using System.ComponentModel.DataAnnotations;

namespace Ecom.ServiceDefaults.Telemetry;

/// <summary>
/// Section <c>Telemetry</c> of the configuration. The OTLP address is the standard OTEL_EXPORTER_OTLP_ENDPOINT.
/// </summary>
public sealed class TelemetryOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Telemetry";

    /// <summary>Share of new traces that are kept, 0 to 1. Default 0.01; a caller's own decision always wins.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; init; } = 0.01;
}
