using Ecom.Fraud.Rules;

namespace Ecom.UnitTests.Fraud;

public sealed class RuleLifeTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly List<StoredRule> _versions = [];

    [Fact]
    public void A_version_is_activated_by_another_than_its_author_and_replaces_the_active_one()
    {
        Draft("ann");
        Draft("ann");
        Assert.NotNull(Apply(RuleLife.Activate(Newest, Version(1), "ann", mayApproveOwn: false, _now)));
        Assert.Null(Apply(RuleLife.Activate(Newest, Version(1), "bob", mayApproveOwn: false, _now)));
        Assert.Null(Apply(RuleLife.Activate(Newest, Version(2), "bob", mayApproveOwn: false, _now)));

        Assert.Equal(["active", "retired"], Newest.Select(rule => rule.State));
        Assert.Equal(("bob", "bob"), (Version(2).Approver, Version(1).RetiredBy));
        Assert.NotNull(Apply(RuleLife.Activate(Newest, Version(2), "bob", mayApproveOwn: false, _now)));
    }

    [Fact]
    public void Who_is_alone_may_approve_what_they_wrote()
    {
        Draft("ann");

        Assert.Null(Apply(RuleLife.Activate(Newest, Version(1), "ann", mayApproveOwn: true, _now)));
        Assert.Equal("ann", Version(1).Approver);
    }

    [Fact]
    public void Rolling_back_goes_down_the_versions_that_were_active_and_stops_at_the_first()
    {
        for (var version = 1; version <= 4; version++)
        {
            Draft("ann");
            if (version != 3)
            {
                Apply(RuleLife.Activate(Newest, Version(version), "bob", mayApproveOwn: false, _now));
            }
        }

        Assert.Null(RollBack());
        Assert.Equal("active", Version(2).State);
        Assert.Null(RollBack());
        Assert.Equal("active", Version(1).State);
        Assert.NotNull(RollBack());
        Assert.Equal(["retired", "draft", "retired", "active"], Newest.Select(rule => rule.State));
    }

    [Fact]
    public void One_version_runs_in_the_shadow_and_an_active_one_cannot()
    {
        Draft("ann");
        Draft("ann");
        Apply(RuleLife.Shadow(Newest, Version(1), _now));
        Apply(RuleLife.Shadow(Newest, Version(2), _now));
        Assert.Equal(["shadow", "draft"], Newest.Select(rule => rule.State));
        Apply(RuleLife.Activate(Newest, Version(2), "bob", mayApproveOwn: false, _now));

        Assert.NotNull(Apply(RuleLife.Shadow(Newest, Version(2), _now)));
        Assert.Null(Apply(RuleLife.Retire(Version(2), "bob", _now)));
        Assert.NotNull(Apply(RuleLife.Retire(Version(2), "bob", _now)));
    }

    [Fact]
    public void Configuration_makes_a_version_when_it_changes_and_switches_off()
    {
        TakeOver("amount > 1");
        TakeOver("amount > 1");
        Assert.Single(_versions);
        TakeOver("amount > 2");
        Assert.Equal(["active", "retired"], Newest.Select(rule => rule.State));
        TakeOver("amount > 2", enabled: false);
        Assert.Equal("retired", Version(2).State);
        TakeOver("amount > 2");
        Assert.Equal(("active", 2), (Version(2).State, _versions.Count));
    }

    [Fact]
    public void Configuration_leaves_what_the_team_activated_or_took_out()
    {
        TakeOver("amount > 1");
        Draft("ann");
        Apply(RuleLife.Activate(Newest, Version(2), "bob", mayApproveOwn: false, _now));
        TakeOver("amount > 3");
        Assert.Equal(["draft", "active", "retired"], Newest.Select(rule => rule.State));
        TakeOver("amount > 3", enabled: false);
        Assert.Equal("active", Version(2).State);

        _versions.Clear();
        TakeOver("amount > 1");
        Apply(RuleLife.Retire(Version(1), "bob", _now));
        TakeOver("amount > 1");
        Assert.Equal("retired", Version(1).State);
    }

    private IReadOnlyList<StoredRule> Newest => [.. _versions.OrderByDescending(rule => rule.Version)];

    private StoredRule Version(int version) => _versions.Single(rule => rule.Version == version);

    private void Draft(string author) => _versions.Add(RuleLife.Draft("x", Definition("amount > 9"), null, author, _now)
        with
    { Version = _versions.Count + 1 });

    private string? RollBack() =>
        Apply(RuleLife.RollBack(Newest, Newest.Single(rule => rule.State == "active"), "bob", _now));

    private void TakeOver(string when, bool enabled = true) => Write(RuleLife.TakeOver(
        "x", new RuleOptions { When = when, Weight = 0.5, Text = "Much.", Enabled = enabled }, Newest, _now));

    private string? Apply(RuleMove move)
    {
        Write(move.Changed);
        return move.Refusal;
    }

    private void Write(IEnumerable<StoredRule> changed)
    {
        foreach (var rule in changed.ToArray())
        {
            _versions.RemoveAll(other => other.Version == rule.Version);
            _versions.Add(rule);
            Assert.InRange(_versions.Count(other => other.State == "active"), 0, 1);
        }
    }

    private static RuleDefinition Definition(string when) =>
        new() { When = when, Weight = 0.5, Action = RuleAction.Score, Text = "Much." };
}
