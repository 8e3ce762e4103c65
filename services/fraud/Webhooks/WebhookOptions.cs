namespace Ecom.Fraud.Webhooks;

/// <summary>Section <c>Fraud:Webhooks</c>: where events may be sent.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Whether http and https to this machine are allowed: for development. Default false.</summary>
    public bool AllowLoopback { get; init; }

    /// <summary>Whether https to private networks is allowed. Default false.</summary>
    public bool AllowPrivateNetworks { get; init; }
}
