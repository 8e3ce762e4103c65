using System.Collections.Frozen;
using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Recommendation.Settings;

/// <summary>
/// What merchandisers set, in the memory of each replica: looked for each second by its newest change, taken over as a
/// whole, so that one request never sees two versions.
/// </summary>
internal sealed class CurrentSettings(
    ChangeStore changes,
    PlacementStore placements,
    ExperimentStore experiments,
    RuleStore rules,
    ILogger<CurrentSettings> logger)
    : Follower("the settings", TimeSpan.FromSeconds(1), logger)
{
    private volatile SettingsSnapshot _now = SettingsSnapshot.Empty;

    /// <summary>The settings that hold now.</summary>
    public SettingsSnapshot Now => _now;

    /// <summary>Reads before the first request is answered.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await FollowAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var newest = await changes.ReadNewestAsync(cancellation);
        if (newest == _now.Change)
        {
            return;
        }

        var stored = await placements.ReadAllAsync(cancellation);
        var byName = stored
            .Select(placement => placement.Settings.ToPlacement(placement.Name, placement.Version))
            .ToFrozenDictionary(placement => placement.Name, StringComparer.Ordinal);
        var running = await experiments.ReadRunningAsync(cancellation);
        var active = await rules.ReadActiveAsync(cancellation);
        var tried = await rules.ReadAsync(
            [.. running.SelectMany(experiment => experiment.Plan.NamedRules)], cancellation);
        _now = new SettingsSnapshot
        {
            Change = newest,
            Placements = byName,
            Rules = byName.Keys.ToFrozenDictionary(name => name, name => RuleSet.Of(active, name)),
            Experiments = running
                .Where(experiment => byName.ContainsKey(experiment.Plan.Placement))
                .ToFrozenDictionary(
                    experiment => experiment.Plan.Placement,
                    experiment => new RunningExperiment(experiment, byName[experiment.Plan.Placement], tried)),
        };
    }
}

/// <summary>The settings at one moment.</summary>
internal sealed record SettingsSnapshot
{
    public static SettingsSnapshot Empty { get; } = new()
    {
        Change = -1,
        Placements = FrozenDictionary<string, Placement>.Empty,
        Experiments = FrozenDictionary<string, RunningExperiment>.Empty,
        Rules = FrozenDictionary<string, RuleSet>.Empty,
    };

    /// <summary>Number of the newest change that they hold.</summary>
    public required long Change { get; init; }

    public required FrozenDictionary<string, Placement> Placements { get; init; }

    /// <summary>Running experiments by placement.</summary>
    public required FrozenDictionary<string, RunningExperiment> Experiments { get; init; }

    /// <summary>Active rules by placement.</summary>
    public required FrozenDictionary<string, RuleSet> Rules { get; init; }

    /// <summary>The rules of a placement.</summary>
    public RuleSet RulesOf(string placement) => Rules.GetValueOrDefault(placement, RuleSet.None);

    /// <summary>The arm of a visitor at a placement; null outside experiments.</summary>
    /// <param name="placement">The placement.</param>
    /// <param name="customerId">The customer; null if not known.</param>
    /// <param name="anonymousId">The browser; null if not named.</param>
    /// <param name="unit">Whom the experiment counts; null outside experiments.</param>
    public Arm? ArmOf(Placement placement, string? customerId, string? anonymousId, out long? unit)
    {
        unit = null;
        if (!Experiments.TryGetValue(placement.Name, out var experiment))
        {
            return null;
        }

        unit = RunningExperiment.UnitOf(customerId, anonymousId);
        return unit is null ? null : experiment.ArmOf(unit.Value);
    }

    /// <returns>Null for an unknown name.</returns>
    public Placement? Find(string placement) => Placements.GetValueOrDefault(placement);

    /// <summary>All names, sorted, separated by commas: for messages to people.</summary>
    public string PlacementNames() => string.Join(", ", Placements.Keys.Order(StringComparer.Ordinal));
}
