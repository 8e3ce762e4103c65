using Ecom.Features.Payments;
using Ecom.Fraud.Lists;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Rules;

/// <summary>
/// Rules and lists in the memory of each replica: looked for each second by their newest change, taken over as a whole,
/// so that one payment never sees two versions.
/// </summary>
internal sealed partial class CurrentRules(
    RuleChanges changes,
    RuleStore rules,
    RuleSetStore sets,
    ListStore lists,
    IOptions<FraudOptions> options,
    ILogger<CurrentRules> logger)
    : Follower("the rules", TimeSpan.FromSeconds(1), logger)
{
    private volatile RulesSnapshot? _now;

    /// <summary>What holds now.</summary>
    public RulesSnapshot Now => _now ?? throw new InvalidOperationException("The rules were not read yet.");

    /// <summary>Takes the configuration over and reads, before the first payment is judged.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await rules.TakeOverAsync(options.Value.Rules, cancellationToken);
        await FollowAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var newest = await changes.ReadNewestAsync(cancellation);
        if (newest == _now?.Change)
        {
            return;
        }

        var stored = await rules.ListAsync(["active", "shadow"], cancellation);
        var known = await lists.ListAsync(cancellation);
        var live = stored.Where(IsUsable).ToLookup(rule => rule.State, rule => rule.ToNamed());
        var active = new RuleSet(new RuleSetContent
        {
            Features = FraudFeatures.Set.Version,
            ReviewAt = options.Value.ReviewAt,
            BlockAt = options.Value.BlockAt,
            Rules = [.. live["active"], .. known.Where(list => list.Action is not null).Select(list => list.ToRule())],
        });
        if (active.Version != _now?.Active.Version)
        {
            await sets.KeepAsync(active, cancellation);
            LogInForce(active.Version, active.Rules.Count);
        }

        _now = new RulesSnapshot
        {
            Change = newest,
            Active = active,
            Shadows = [.. live["shadow"].Select(ShadowRule.Of)],
            Lists = ListIndex.Of(await lists.ReadLiveAsync(cancellation)),
        };
    }

    // A rule can outlive a feature that it names: it must not stop the others.
    private bool IsUsable(StoredRule rule)
    {
        var problems = rule.ToNamed().Rule.Problems(out _);
        if (problems.Count > 0)
        {
            LogUnusable(rule.Code, rule.Version, string.Join(' ', problems.Values.SelectMany(problem => problem)));
        }

        return problems.Count == 0;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Version} is in force: {Count} rules")]
    private partial void LogInForce(string version, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Rule {Code} version {Version} is left out: {Reason}")]
    private partial void LogUnusable(string code, int version, string reason);
}

/// <summary>Rules and lists at one moment.</summary>
internal sealed record RulesSnapshot
{
    /// <summary>Number of the newest change that it holds.</summary>
    public required long Change { get; init; }

    /// <summary>The rules in force.</summary>
    public required RuleSet Active { get; init; }

    /// <summary>The rules that are judged by without effect.</summary>
    public required IReadOnlyList<ShadowRule> Shadows { get; init; }

    public required ListIndex Lists { get; init; }

    /// <summary>The shadow rules that hold for a payment, as code@version.</summary>
    public IReadOnlyList<string> ShadowsOf(PaymentFacts facts)
    {
        if (Shadows.Count == 0)
        {
            return [];
        }

        var slots = RuleSchema.SlotsOf(facts);
        return [.. Shadows.Where(shadow => shadow.Rule.Holds(slots.View)).Select(shadow => shadow.Name)];
    }
}
