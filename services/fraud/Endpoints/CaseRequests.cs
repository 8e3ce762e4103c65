using Ecom.Fraud.Alerts;
using Ecom.Fraud.Cases;

namespace Ecom.Fraud.Endpoints;

/// <summary>What to do with a case; which fields count depends on the action.</summary>
internal sealed record CaseRequest
{
    private const int LongestText = 2_000;
    private const int LongestName = 100;
    private const int DefaultMinutes = 30;
    private const int MostMinutes = 480;
    private const int MostDays = 90;

    /// <summary>To close: confirmed_fraud, suspected, false_positive or inconclusive.</summary>
    public string? Outcome { get; init; }

    /// <summary>To write a note (required), or when closing. 1–2,000 characters.</summary>
    public string? Note { get; init; }

    /// <summary>To reopen: why; required.</summary>
    public string? Reason { get; init; }

    /// <summary>To assign: 1–100 characters, null for nobody.</summary>
    public string? Assignee { get; init; }

    /// <summary>To lock: for how many minutes, 1–480; 30 by default.</summary>
    public int? Minutes { get; init; }

    /// <summary>To snooze: until when, at most 90 days; null wakes.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The version that was seen; null: whatever it is.</summary>
    public int? Version { get; init; }

    /// <summary>The command, or what is wrong, by field.</summary>
    public (CaseCommand? Command, Dictionary<string, string[]> Problems) ToCommand(string action, DateTimeOffset now)
    {
        var problems = new Dictionary<string, string[]>();
        var command = new CaseCommand { Action = action };
        switch (action)
        {
            case CaseAction.Close:
                Check("outcome", Outcome is { } outcome && Alerts.Outcome.All.Contains(outcome),
                    $"Required: one of {string.Join(", ", Alerts.Outcome.All)}.");
                Check("note", Note is not { Length: > LongestText }, $"At most {LongestText} characters.");
                command = command with { Outcome = Outcome, Text = Note };
                break;
            case CaseAction.Note:
                Check("note", Note is { Length: > 0 and <= LongestText }, $"Required: 1 to {LongestText} characters.");
                command = command with { Text = Note };
                break;
            case CaseAction.Reopen:
                Check("reason", Reason is { Length: > 0 and <= LongestText },
                    $"Required: 1 to {LongestText} characters.");
                command = command with { Text = Reason };
                break;
            case CaseAction.Assign:
                Check("assignee", Assignee is not { Length: 0 or > LongestName },
                    $"1 to {LongestName} characters, or null for nobody.");
                command = command with { Assignee = Assignee };
                break;
            case CaseAction.Lock:
                Check("minutes", Minutes is null or (>= 1 and <= MostMinutes), $"Must be 1 to {MostMinutes}.");
                command = command with { Until = now.AddMinutes(Math.Min(Minutes ?? DefaultMinutes, MostMinutes)) };
                break;
            case CaseAction.Snooze:
                Check("until", Until is null || (Until > now && Until <= now.AddDays(MostDays)),
                    $"Must be in the future, at most {MostDays} days away; null wakes.");
                command = command with { Until = Until };
                break;
        }

        return (problems.Count == 0 ? command : null, problems);

        void Check(string field, bool isRight, string problem)
        {
            if (!isRight)
            {
                problems[field] = [problem];
            }
        }
    }
}

/// <summary>A case to be opened by hand.</summary>
internal sealed record OpenCaseRequest
{
    private const int LongestId = 100;
    private const int LongestText = 2_000;

    /// <summary>Makes a repeated request open one case; made by the service if absent.</summary>
    public Guid? CaseId { get; init; }

    /// <summary>Whom it is about, 1–100 characters; customer, device or both.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Which device, 1–100 characters.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Who works on it, 1–100 characters; null for nobody yet.</summary>
    public string? Assignee { get; init; }

    /// <summary>Why, 1–2,000 characters; required.</summary>
    public string? Note { get; init; }

    /// <summary>What is wrong, by field; empty if nothing.</summary>
    public Dictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        foreach (var (field, text) in new[]
        {
            ("customerId", CustomerId), ("deviceId", DeviceId), ("assignee", Assignee),
        })
        {
            if (text is { Length: 0 or > LongestId })
            {
                problems[field] = [$"1 to {LongestId} characters, or absent."];
            }
        }

        if (CustomerId is null && DeviceId is null)
        {
            problems["customerId"] = ["Required: customerId, deviceId or both."];
        }

        if (Note is not { Length: > 0 and <= LongestText })
        {
            problems["note"] = [$"Required: why, 1 to {LongestText} characters."];
        }

        return problems;
    }
}

/// <summary>Cases to be put into one.</summary>
internal sealed record MergeRequest
{
    /// <summary>1–100 other cases; they end.</summary>
    public IReadOnlyList<Guid>? Cases { get; init; }

    /// <summary>The version that was seen; null: whatever it is.</summary>
    public int? Version { get; init; }
}

/// <summary>The same for many cases.</summary>
internal sealed record BulkRequest
{
    /// <summary>investigate, close, reopen, assign, snooze or note.</summary>
    public string? Action { get; init; }

    /// <summary>1–100 cases, each with the version that was seen, or null.</summary>
    public IReadOnlyList<BulkCase?>? Cases { get; init; }

    /// <summary>What the action takes.</summary>
    public CaseRequest? With { get; init; }
}

/// <summary>One of many cases.</summary>
internal sealed record BulkCase
{
    public Guid CaseId { get; init; }

    public int? Version { get; init; }
}

/// <summary>What became of one of many cases.</summary>
internal sealed record BulkItem
{
    public required Guid CaseId { get; init; }

    /// <summary>done, notFound, stale, refused or locked.</summary>
    public required ChangeResult Result { get; init; }

    /// <summary>Why not; null if done.</summary>
    public required string? Why { get; init; }

    /// <summary>The case as it is now; null if there is none.</summary>
    public required Case? Current { get; init; }
}
