using Ecom.Fraud.Alerts;

namespace Ecom.Fraud.Cases;

/// <summary>What can be done with a case.</summary>
internal static class CaseAction
{
    public const string Open = "opened";
    public const string Investigate = "investigate";
    public const string Close = "close";
    public const string Reopen = "reopen";
    public const string Assign = "assign";
    public const string Lock = "lock";
    public const string Unlock = "unlock";
    public const string Snooze = "snooze";
    public const string Note = "note";
    public const string Merge = "merge";

    /// <summary>What can be done with many cases at once.</summary>
    public static IReadOnlyList<string> Bulk { get; } = [Investigate, Close, Reopen, Assign, Snooze, Note];
}

/// <summary>A wish to do something with a case.</summary>
internal sealed record CaseCommand
{
    /// <summary>One of <see cref="CaseAction"/>.</summary>
    public required string Action { get; init; }

    /// <summary>How it ended, to close.</summary>
    public string? Outcome { get; init; }

    /// <summary>Note or reason.</summary>
    public string? Text { get; init; }

    /// <summary>To assign; null is nobody.</summary>
    public string? Assignee { get; init; }

    /// <summary>End of a lock or of a snooze; null wakes.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A case that somebody opens by hand, for a customer, a device or both.</summary>
internal sealed record CaseOpening
{
    public required Guid CaseId { get; init; }

    public string? CustomerId { get; init; }

    public string? DeviceId { get; init; }

    public string? Assignee { get; init; }

    /// <summary>Why; the first note.</summary>
    public required string Note { get; init; }
}

/// <summary>What a command makes of a case.</summary>
/// <param name="Result">Done, or why not.</param>
/// <param name="Next">The case afterwards; the same object if nothing changes.</param>
/// <param name="Why">For people, if it is not done.</param>
internal sealed record CaseStep(ChangeResult Result, CaseRow Next, string? Why = null);

/// <summary>
/// The life of a case: open → investigating → closed with an outcome → reopened, with a lock that runs out.
/// Pure: clock and storage are the caller's.
/// </summary>
internal static class CaseMachine
{
    /// <summary>Applies a command.</summary>
    /// <param name="row">The case as it is.</param>
    /// <param name="command">What is wished; its fields were checked.</param>
    /// <param name="by">Client that wishes it.</param>
    /// <param name="now">When.</param>
    public static CaseStep Apply(CaseRow row, CaseCommand command, string by, DateTimeOffset now)
    {
        if (row.State == CaseState.Merged)
        {
            return Refuse(row, $"It was merged into {row.MergedInto}.");
        }

        if (row.LockedUntil > now && row.LockedBy != by)
        {
            return new CaseStep(
                ChangeResult.Locked, row, $"{row.LockedBy} has it locked until {row.LockedUntil:O}.");
        }

        return command.Action switch
        {
            CaseAction.Note => Change(row, row, now),
            CaseAction.Close => Close(row, command, by, now),
            CaseAction.Reopen => Reopen(row, now),
            CaseAction.Unlock when row.LockedBy is null => new CaseStep(ChangeResult.Done, row),
            CaseAction.Unlock => Change(row, row with { LockedBy = null, LockedUntil = null }, now),
            _ when !row.IsActive => Refuse(row, $"It was closed as {row.Outcome} at {row.ClosedAt:O}: reopen it."),
            CaseAction.Investigate => Investigate(row, now),
            CaseAction.Assign => row.Assignee == command.Assignee
                ? new CaseStep(ChangeResult.Done, row)
                : Change(row, row with { Assignee = command.Assignee }, now),
            CaseAction.Lock => Change(row, row with { LockedBy = by, LockedUntil = command.Until }, now),
            CaseAction.Snooze => Change(
                row,
                row with
                {
                    SnoozedUntil = command.Until,
                    SnoozedSeverity = command.Until is null ? null : row.Severity,
                },
                now),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.Action, "No such action."),
        };
    }

    private static CaseStep Investigate(CaseRow row, DateTimeOffset now) => row.State == CaseState.Investigating
        ? new CaseStep(ChangeResult.Done, row)
        : Change(row, row with { State = CaseState.Investigating }, now);

    private static CaseStep Close(CaseRow row, CaseCommand command, string by, DateTimeOffset now)
    {
        if (!row.IsActive)
        {
            return row.Outcome == command.Outcome
                ? new CaseStep(ChangeResult.Done, row)
                : Refuse(row, $"It was closed as {row.Outcome} at {row.ClosedAt:O}: reopen it.");
        }

        var closed = row with
        {
            State = CaseState.Closed,
            Outcome = command.Outcome,
            Note = command.Text,
            ClosedAt = now,
            ClosedBy = by,
            LockedBy = null,
            LockedUntil = null,
            SnoozedUntil = null,
            SnoozedSeverity = null,
        };
        return Change(row, closed, now);
    }

    private static CaseStep Reopen(CaseRow row, DateTimeOffset now) => row.State != CaseState.Closed
        ? Refuse(row, $"It is {row.State}, not closed.")
        : Change(
            row,
            row with
            {
                State = CaseState.Investigating,
                Outcome = null,
                Note = null,
                ClosedAt = null,
                ClosedBy = null,
            },
            now);

    private static CaseStep Change(CaseRow row, CaseRow next, DateTimeOffset now) =>
        new(ChangeResult.Done, next with { Version = row.Version + 1, ChangedAt = now });

    private static CaseStep Refuse(CaseRow row, string why) => new(ChangeResult.Refused, row, why);
}
