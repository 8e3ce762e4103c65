using Ecom.Algorithms.Fraud;

namespace Ecom.Fraud.Scoring;

/// <summary>How the newest payments differ from those that a version saw last before it was made.</summary>
/// <remarks>Population stability indices: see <see cref="ReferenceBins"/>.</remarks>
internal sealed record ModelDrift
{
    private const int MostFeatures = 10;

    /// <summary>Payments that were compared.</summary>
    public required int Payments { get; init; }

    /// <summary>Index of the scores.</summary>
    public required double Score { get; init; }

    /// <summary>What chance alone would make of it in a sample of the size.</summary>
    public required double Chance { get; init; }

    /// <summary>The features that changed most, with their indices, the greatest first.</summary>
    public required IReadOnlyList<FeatureDrift> Features { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>Compares vectors; the version scores them anew, since it may be suspended.</summary>
    public static async Task<ModelDrift> OfAsync(
        ServedModel served, IAsyncEnumerable<IReadOnlyDictionary<string, double?>> vectors, DateTimeOffset now)
    {
        var (model, reference) = (served.Model, served.Model.Reference);
        var features = reference.Features.Select(bins => new long[bins.Count]).ToArray();
        var scores = new long[reference.Score.Count];
        var payments = 0;
        await foreach (var vector in vectors)
        {
            var row = served.RowOf(vector);
            payments++;
            scores[reference.Score.BinOf(model.Score(row))]++;
            for (var at = 0; at < row.Length; at++)
            {
                features[at][reference.Features[at].BinOf(row[at])]++;
            }
        }

        return new ModelDrift
        {
            Payments = payments,
            Score = payments == 0 ? 0 : reference.Score.Psi(scores),
            Chance = payments == 0 ? 0 : (reference.Score.Count - 1.0) / payments,
            Features = payments == 0 ? [] :
            [
                .. model.Names.Select((name, at) => new FeatureDrift(name, reference.Features[at].Psi(features[at])))
                    .OrderByDescending(drift => drift.Index)
                    .Take(MostFeatures),
            ],
            MeasuredAt = now,
        };
    }

    /// <summary>Why the version must not decide; null if it may.</summary>
    /// <param name="served">The version.</param>
    /// <param name="options">What is too much.</param>
    /// <param name="isSuspended">Whether it is suspended: it comes back at half of what suspends it.</param>
    public string? Objection(ServedModel served, ModelOptions options, bool isSuspended)
    {
        if (MeasuredAt - served.Model.TrainedOn.To is var age && age > options.MaxAge)
        {
            return FormattableString.Invariant(
                $"Version {served.Version} learnt from payments that are {age.TotalDays:0} days old at least.");
        }

        var limit = options.SuspendAt / (isSuspended ? 2 : 1);
        return Payments >= options.LeastPayments && Score - Chance >= limit
            ? FormattableString.Invariant($"The scores of the newest {Payments} payments are spread otherwise than ")
                + FormattableString.Invariant($"those that version {served.Version} learnt from: stability index ")
                + FormattableString.Invariant($"{Score:0.00}. Most changed: ")
                + string.Join(", ", Features.Take(3).Select(feature => feature.Name)) + "."
            : null;
    }
}

/// <summary>How a feature changed.</summary>
/// <param name="Name">The feature.</param>
/// <param name="Index">Population stability index.</param>
internal sealed record FeatureDrift(string Name, double Index);
