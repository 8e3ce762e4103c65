using System.Text;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Rules;

namespace Ecom.Recommendation.Placements;

/// <summary>What each stage of an answer says of one product.</summary>
internal sealed record Explanation
{
    public required string ProductId { get; init; }

    public required string Placement { get; init; }

    /// <summary>Experiment that the visitor takes part in; null if none.</summary>
    public string? Experiment { get; init; }

    /// <summary>Arm whose settings hold; null outside experiments.</summary>
    public string? Arm { get; init; }

    /// <summary>Segment that the visitor is in; null if unknown, or if nothing is popular in it.</summary>
    public string? Segment { get; init; }

    /// <summary>Position in the answer, from 1; null if it is not shown.</summary>
    public int? Position { get; init; }

    /// <summary>
    /// Why it is not shown: an exclusion (see <see cref="Exclusion"/>), not_listed (no list of the placement holds it),
    /// not_reached (enough others came before), rule (one excludes it) or outranked; null if it is shown.
    /// </summary>
    public string? NotShownBecause { get; init; }

    /// <summary>Lists of the placement that hold it, in the order in which they fill the answer.</summary>
    public required IReadOnlyList<HoldingList> Lists { get; init; }

    /// <summary>
    /// What keeps it out whatever its lists say: not_sold, anchor, bought, hidden, in_cart, asked_out, shown_before, or
    /// filtered, which a filter that is relaxed lets in again; null if nothing does.
    /// </summary>
    public string? Exclusion { get; init; }

    /// <summary>How it was ranked; null if it was no candidate.</summary>
    public ExplainedRank? Ranking { get; init; }

    /// <summary>Rules that hold for it, highest priority first.</summary>
    public required IReadOnlyList<RuleVerdict> Rules { get; init; }

    /// <summary>The model served; null before a first one.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>Whether Redis is away, so that only what is remembered of the visitor counts.</summary>
    public required bool Degraded { get; init; }
}

/// <summary>A list that holds the product.</summary>
internal sealed record HoldingList
{
    public required string List { get; init; }

    /// <summary>Place in the list, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>Products of the list.</summary>
    public required int Length { get; init; }

    /// <summary>Comparable within the list only; null where the list has none.</summary>
    public float? Score { get; init; }

    public required Reason Reason { get; init; }

    /// <summary>What the list says, with the reason that the answer would give.</summary>
    public static HoldingList Of(
        ListSource source,
        int at,
        int length,
        float? score,
        Product? because,
        VisitorState state,
        (int Together, int Of) counts = default,
        string? segment = null)
    {
        var reason = ReasonText.Of(new Candidate { Source = source, Because = because }, state);
        var counted = counts.Of > 0 ? $"{counts.Together} of {counts.Of} baskets with " : string.Empty;
        return new HoldingList
        {
            List = PlacementSources.NameOf(source),
            Rank = at + 1,
            Length = length,
            Score = score,
            Reason = new Reason
            {
                Code = Encoding.UTF8.GetString(reason.Code),
                Text = Encoding.UTF8.GetString(reason.Text) + counted
                    + (because is null ? segment : because.Facts.Master?.Name ?? because.Id),
                ProductId = because?.Id,
                Segment = segment,
                Together = counts.Of > 0 ? counts.Together : null,
                Of = counts.Of > 0 ? counts.Of : null,
            },
        };
    }
}

/// <summary>What a candidate was ranked by.</summary>
internal sealed record ExplainedRank
{
    /// <summary>The list that made it a candidate.</summary>
    public required string List { get; init; }

    /// <summary>Candidates that there were.</summary>
    public required int Candidates { get; init; }

    /// <summary>
    /// A whole number for the list, earlier lists higher, plus the place within it as a share of one.
    /// </summary>
    public required float Relevance { get; init; }

    /// <summary>
    /// Whether it is one of the few products that most people want: with diversity, each such product moves the next
    /// ones down.
    /// </summary>
    public required bool IsPopular { get; init; }

    /// <summary>
    /// Likeness to the most similar product before it, 0 to 1; with diversity, it moves the product down.
    /// </summary>
    public required float Likeness { get; init; }

    /// <summary>How lately the visitor was shown it, 0 to 1; with rotation, it moves the product down.</summary>
    public required float ShownLately { get; init; }

    /// <summary>Position before rules, from 1; null if it is further back than rules look.</summary>
    public int? BeforeRules { get; init; }
}
