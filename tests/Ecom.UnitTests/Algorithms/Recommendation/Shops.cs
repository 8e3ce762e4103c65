using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

/// <summary>Small shops with a known truth.</summary>
internal static class Shops
{
    /// <summary>Items of weight 1, the newest last.</summary>
    public static int[] History(params int[] items) => items;

    public static string[] Ids(int count) => [.. Enumerable.Range(0, count).Select(item => $"item-{item}")];

    /// <summary>Users × items from one list of items a user.</summary>
    public static Interactions Of(int itemCount, params int[][] baskets) => Interactions.Create(
        baskets.Length,
        itemCount,
        [.. baskets.SelectMany((items, user) => items.Select(_ => user))],
        [.. baskets.SelectMany(items => items)]);

    /// <summary>Each user's items as one session.</summary>
    public static Sessions Sessions(Interactions data) => Ecom.Algorithms.Recommendation.Sessions.Create(
        data.ItemCount, [.. Enumerable.Range(0, data.UserCount).Select(user => data.ItemsOf(user).ToArray())]);

    /// <summary>
    /// Two tastes of 10 items each, 100 users a taste, who buy 6 of their own items and rarely one of the others.
    /// </summary>
    public static Interactions TwoTastes(int seed)
    {
        var random = new Random(seed);
        var baskets = new int[200][];
        for (var user = 0; user < baskets.Length; user++)
        {
            var own = user % 2 * 10;
            var items = Enumerable.Range(own, 10).OrderBy(_ => random.Next()).Take(6).ToList();
            if (random.Next(5) == 0)
            {
                items.Add(10 - own + random.Next(10));
            }

            baskets[user] = [.. items];
        }

        return Of(20, baskets);
    }
}
