using Xunit;
using Xunit.Abstractions;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Rings of a shop with known truth, against homes, offices and other honest customers.</summary>
public sealed class SimulatedRingTests(ShopFixture fixture, ITestOutputHelper output) : IClassFixture<ShopFixture>
{
    [Fact]
    public async Task Each_ring_is_alerted_by_its_third_account_in_one_alert_and_few_honest_payments_are()
    {
        var simulated = new SimulatedRings(seed: 11);
        await simulated.FeedAsync(fixture);

        var figures = await simulated.MeasureAsync(fixture.Database.ConnectionString);
        output.WriteLine(figures.ToString());
        foreach (var ring in figures.Rings)
        {
            output.WriteLine(ring.ToString());
        }

        Assert.InRange(figures.Rings.Count, 12, 22);
        Assert.All(figures.Rings, ring => Assert.True(ring.IsRight, ring.ToString()));
        Assert.InRange(figures.Precision, 0.8, 1);
    }
}

/// <summary>The same shop where nothing ties: the measure must notice.</summary>
public sealed class UntiedRingTests(UntiedShopFixture fixture, ITestOutputHelper output)
    : IClassFixture<UntiedShopFixture>
{
    [Fact]
    public async Task Without_ties_rings_are_not_one_alert()
    {
        var simulated = new SimulatedRings(seed: 11);
        await simulated.FeedAsync(fixture);

        var figures = await simulated.MeasureAsync(fixture.Database.ConnectionString);
        output.WriteLine(figures.ToString());

        Assert.Equal(0, figures.CampaignAlerts);
        Assert.All(figures.Rings, ring => Assert.False(ring.IsRight, ring.ToString()));
    }
}

/// <summary>Two replicas to which old payments are not late.</summary>
public class ShopFixture : FraudFixture
{
    protected override Dictionary<string, string?> Settings { get; } = new() { ["Fraud:LateAfter"] = "365.00:00:00" };
}

/// <summary>The same, with ties switched off.</summary>
public sealed class UntiedShopFixture : ShopFixture
{
    protected override Dictionary<string, string?> Settings { get; } = new()
    {
        ["Fraud:LateAfter"] = "365.00:00:00",
        ["Fraud:Rings:MostCustomersPerDevice"] = "0",
        ["Fraud:Rings:MostCustomersPerCard"] = "0",
        ["Fraud:Rings:MostCustomersPerAddress"] = "0",
    };
}
