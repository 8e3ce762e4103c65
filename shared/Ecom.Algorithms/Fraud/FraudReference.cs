using Ecom.Algorithms.Classification;

namespace Ecom.Algorithms.Fraud;

/// <summary>What a model saw last before it was made: what live payments are compared with.</summary>
/// <param name="Features">Bins of each feature, in the order of a vector.</param>
/// <param name="Score">Bins of the calibrated score.</param>
public sealed record FraudReference(IReadOnlyList<ReferenceBins> Features, ReferenceBins Score)
{
    /// <summary>Bins of the vectors of payments and of what a model says of them.</summary>
    /// <param name="rows">Vectors, row by row; at least one. Of the newest payments that were learnt from.</param>
    /// <param name="margins">The model.</param>
    /// <param name="calibration">From margin to probability.</param>
    public static FraudReference Of(
        ReadOnlySpan<float> rows, IMarginModel margins, PlattCalibration calibration)
    {
        ArgumentNullException.ThrowIfNull(margins);
        var width = margins.Features;
        var values = new double[rows.Length / width];
        var features = new ReferenceBins[width];
        for (var feature = 0; feature < width; feature++)
        {
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = rows[(row * width) + feature];
            }

            features[feature] = ReferenceBins.Of(values);
        }

        for (var row = 0; row < values.Length; row++)
        {
            values[row] = calibration.Probability(margins.Margin(rows.Slice(row * width, width)));
        }

        return new FraudReference(features, ReferenceBins.Of(values));
    }
}

/// <summary>The payments that a model learnt from.</summary>
/// <param name="From">Time of the first, to the millisecond.</param>
/// <param name="To">Time of the last, to the millisecond.</param>
/// <param name="Rows">How many.</param>
/// <param name="Frauds">How many of them were known to be fraud.</param>
public sealed record TrainedOn(DateTimeOffset From, DateTimeOffset To, long Rows, long Frauds);
