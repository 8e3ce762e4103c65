using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Ecom.ServiceDefaults.Telemetry;

/// <summary>
/// Decides about new traces: a share of them, and none that begins with a call to a database or a service. Such a root
/// is a
/// background job that looks whether there is work, many times a second.
/// </summary>
internal sealed class RootSampler(double ratio) : Sampler
{
    private readonly TraceIdRatioBasedSampler _share = new(ratio);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.Kind == ActivityKind.Client
            ? new SamplingResult(SamplingDecision.Drop)
            : _share.ShouldSample(in samplingParameters);
}
