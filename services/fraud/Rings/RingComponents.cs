namespace Ecom.Fraud.Rings;

/// <summary>What still holds together when ties of a ring are gone.</summary>
internal static class RingComponents
{
    /// <summary>The connected parts: union by size with path halving (Tarjan and van Leeuwen 1984).</summary>
    /// <param name="customers">Customers of one ring.</param>
    /// <param name="ties">Their ties; those that do not bind hold nothing.</param>
    /// <returns>Largest part first, of equals that with the smallest customer id; each in the order of ids.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Of(
        IReadOnlyCollection<string> customers, IEnumerable<RingTie> ties)
    {
        string[] ids = [.. customers.Order(StringComparer.Ordinal)];
        var place = ids.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var (parent, size) = (Enumerable.Range(0, ids.Length).ToArray(), new int[ids.Length]);
        Array.Fill(size, 1);
        foreach (var shared in ties.Where(tie => tie.Binds).GroupBy(tie => tie.Link))
        {
            var first = place[shared.First().CustomerId];
            foreach (var tie in shared.Skip(1))
            {
                Unite(first, place[tie.CustomerId]);
            }
        }

        return
        [
            .. ids.GroupBy(id => Find(place[id])).Select(part => part.ToArray())
                .OrderByDescending(part => part.Length).ThenBy(part => part[0], StringComparer.Ordinal),
        ];

        int Find(int at)
        {
            while (parent[at] != at)
            {
                at = parent[at] = parent[parent[at]];
            }

            return at;
        }

        void Unite(int one, int other)
        {
            (one, other) = (Find(one), Find(other));
            if (one == other)
            {
                return;
            }

            if (size[one] < size[other])
            {
                (one, other) = (other, one);
            }

            (parent[other], size[one]) = (one, size[one] + size[other]);
        }
    }
}
