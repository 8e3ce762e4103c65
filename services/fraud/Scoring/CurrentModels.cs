using Ecom.Algorithms.Fraud;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.Fraud.Scoring;

/// <summary>
/// Champion, challenger and policy in the memory of each replica, looked for each second and taken over as a whole.
/// </summary>
internal sealed partial class CurrentModels(
    ModelStore models, PolicyStore policies, ArtefactCache artefacts, ILogger<CurrentModels> logger)
    : Follower("the models", TimeSpan.FromSeconds(1), logger)
{
    /// <summary>Its name in training.</summary>
    public const string Name = "fraud";

    private const int MostLoaded = 16;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly Dictionary<int, ServedModel> _loaded = [];
    private volatile ModelsSnapshot? _now;

    /// <summary>What holds now.</summary>
    public ModelsSnapshot Now => _now ?? throw new InvalidOperationException("The models were not read yet.");

    /// <summary>
    /// Takes the configured costs over and reads, before the first payment is judged. A model that cannot be loaded
    /// keeps nobody waiting: rules decide alone until it can.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await policies.TakeOverAsync(cancellationToken);
        _now = new ModelsSnapshot { Policy = await policies.ReadCurrentAsync(cancellationToken) };
        try
        {
            await FollowAsync(cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or InvalidDataException or IOException)
        {
            LogMissing(error.Message);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>A version that was ever served.</summary>
    /// <returns>
    /// Null if it never was, or if its file is not to be had: neither on this machine nor from training.
    /// </returns>
    public async Task<ServedModel?> FindAsync(int version, CancellationToken cancellation)
    {
        try
        {
            return await models.FindAsync(version, cancellation) is { } stored
                ? await LoadAsync(stored, cancellation)
                : null;
        }
        catch (Exception error) when (error is HttpRequestException or InvalidDataException or IOException)
        {
            LogLost(version, error.Message);
            return null;
        }
    }

    public override void Dispose()
    {
        _loading.Dispose();
        base.Dispose();
    }

    // A version serves until the next one is loaded.
    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var policy = await policies.ReadCurrentAsync(cancellation);
        var roles = (await models.ReadRolesAsync(cancellation)).ToDictionary(role => role.Role, StringComparer.Ordinal);
        var champion = roles.GetValueOrDefault("champion");
        var challenger = roles.GetValueOrDefault("challenger");
        _now = Now with { Policy = policy, Fallback = champion?.SuspendedBecause ?? FallbackWithout(champion) };
        if (champion?.Version != Now.Champion?.Version)
        {
            var served = champion is null ? null : await LoadAsync(champion.Model, cancellation);
            _now = Now with { Champion = served, Fallback = champion?.SuspendedBecause };
            LogServing("champion", served?.Version);
        }

        if (challenger?.Version != Now.Challenger?.Version)
        {
            var served = challenger is null ? null : await LoadAsync(challenger.Model, cancellation);
            _now = Now with { Challenger = served };
            LogServing("challenger", challenger?.Version);
        }
    }

    // What another version was suspended for holds until this one is loaded.
    private string? FallbackWithout(ModelRole? champion) =>
        champion is null || champion.Version == Now.Champion?.Version ? null
        : Now.Champion is null ? $"Version {champion.Version} of the model is not loaded."
        : Now.Fallback;

    private async Task<ServedModel> LoadAsync(StoredModel stored, CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation);
        try
        {
            if (!_loaded.TryGetValue(stored.Version, out var served))
            {
                if (_loaded.Count >= MostLoaded)
                {
                    _loaded.Clear();
                }

                await using var stream = await artefacts.OpenAsync(
                    stored.ArtefactPath, stored.ArtefactSha256, cancellation);
                served = new ServedModel(stored.Version, FraudModel.Read(stream));
                _loaded[stored.Version] = served;
            }

            return served;
        }
        finally
        {
            _loading.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Role} is version {Version} of the model")]
    private partial void LogServing(string role, int? version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Version {Version} of the model cannot be had: {Reason}")]
    private partial void LogLost(int version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No model yet, rules decide alone: {Reason}")]
    private partial void LogMissing(string reason);
}

/// <summary>Models and policy at one moment.</summary>
internal sealed record ModelsSnapshot
{
    /// <summary>Decides with the rules, unless there is a <see cref="Fallback"/>; null if there is none.</summary>
    public ServedModel? Champion { get; init; }

    /// <summary>Is asked without effect; null if there is none.</summary>
    public ServedModel? Challenger { get; init; }

    /// <summary>Why rules decide alone although there is a model; null if they do not.</summary>
    public string? Fallback { get; init; }

    public required CostPolicy Policy { get; init; }
}
