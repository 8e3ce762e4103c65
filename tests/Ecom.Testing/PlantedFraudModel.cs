using System.Security.Cryptography;
using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.Testing;

/// <summary>
/// A model of fraud that knows one thing: the probability is one from an amount on, and another below. Other features
/// it has seen, and makes nothing of.
/// </summary>
public static class PlantedFraudModel
{
    /// <summary>Names that it knows, the telling one first; the last is one that no payment has.</summary>
    public static IReadOnlyList<string> Names { get; } = ["amount", "customer_payments_1d", "of_another_release"];

    /// <summary>Makes it.</summary>
    /// <param name="from">The amount, minor units.</param>
    /// <param name="above">Probability of what is above, in (0, 1).</param>
    /// <param name="below">Probability of the rest, in (0, 1).</param>
    /// <param name="learntTo">When it learnt last.</param>
    /// <param name="usual">The amounts that it saw last before it was made; null for what lies around 5,000.</param>
    public static FraudModel Make(
        float from, double above, double below, DateTimeOffset learntTo, IReadOnlyList<float>? usual = null)
    {
        var trees = new TreeEnsemble(Names.Count, 0,
        [
            [
                new TreeNode(0, from, true, 1, LogOdds(below)),
                new TreeNode(-1, 0, false, 0, LogOdds(below)),
                new TreeNode(-1, 0, false, 0, LogOdds(above)),
            ],
        ]);
        usual ??= [.. Enumerable.Range(0, 1_000).Select(i => 4_500f + i)];
        var rows = usual.SelectMany((amount, i) => new[] { amount, i % 3, float.NaN }).ToArray();
        var calibration = new PlattCalibration(1, 0);
        return new FraudModel(
            Names,
            trees,
            calibration,
            FraudReference.Of(rows, trees, calibration),
            new TrainedOn(learntTo.AddDays(-100), learntTo, usual.Count, usual.Count / 10),
            AnomalyModel.Fit(rows, Names.Count, [0, 1]));
    }

    /// <summary>Its file.</summary>
    public static byte[] ToBytes(FraudModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var stream = new MemoryStream();
        model.Write(stream);
        return stream.ToArray();
    }

    /// <summary>The checksum of a file, as training announces it.</summary>
    public static string Sha256(byte[] artefact) => Convert.ToHexStringLower(SHA256.HashData(artefact));

    private static double LogOdds(double probability) => Math.Log(probability / (1 - probability));
}
