using System.ComponentModel.DataAnnotations;

namespace Ecom.Training.Trainers;

/// <summary>What the options of fraud trainers share.</summary>
internal abstract record FraudOptions : TrainerOptions
{
    /// <summary>Days that are held out to measure on: the newest ones whose labels have matured. Default 14.</summary>
    [Range(1, 365)]
    public int TestDays { get; init; } = 14;

    /// <summary>Days of known payments that the calibration is fitted on. Default 14.</summary>
    [Range(1, 365)]
    public int CalibrationDays { get; init; } = 14;

    /// <summary>
    /// Days after which a payment without a label counts as genuine; null for what the fraud service says. Default
    /// null.
    /// </summary>
    [Range(1, 365)]
    public int? LabelMaturityDays { get; init; }

    /// <summary>With fewer frauds to fit, to calibrate or to measure on a run fails. Default 20.</summary>
    [Range(1, 100_000)]
    public int MinimumFrauds { get; init; } = 20;
}

internal sealed record FraudTreesOptions : FraudOptions
{
    /// <summary>Number of trees. Default 200.</summary>
    [Range(1, 5_000)]
    public int Trees { get; init; } = 200;

    /// <summary>Most leaves of a tree. Default 16.</summary>
    [Range(2, 256)]
    public int Leaves { get; init; } = 16;

    /// <summary>Most splits from root to leaf. Default 6.</summary>
    [Range(1, 20)]
    public int Depth { get; init; } = 6;

    /// <summary>Share of a tree's step that is taken. Default 0.1.</summary>
    [Range(0.001, 1.0)]
    public double LearningRate { get; init; } = 0.1;
}

internal sealed record FraudLogisticOptions : FraudOptions
{
    /// <summary>Squared penalty of the weights. Default 1.</summary>
    [Range(0.0, 1e6)]
    public double Penalty { get; init; } = 1;
}
