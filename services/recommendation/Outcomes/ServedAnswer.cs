using Ecom.Contracts.Recommendations;
using Ecom.Recommendation.Lists;

namespace Ecom.Recommendation.Outcomes;

/// <summary>An answer that was given, with what is counted of it.</summary>
internal sealed record ServedAnswer
{
    /// <summary>What is announced.</summary>
    public required ServedRecommendation Message { get; init; }

    public required AnswerId Id { get; init; }

    /// <summary>Browser it was for; null if it is not named.</summary>
    public required string? AnonymousId { get; init; }

    public required bool Degraded { get; init; }

    /// <summary>How long the answer took inside the service.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>All candidates as they were ranked before rules; null for an answer that is not sampled.</summary>
    public IReadOnlyList<string>? Candidates { get; init; }

    /// <summary>Name of the list that each candidate came from.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Customer and browser, as <see cref="Visitor"/> names them.</summary>
    public IEnumerable<string> Visitors
    {
        get
        {
            if (Message.CustomerId is { } customer)
            {
                yield return Visitor.Customer(customer);
            }

            if (AnonymousId is { } browser)
            {
                yield return Visitor.Anonymous(browser);
            }
        }
    }
}
