using System.Net.Http.Json;
using System.Text.Json;

namespace Ecom.Client;

/// <summary>Asks the platform what to show. Safe for use by many threads.</summary>
/// <remarks>
/// Nothing is tried again: a shop page does not wait. Give the HttpClient the address of the recommendation service, a
/// time-out that the page can afford, and the header <c>X-Api-Key</c> with a key of scope read.
/// </remarks>
/// <param name="http">Client with base address, time-out and key.</param>
public sealed class RecommendationClient(HttpClient http)
{
    /// <summary>The products for a placement and a visitor, best first.</summary>
    /// <param name="question">What is to be filled, for whom.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Never empty while the shop has products on sale.</returns>
    /// <exception cref="HttpRequestException">The platform cannot be reached or refuses; the status says
    /// which.</exception>
    public async Task<Recommendations> GetAsync(
        RecommendationQuestion question, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        using var answer = await http.GetAsync(question.ToPath(), cancellation);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<Recommendations>(JsonSerializerOptions.Web, cancellation)
            ?? throw new HttpRequestException("The platform gave an empty answer.");
    }
}

/// <summary>A question for recommendations.</summary>
public sealed record RecommendationQuestion
{
    /// <summary>home, product, cart, email or trending. Default home.</summary>
    public string Placement { get; init; } = "home";

    /// <summary>Known customer; null if anonymous.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Id of the browser; null if there is none.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>The product that is shown, for placement product.</summary>
    public string? ProductId { get; init; }

    /// <summary>Products in the cart, at most 50, for placement cart.</summary>
    public IReadOnlyList<string> Cart { get; init; } = [];

    /// <summary>Products wanted, 1 to 50. Default 10.</summary>
    public int Count { get; init; } = 10;

    internal string ToPath()
    {
        var parameters = new List<string> { $"placement={Uri.EscapeDataString(Placement)}", $"count={Count}" };
        Add("customerId", CustomerId);
        Add("anonymousId", AnonymousId);
        Add("productId", ProductId);
        foreach (var product in Cart)
        {
            Add("cart", product);
        }

        return $"v1/recommendations?{string.Join('&', parameters)}";

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                parameters.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }
    }
}

/// <summary>What to show.</summary>
public sealed record Recommendations
{
    /// <summary>Send it back with later events: it attributes clicks and orders.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>Products, best first.</summary>
    public required IReadOnlyList<Recommendation> Items { get; init; }

    /// <summary>True while no model serves or the fast store is away: popular products, or the plain range.</summary>
    public required bool Degraded { get; init; }
}

/// <summary>One product to show.</summary>
public sealed record Recommendation
{
    /// <summary>From 1.</summary>
    public required int Position { get; init; }

    /// <summary>Product id.</summary>
    public required string ProductId { get; init; }

    /// <summary>Name; null if the catalogue does not know the product.</summary>
    public string? Name { get; init; }

    /// <summary>Comparable within one source of one answer only.</summary>
    public required float Score { get; init; }

    /// <summary>The list that it came from: personal, session, similar, trending, popular or catalogue.</summary>
    public required string Source { get; init; }

    /// <summary>Why it is shown.</summary>
    public required RecommendationReason Reason { get; init; }
}

/// <summary>Why a product is shown.</summary>
public sealed record RecommendationReason
{
    /// <summary>Stable code, for example because_you_bought.</summary>
    public required string Code { get; init; }

    /// <summary>Words for people.</summary>
    public required string Text { get; init; }
}
