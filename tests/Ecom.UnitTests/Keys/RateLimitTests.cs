using Ecom.ServiceDefaults.Keys;

namespace Ecom.UnitTests.Keys;

public sealed class RateLimitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(19)]
    [InlineData(25)]
    [InlineData(99)]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    public void A_key_gets_its_rate_and_neither_more_nor_less(int rate)
    {
        var limit = ApiKeyExtensions.LimitOf(rate);

        Assert.Equal(rate, limit.TokensPerPeriod / limit.ReplenishmentPeriod.TotalSeconds, tolerance: rate * 0.001);
        Assert.Equal(rate, limit.TokenLimit);
    }
}
