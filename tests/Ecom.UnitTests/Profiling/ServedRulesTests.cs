using Ecom.Profiling;
using Ecom.Profiling.Rules;
using Microsoft.Extensions.Options;

namespace Ecom.UnitTests.Profiling;

public sealed class ServedRulesTests
{
    [Fact]
    public void A_basket_gets_each_missing_product_once_by_its_best_rule_and_unknown_products_do_no_harm()
    {
        string[][] baskets = [["a", "b", "c"], ["a", "b", "c"], ["a", "b"], ["a"], ["c"], ["d"], ["d"], ["d"]];
        var miner = new RuleMiner(Options.Create(new ProfilingOptions { MinimumBaskets = 2, MinimumConfidence = 0.4 }));
        var (rules, limitReached) = miner.Mine(baskets, default);
        var served = new ServedRules(1, rules, new Dictionary<string, string> { ["b"] = "Bread" });

        var completed = served.Complete(["a", "unknown"], 10);

        Assert.False(limitReached);
        Assert.Equal(["b", "c"], completed.Select(rule => rule.Consequent));
        Assert.Equal([0.75, 0.5], completed.Select(rule => rule.Confidence));
        Assert.Equal("c", Assert.Single(served.Complete(["b", "a"], 10)).Consequent);
        Assert.Empty(served.Complete(["d"], 10));
        Assert.Equal(("Bread", "x"), (served.NameOf("b"), served.NameOf("x")));
    }
}
