using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Placements;

/// <summary>
/// Fills a placement from its lists: what may not be shown is left out, what is missing comes from the next list.
/// </summary>
internal static class AnswerBuilder
{
    /// <summary>The products to show, best first. Shorter than wanted only when the whole catalogue is.</summary>
    /// <param name="placement">What is filled.</param>
    /// <param name="inputs">The lists that were found.</param>
    /// <param name="session">The model's list for the session; empty without model or session.</param>
    /// <param name="leftOut">Products never to show: bought, in the cart, being looked at.</param>
    /// <param name="catalogue">Names and stock.</param>
    /// <param name="count">Products wanted.</param>
    public static IReadOnlyList<ChosenProduct> Build(
        Placement placement,
        ListInputs inputs,
        IReadOnlyList<ListItem> session,
        IReadOnlySet<string> leftOut,
        Catalogue catalogue,
        int count)
    {
        var chosen = new List<ChosenProduct>(count);
        var taken = new HashSet<string>(leftOut);
        foreach (var source in placement.Chain)
        {
            Fill(chosen, taken, ItemsOf(source, inputs, session), source, catalogue, count);
        }

        if (chosen.Count < count)
        {
            var rest = catalogue.Sellable.Order(StringComparer.Ordinal).Select(id => new ListItem(id, 0, null));
            Fill(chosen, taken, rest, ListSource.Catalogue, catalogue, count);
        }

        return chosen;
    }

    private static void Fill(
        List<ChosenProduct> chosen,
        HashSet<string> taken,
        IEnumerable<ListItem> items,
        ListSource source,
        Catalogue catalogue,
        int count)
    {
        foreach (var item in items)
        {
            if (chosen.Count >= count)
            {
                return;
            }

            if (catalogue.CanBeSold(item.ProductId) && taken.Add(item.ProductId))
            {
                chosen.Add(new ChosenProduct(item, source));
            }
        }
    }

    private static IEnumerable<ListItem> ItemsOf(
        ListSource source, ListInputs inputs, IReadOnlyList<ListItem> session) => source switch
        {
            ListSource.Personal => inputs.Personal,
            ListSource.Session => session,
            ListSource.Similar => Merge(inputs.Similar),
            ListSource.Trending => inputs.Trending,
            ListSource.Popular => inputs.Popular,
            _ => [],
        };

    // A product that fits several things in the cart fits better: scores add up, the strongest gives the reason.
    private static IEnumerable<ListItem> Merge(IReadOnlyList<IReadOnlyList<ListItem>> lists) =>
        lists.Count == 1
            ? lists[0]
            : lists
                .SelectMany(list => list)
                .GroupBy(item => item.ProductId)
                .Select(group => group.MaxBy(item => item.Score) with { Score = group.Sum(item => item.Score) })
                .OrderByDescending(item => item.Score)
                .ThenBy(item => item.ProductId, StringComparer.Ordinal);
}

/// <summary>A product with the list it was taken from.</summary>
internal readonly record struct ChosenProduct(ListItem Item, ListSource Source);
