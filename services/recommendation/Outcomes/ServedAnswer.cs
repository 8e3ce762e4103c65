using Ecom.Contracts.Recommendations;

namespace Ecom.Recommendation.Outcomes;

/// <summary>An answer that was given, with what is counted of it.</summary>
internal sealed record ServedAnswer
{
    /// <summary>What is announced.</summary>
    public required ServedRecommendation Message { get; init; }

    public required AnswerId Id { get; init; }

    /// <summary>Visitor it was for; null if nobody is named.</summary>
    public required string? Visitor { get; init; }

    public required bool Degraded { get; init; }

    /// <summary>How long the answer took inside the service.</summary>
    public required TimeSpan Elapsed { get; init; }
}
