using System.ComponentModel.DataAnnotations;

namespace Ecom.Training;

/// <summary>Section <c>Training</c> of the configuration; checked when the service starts.</summary>
internal sealed class TrainingOptions
{
    public const string Section = "Training";

    /// <summary>Whether a version that passes its gate becomes champion at once. Default true.</summary>
    public bool AutoPromote { get; init; } = true;

    /// <summary>
    /// Threads of a training process; they never change its result. Default half of the cores, at least 1.
    /// </summary>
    [Range(1, 256)]
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>
    /// A run that takes longer is killed and fails. Default 4 hours: a run of <c>vae</c> fits twice, up to half an hour
    /// each on a million interactions, and its champion may be another.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "2.00:00:00")]
    public TimeSpan RunLimit { get; init; } = TimeSpan.FromHours(4);

    /// <summary>
    /// Memory that a training process may take, in MiB; a run that is foretold to need more is refused. What the
    /// machine or container has is a limit as well. Default 2,048.
    /// </summary>
    [Range(64, 1_048_576)]
    public int MemoryLimitMegabytes { get; init; } = 2_048;

    /// <summary>The smaller of the limit and what the machine or container has, in MiB.</summary>
    public int MemoryLimit => (int)Math.Min(
        MemoryLimitMegabytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1_048_576);

    /// <summary>
    /// Folder of libtorch's files, for the deep models. Default null: <c>torch</c> beside the program, else where the
    /// build laid them out.
    /// </summary>
    public string? TorchPath { get; init; }

    /// <summary>Time between looks for queued runs. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time after which a dead replica's run may be taken over. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a run is begun when its owners die, before it fails. Default 3.</summary>
    [Range(1, 100)]
    public int Attempts { get; init; } = 3;

    /// <summary>What a challenger's metric must be above the champion's. Default 0: any gain.</summary>
    [Range(0.0, 1.0)]
    public double MinimumGain { get; init; }

    /// <summary>Drift or bad outcomes start no run of a model that had one within this time. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan RetrainPause { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Time after a model's newest run at which its champion's recipe is trained again, by model; zero is never.
    /// Default 1 day for recommendation and fraud, 7 days for segments.
    /// </summary>
    public IReadOnlyDictionary<string, TimeSpan> RetrainAfter { get; init; } = new Dictionary<string, TimeSpan>
    {
        ["recommendation"] = TimeSpan.FromDays(1),
        ["segments"] = TimeSpan.FromDays(7),
        ["fraud"] = TimeSpan.FromDays(1),
    };

    /// <summary>
    /// Rows newer than the data of a model's newest version at which its champion's recipe is trained again, by model.
    /// Default none.
    /// </summary>
    public IReadOnlyDictionary<string, int> RetrainAtNewRows { get; init; } = new Dictionary<string, int>();

    /// <summary>Time between looks for what is to be trained again. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan RetrainCheck { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Lowest acceptable live value by metric name (highest, for the metrics of <see cref="LowerIsBetter"/>).
    /// A metric without an entry is compared with its own past. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, double> QualityFloors { get; init; } = new Dictionary<string, double>();

    /// <summary>Loss against its own past, as a share, from which a metric counts as degraded. Default 0.2.</summary>
    [Range(0.0, 1.0)]
    public double QualityTolerance { get; init; } = 0.2;

    /// <summary>Outcomes that a measurement must rest on to be judged. Default 100.</summary>
    [Range(1, int.MaxValue)]
    public int MinimumOutcomes { get; init; } = 100;

    /// <summary>Metrics that are errors. Default brier, logLoss, ece, top2%error, mae, rmse, mape, wape.</summary>
    public IReadOnlyList<string> LowerIsBetter { get; init; } =
        ["brier", "logLoss", "ece", "top2%error", "mae", "rmse", "mape", "wape"];
}

/// <summary>Section <c>Storage</c> of the configuration.</summary>
internal sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Directory of artefacts and of work under way; replicas share it.</summary>
    [Required]
    public required string Path { get; init; }
}
