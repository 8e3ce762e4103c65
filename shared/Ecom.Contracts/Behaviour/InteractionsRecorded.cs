namespace Ecom.Contracts.Behaviour;

/// <summary>
/// Views, clicks, carts, reviews and recommendation feedback, up to 100 in one message. Published by ingestion.
/// </summary>
/// <remarks>
/// The set in one message never changes afterwards: message id and content belong together on every redelivery.
/// Each interaction carries its own partition key and trace context.
/// </remarks>
public sealed record InteractionsRecorded
{
    /// <summary>1 to 100 interactions in the order of acceptance.</summary>
    public required IReadOnlyList<Interaction> Interactions { get; init; }
}
