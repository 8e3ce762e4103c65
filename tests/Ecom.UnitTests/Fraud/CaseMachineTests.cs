using Ecom.Fraud.Alerts;
using Ecom.Fraud.Cases;

namespace Ecom.UnitTests.Fraud;

/// <summary>The life of a case.</summary>
public sealed class CaseMachineTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_case_is_investigated_closed_and_reopened()
    {
        var investigating = Done(Row(), CaseAction.Investigate);
        Assert.Equal((CaseState.Investigating, 2), (investigating.State, investigating.Version));
        var closed = Done(
            investigating with { LockedBy = "ann", LockedUntil = _now.AddHours(1), SnoozedUntil = _now.AddDays(1) },
            CaseAction.Close);
        Assert.Equal(
            (CaseState.Closed, Outcome.Suspected, "ann", 3),
            (closed.State, closed.Outcome, closed.ClosedBy, closed.Version));
        Assert.Equal((null, null, null), (closed.LockedBy, closed.LockedUntil, closed.SnoozedUntil));
        var reopened = Done(closed, CaseAction.Reopen);
        Assert.Equal((CaseState.Investigating, null, null), (reopened.State, reopened.Outcome, reopened.ClosedAt));
    }

    [Theory]
    [InlineData(CaseState.Open, CaseAction.Reopen)]
    [InlineData(CaseState.Closed, CaseAction.Assign)]
    [InlineData(CaseState.Closed, CaseAction.Lock)]
    [InlineData(CaseState.Closed, CaseAction.Snooze)]
    [InlineData(CaseState.Closed, CaseAction.Investigate)]
    [InlineData(CaseState.Closed, CaseAction.Close)]
    [InlineData(CaseState.Merged, CaseAction.Note)]
    [InlineData(CaseState.Merged, CaseAction.Reopen)]
    public void What_a_state_does_not_allow_is_refused_with_a_reason(string state, string action)
    {
        var row = Row() with { State = state, Outcome = state == CaseState.Closed ? Outcome.FalsePositive : null };
        var step = Apply(row, action, "ann");
        Assert.Equal((ChangeResult.Refused, row), (step.Result, step.Next));
        Assert.NotNull(step.Why);
    }

    [Theory]
    [InlineData(CaseState.Investigating, CaseAction.Investigate)]
    [InlineData(CaseState.Open, CaseAction.Unlock)]
    [InlineData(CaseState.Open, CaseAction.Assign)]
    [InlineData(CaseState.Closed, CaseAction.Close)]
    public void Doing_it_again_changes_nothing(string state, string action)
    {
        var row = Row() with { State = state, Assignee = "bob", Outcome = Outcome.Suspected };
        var step = Apply(row, action, "ann");
        Assert.Equal(ChangeResult.Done, step.Result);
        Assert.Same(row, step.Next);
    }

    [Theory]
    [InlineData("ann", 60, true)]
    [InlineData("bob", 60, false)]
    [InlineData("bob", 0, true)]
    public void A_lock_holds_others_off_until_it_runs_out(string by, int secondsLeft, bool passes)
    {
        var row = Row() with { LockedBy = "ann", LockedUntil = _now.AddSeconds(secondsLeft) };
        foreach (var action in new[] { CaseAction.Close, CaseAction.Note, CaseAction.Lock, CaseAction.Unlock })
        {
            Assert.Equal(passes ? ChangeResult.Done : ChangeResult.Locked, Apply(row, action, by).Result);
        }
    }

    [Fact]
    public void A_snoozed_case_wakes_in_time_or_when_it_becomes_more_severe()
    {
        var snoozed = Done(Row() with { Severity = 1 }, CaseAction.Snooze);
        Assert.True(snoozed.IsSnoozed(_now));
        Assert.False(snoozed.IsSnoozed(_now.AddDays(2)));
        Assert.False((snoozed with { Severity = 2 }).IsSnoozed(_now));
        var awake = CaseMachine.Apply(snoozed, new CaseCommand { Action = CaseAction.Snooze }, "ann", _now).Next;
        Assert.False(awake.IsSnoozed(_now));
    }

    [Theory]
    [InlineData(0, 72)]
    [InlineData(1, 24)]
    [InlineData(2, 8)]
    [InlineData(3, 2)]
    public void A_case_is_due_by_its_severity(short severity, int hours) =>
        Assert.Equal(_now.AddHours(hours), (Row() with { Severity = severity }).DueAt(new CaseOptions(), _now));

    [Fact]
    public void A_snooze_puts_off_what_is_due_and_a_closed_case_is_due_no_more()
    {
        var row = Row() with { SnoozedUntil = _now.AddDays(5), SnoozedSeverity = 0 };
        Assert.Equal(_now.AddDays(5), row.DueAt(new CaseOptions(), _now));
        Assert.Equal(_now.AddHours(2), (row with { Severity = 3 }).DueAt(new CaseOptions(), _now));
        Assert.Null((row with { State = CaseState.Closed }).DueAt(new CaseOptions(), _now));
    }

    private static CaseRow Done(CaseRow row, string action)
    {
        var step = Apply(row, action, "ann");
        Assert.Equal(ChangeResult.Done, step.Result);
        return step.Next;
    }

    private static CaseStep Apply(CaseRow row, string action, string by) => CaseMachine.Apply(
        row,
        new CaseCommand
        {
            Action = action,
            Outcome = Outcome.Suspected,
            Assignee = "bob",
            Text = "x",
            Until = _now.AddDays(1),
        },
        by,
        _now);

    private static CaseRow Row() => new()
    {
        CaseId = Guid.Empty,
        Position = 1,
        State = CaseState.Open,
        Outcome = null,
        CustomerId = null,
        DeviceId = null,
        Assignee = null,
        LockedBy = null,
        LockedUntil = null,
        SnoozedUntil = null,
        SnoozedSeverity = null,
        MergedInto = null,
        Note = null,
        Version = 1,
        OpenedAt = _now,
        ChangedAt = _now,
        ClosedAt = null,
        ClosedBy = null,
        AlertCount = 1,
        PaymentCount = 1,
        Severity = 0,
        BaseAmount = 1,
        BaseCurrency = "GBP",
    };
}
