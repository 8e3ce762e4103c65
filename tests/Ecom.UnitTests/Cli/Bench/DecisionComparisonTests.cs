using Ecom.Cli.Bench.Faults;

namespace Ecom.UnitTests.Cli.Bench;

public sealed class DecisionComparisonTests
{
    [Fact]
    public void What_both_decided_is_compared_and_what_says_that_it_was_degraded_is_counted()
    {
        StoredDecision[] clean = [Decided("p-1", "Allow"), Decided("p-2", "Allow"), Decided("p-3", "Review"),
            Decided("p-5", "Block")];
        StoredDecision[] broken =
        [
            Decided("p-1", "Allow"),
            Decided("p-2", "Review", degraded: true),
            Decided("p-3", "Block"),
            Decided("p-4", "Block"),
            Decided($"{Probes.Prefix}p-5", "Review"),
        ];

        var compared = DecisionComparison.Of(broken, clean);

        Assert.Equal((3, 2, 1), (compared.Payments, compared.Changed, compared.Degraded));
        Assert.Equal(
            [
                "changed: p-3 is Block, on a whole system Review",
                "changed: p-2 is Review (degraded), on a whole system Allow",
            ],
            compared.Lines);
    }

    [Theory]
    [InlineData(0, 0, false, false)]
    [InlineData(999, 1, false, false)]
    [InlineData(999, 1, true, true)]
    [InlineData(1_000, 1, false, true)]
    [InlineData(6_951, 6, false, true)]
    [InlineData(6_951, 7, false, false)]
    [InlineData(6_951, 7, true, true)]
    public void One_in_a_thousand_may_be_decided_otherwise_without_saying_so(
        int payments, int changed, bool degraded, bool close)
    {
        var clean = Enumerable.Range(0, payments).Select(number => Decided($"p-{number}", "Allow")).ToList();
        var broken = clean.Select((decision, index) =>
            index < changed ? decision with { Decision = "Block", Degraded = degraded } : decision);

        Assert.Equal(close, DecisionComparison.Of([.. broken], clean).IsClose);
    }

    private static StoredDecision Decided(string payment, string decision, bool degraded = false) => new()
    {
        PaymentId = payment,
        Decision = decision,
        Backfill = false,
        Degraded = degraded,
        ModelVersion = 1,
        Same = true,
    };
}
