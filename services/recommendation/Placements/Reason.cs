using Ecom.Recommendation.Lists;

namespace Ecom.Recommendation.Placements;

/// <summary>Why a product is shown, in words for people and a code for programs.</summary>
internal sealed record Reason
{
    /// <summary>Stable code, for example "because_you_bought".</summary>
    public required string Code { get; init; }

    public required string Text { get; init; }

    /// <summary>The product that the reason speaks of; absent if none.</summary>
    public string? ProductId { get; init; }

    /// <summary>The visitor's segment; absent unless the code is "popular_in_segment".</summary>
    public string? Segment { get; init; }

    /// <summary>Baskets with both products; absent unless the code is "bought_together".</summary>
    public int? Together { get; init; }

    /// <summary>Baskets with the product that the reason speaks of.</summary>
    public int? Of { get; init; }
}

/// <summary>The reasons in UTF-8: the text goes on with the name of what the reason speaks of.</summary>
internal readonly ref struct ReasonText
{
    private ReasonText(ReadOnlySpan<byte> code, ReadOnlySpan<byte> text)
    {
        Code = code;
        Text = text;
    }

    public ReadOnlySpan<byte> Code { get; }

    /// <summary>Ends with a blank where a name follows, or the counts and then the name.</summary>
    public ReadOnlySpan<byte> Text { get; }

    public static ReasonText Of(
        in Candidate candidate, VisitorState state) => (candidate.Source, candidate.Because) switch
    {
        (ListSource.Personal or ListSource.Session, { } because) when state.HasBought(because) =>
            new("because_you_bought"u8, "Because you bought "u8),
        (ListSource.Personal or ListSource.Session, not null) =>
            new("because_you_viewed"u8, "Because you looked at "u8),
        (ListSource.BoughtTogether, not null) => new("bought_together"u8, "Bought together in "u8),
        (ListSource.Similar, not null) => new("goes_with"u8, "Goes with "u8),
        (ListSource.Personal or ListSource.Session, _) => new("for_you"u8, "Chosen for you"u8),
        (ListSource.Segment, _) => new("popular_in_segment"u8, "Popular in your segment "u8),
        (ListSource.Trending, _) => new("trending"u8, "Wanted more than usual this week"u8),
        (ListSource.Catalogue, _) => new("catalogue"u8, "From our range"u8),
        _ => new("popular"u8, "Popular right now"u8),
    };
}
