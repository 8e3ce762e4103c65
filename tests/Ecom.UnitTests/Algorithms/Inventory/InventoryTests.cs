using CsCheck;
using Ecom.Algorithms.Inventory;

namespace Ecom.UnitTests.Algorithms.Inventory;

public sealed class InventoryTests
{
    [Fact]
    public void The_newsvendor_equals_the_published_example()
    {
        var answer = Newsvendor.Solve(holding: 2, shortage: 18, mean: 120, deviation: 10);

        Assert.Equal(0.9, answer.CriticalRatio, 12);
        Assert.Equal(132.8155, answer.Quantity, 4);
        Assert.Equal(35.0997, answer.ExpectedCost, 4);
        Assert.Equal(answer.ExpectedCost, Newsvendor.ExpectedCost(answer.Quantity, 2, 18, 120, 10), 9);
    }

    [Fact]
    public void No_other_quantity_costs_less() =>
        Gen.Select(Gen.Double[0.1, 20], Gen.Double[0.1, 20], Gen.Double[0, 30], Gen.Double[-50, 50]).Sample(example =>
        {
            var (holding, shortage, deviation, off) = example;
            var answer = Newsvendor.Solve(holding, shortage, 100, deviation);

            var other = Newsvendor.ExpectedCost(answer.Quantity + off, holding, shortage, 100, deviation);

            Assert.True(other >= answer.ExpectedCost - 1e-9);
        });

    [Fact]
    public void Levels_are_the_hand_computed_ones()
    {
        // 3 days to deliver, looked at daily: 4 days of 10, z(0.95) · 4 = 6.5794, and 7 days more to order for.
        var options = new StockPolicyOptions { LeadTime = 3, ReviewPeriod = 1, CoverPeriods = 7, ServiceLevel = 0.95 };
        var demand = Enumerable.Repeat(10.0, 14).ToArray();

        var policy = StockPolicy.From(demand, StockPolicy.DeviationOver(options.ProtectionPeriods, 2), options);

        Assert.Equal(6.579414507805889, policy.SafetyStock, 9);
        Assert.Equal(46.579414507805889, policy.ReorderPoint, 9);
        Assert.Equal(116.579414507805889, policy.OrderUpTo, 9);
        Assert.Equal(0, policy.Quantity(47));
        Assert.Equal(71, policy.Quantity(46));
        Assert.Equal(127, policy.Quantity(-10));
    }

    [Fact]
    public void A_perfect_forecast_needs_no_safety_stock_and_no_demand_no_order()
    {
        var options = new StockPolicyOptions { LeadTime = 2 };

        Assert.Equal(0, StockPolicy.From([4, 4, 4], 0, options).SafetyStock);
        Assert.Equal(12, StockPolicy.From([4, 4, 4], 0, options).OrderUpTo);
        Assert.Equal(0, StockPolicy.From([0, 0, 0], 0, options).Quantity(0));
    }

    [Fact]
    public void A_higher_service_level_or_longer_lead_time_never_lowers_the_levels() =>
        Gen.Select(Gen.Double[0.01, 0.98], Gen.Int[0, 5], Gen.Double[0, 9]).Sample((level, lead, deviation) =>
        {
            var demand = Enumerable.Repeat(3.0, 20).ToArray();
            var options = new StockPolicyOptions { LeadTime = lead, ServiceLevel = level };
            var policy = StockPolicy.From(demand, deviation, options);

            var safer = StockPolicy.From(demand, deviation, options with { ServiceLevel = level + 0.01 });
            var slower = StockPolicy.From(demand, deviation, options with { LeadTime = lead + 1 });

            Assert.True(safer.ReorderPoint >= policy.ReorderPoint);
            Assert.True(slower.ReorderPoint > policy.ReorderPoint);
            Assert.True(policy.SafetyStock >= 0);
        });

    [Fact]
    public void The_promised_service_is_kept_in_a_simulation()
    {
        var random = new Random(11);
        var options = new StockPolicyOptions { LeadTime = 2, ServiceLevel = 0.9 };
        var policy = StockPolicy.From([50, 50, 50], StockPolicy.DeviationOver(3, 8), options);
        var met = 0;
        for (var cycle = 0; cycle < 20_000; cycle++)
        {
            var demand = 0.0;
            for (var day = 0; day < 3; day++)
            {
                var z = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                demand += 50 + (8 * z);
            }

            met += demand <= policy.ReorderPoint ? 1 : 0;
        }

        Assert.InRange(met / 20_000.0, 0.89, 0.91);
    }

    [Fact]
    public void A_forecast_that_does_not_reach_is_refused()
    {
        var options = new StockPolicyOptions { LeadTime = 2, CoverPeriods = 1 };

        Assert.Throws<ArgumentException>(() => StockPolicy.From([1, 1, 1], 1, options));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => StockPolicy.From([1, 1, 1, 1], 1, options with { ServiceLevel = 1 }));
    }
}
