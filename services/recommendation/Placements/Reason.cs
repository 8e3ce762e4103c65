using Ecom.Recommendation.Lists;

namespace Ecom.Recommendation.Placements;

/// <summary>Why a product is shown, in words for people and a code for programs.</summary>
internal sealed record Reason
{
    /// <summary>Stable code, for example "because_you_bought".</summary>
    public required string Code { get; init; }

    public required string Text { get; init; }

    /// <summary>The product that the reason speaks of; null if none.</summary>
    public string? ProductId { get; init; }

    public static Reason Of(ChosenProduct chosen, IReadOnlySet<string> bought, Catalogue catalogue)
    {
        var because = chosen.Item.BecauseOf;
        var name = because is null ? null : catalogue.Find(because)?.Name ?? because;
        return (chosen.Source, because) switch
        {
            (ListSource.Personal, not null) when bought.Contains(because) =>
                With("because_you_bought", "Because you bought"),
            (ListSource.Personal or ListSource.Session, not null) =>
                With("because_you_viewed", "Because you looked at"),
            (ListSource.Similar, not null) => With("goes_with", "Goes with"),
            (ListSource.Personal or ListSource.Session, _) => Plain("for_you", "Chosen for you"),
            (ListSource.Trending, _) => Plain("trending", "Wanted more than usual this week"),
            (ListSource.Catalogue, _) => Plain("catalogue", "From our range"),
            _ => Plain("popular", "Popular right now"),
        };

        Reason With(string code, string text) => new() { Code = code, Text = $"{text} {name}", ProductId = because };

        Reason Plain(string code, string text) => new() { Code = code, Text = text };
    }
}
