using Ecom.Recommendation.Lists;
using Microsoft.Extensions.Time.Testing;

namespace Ecom.UnitTests.Recommendation;

public sealed class RecentlyShownTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecentlyShown _shown;

    public RecentlyShownTests() => _shown = new RecentlyShown(_clock);

    [Fact]
    public void What_was_shown_is_remembered_and_fades_within_the_hour()
    {
        var (one, other) = (new Product("one", 1), new Product("other", 2));
        _shown.Add("c:ann", [one]);

        Assert.Equal(1, _shown.Of("c:ann", one), 1e-4);
        Assert.Equal(0, _shown.Of("c:ann", other));
        Assert.Equal(0, _shown.Of("c:bea", one));
        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(0.75, _shown.Of("c:ann", one), 1e-4);
        _shown.Add("c:ann", [one, other]);
        Assert.Equal(1, _shown.Of("c:ann", one), 1e-4);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, _shown.Of("c:ann", one));
    }

    [Fact]
    public void The_oldest_of_more_than_32_products_are_forgotten()
    {
        Product[] products = [.. Enumerable.Range(0, 40).Select(number => new Product($"p{number}", number))];
        _shown.Add("a:browser", products.AsSpan(0, 20));
        _shown.Add("a:browser", products.AsSpan(20));

        Assert.All(products[..8], product => Assert.Equal(0, _shown.Of("a:browser", product)));
        Assert.All(products[8..], product => Assert.InRange(_shown.Of("a:browser", product), 0.99f, 1));
    }

    [Fact]
    public void What_is_shown_again_and_again_takes_one_place()
    {
        Product[] products = [.. Enumerable.Range(0, 32).Select(number => new Product($"p{number}", number))];
        _shown.Add("a:browser", products);
        for (var again = 0; again < 50; again++)
        {
            _shown.Add("a:browser", products.AsSpan(0, 1));
        }

        Assert.All(products, product => Assert.InRange(_shown.Of("a:browser", product), 0.99f, 1));
    }
}
