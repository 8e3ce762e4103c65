namespace Ecom.Fraud.Rules;

/// <summary>Which state may follow which: pure, so that storage only writes what comes out.</summary>
internal static class RuleLife
{
    /// <summary>Author and approver of rules that stand in the configuration.</summary>
    public const string Configuration = "configuration";

    /// <summary>A first version, as a draft.</summary>
    public static StoredRule Draft(
        string code, RuleDefinition definition, string? note, string author, DateTimeOffset now) => new()
        {
            Code = code,
            Version = 1,
            State = "draft",
            When = definition.When,
            Weight = definition.Weight,
            Action = definition.Action,
            Text = definition.Text,
            Note = note,
            Author = author,
            Approver = null,
            CreatedAt = now,
            ShadowAt = null,
            ActivatedAt = null,
            RetiredAt = null,
            RetiredBy = null,
        };

    /// <summary>Puts a version in force; the one that was retires.</summary>
    /// <param name="versions">All of the rule.</param>
    /// <param name="rule">The one that is meant.</param>
    /// <param name="approver">Who approves it: another than who wrote it.</param>
    /// <param name="mayApproveOwn">Whether nobody else could.</param>
    /// <param name="now">When.</param>
    public static RuleMove Activate(
        IReadOnlyList<StoredRule> versions,
        StoredRule rule,
        string approver,
        bool mayApproveOwn,
        DateTimeOffset now)
    {
        if (rule.State == "active")
        {
            return RuleMove.Refused("It is active.");
        }

        return rule.Author == approver && !mayApproveOwn
            ? RuleMove.Refused($"'{approver}' wrote it: another client of the scope fraud must approve it.")
            : new RuleMove("activated", [.. Retired(versions, approver, now), Active(rule, approver, now)]);
    }

    /// <summary>Lets a version be judged by without effect; another one that was returns to the drafts.</summary>
    public static RuleMove Shadow(IReadOnlyList<StoredRule> versions, StoredRule rule, DateTimeOffset now) =>
        rule.State is "active" or "shadow"
            ? RuleMove.Refused($"It is {(rule.State == "active" ? "active" : "in the shadow")}.")
            : new RuleMove(
                "shadowed",
                [
                    .. versions.Where(other => other.State == "shadow").Select(other => other with { State = "draft" }),
                    rule with { State = "shadow", ShadowAt = now },
                ]);

    /// <summary>Takes a version out.</summary>
    public static RuleMove Retire(StoredRule rule, string by, DateTimeOffset now) => rule.State == "retired"
        ? RuleMove.Refused("It is retired.")
        : new RuleMove("retired", [rule with { State = "retired", RetiredAt = now, RetiredBy = by }]);

    /// <summary>
    /// Puts the newest earlier version in force that was once active. Nobody needs to approve what was approved.
    /// </summary>
    public static RuleMove RollBack(
        IReadOnlyList<StoredRule> versions, StoredRule active, string by, DateTimeOffset now)
    {
        var earlier = versions.FirstOrDefault(
            rule => rule.Version < active.Version && rule.ActivatedAt is not null);
        return earlier is null
            ? RuleMove.Refused("No earlier version of it was ever active: retire it instead.")
            : new RuleMove("rolled back", [.. Retired(versions, by, now), Active(earlier, earlier.Approver, now)]);
    }

    /// <summary>What becomes of a rule's versions when the service starts with it in its configuration.</summary>
    /// <remarks>Once a person activated a version, or took one out, the rule is the team's: drafts come only.</remarks>
    public static IEnumerable<StoredRule> TakeOver(
        string code, RuleOptions configured, IReadOnlyList<StoredRule> versions, DateTimeOffset now)
    {
        var isTheirs = versions.Any(rule =>
            (rule.ActivatedAt is not null && rule.Approver != Configuration)
            || (rule.RetiredBy is not null && rule.RetiredBy != Configuration));
        if (!configured.Enabled)
        {
            return isTheirs ? [] : Retired(versions, Configuration, now);
        }

        var known = versions.FirstOrDefault(rule => rule.Author == Configuration);
        var isKnown = known?.ToNamed().Rule == configured.ToDefinition();
        if (isKnown && (isTheirs || versions.Any(rule => rule.State == "active")))
        {
            return [];
        }

        var newest = versions.Count == 0 ? 0 : versions[0].Version;
        var rule = isKnown
            ? known!
            : Draft(code, configured.ToDefinition(), null, Configuration, now) with { Version = newest + 1 };
        return isTheirs ? [rule] : [.. Retired(versions, Configuration, now), Active(rule, Configuration, now)];
    }

    private static StoredRule Active(StoredRule rule, string? approver, DateTimeOffset now) => rule with
    {
        State = "active",
        Approver = approver,
        ActivatedAt = now,
        RetiredAt = null,
        RetiredBy = null,
    };

    private static IEnumerable<StoredRule> Retired(
        IReadOnlyList<StoredRule> versions, string by, DateTimeOffset now) =>
        versions.Where(rule => rule.State == "active")
            .Select(rule => rule with { State = "retired", RetiredAt = now, RetiredBy = by });
}

/// <summary>What a change does to the versions of a rule.</summary>
/// <param name="Change">Its name: activated, shadowed, retired, rolled back.</param>
/// <param name="Changed">The versions that change, in the order of writing.</param>
/// <param name="Refusal">Why nothing changes; null if something does.</param>
internal sealed record RuleMove(string Change, IReadOnlyList<StoredRule> Changed, string? Refusal = null)
{
    public static RuleMove Refused(string why) => new("", [], why);
}
