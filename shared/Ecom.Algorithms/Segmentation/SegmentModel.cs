using System.Text.Json;

namespace Ecom.Algorithms.Segmentation;

/// <summary>How <see cref="SegmentModel.Train"/> works.</summary>
public sealed record SegmentModelOptions
{
    /// <summary>Fewest segments to try, at least 2. Default 3.</summary>
    public int Fewest { get; init; } = 3;

    /// <summary>Most segments to try, at most <see cref="SegmentNames.MaximumCount"/>. Default 8.</summary>
    public int Most { get; init; } = 8;

    /// <summary>Customers among whom the silhouette is measured. Default 2,000.</summary>
    public int SilhouetteSample { get; init; } = 2_000;

    /// <summary>Independent starts of k-means for each number of segments. Default 20.</summary>
    public int Restarts { get; init; } = 20;

    /// <summary>Seed. Default 1.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>What one number of segments achieved.</summary>
/// <param name="Segments">Number of segments.</param>
/// <param name="Inertia">Sum of squared distances; comparable at equal numbers only.</param>
/// <param name="Silhouette">Mean silhouette in [-1, 1]; the highest is chosen.</param>
public sealed record SegmentChoice(int Segments, double Inertia, double Silhouette);

/// <summary>One segment of customers.</summary>
/// <param name="Name">Unique within the model, for example "Champions".</param>
/// <param name="Centroid">z-scores of recency, frequency, monetary.</param>
/// <param name="Customers">Customers of the training data in it.</param>
public sealed record Segment(string Name, double[] Centroid, int Customers);

/// <summary>Segments of customers by recency, frequency and money: scaling, centres and names.</summary>
/// <remarks>k-means on z-scores of log1p; the number of segments by silhouette. Deterministic for a seed.</remarks>
public sealed record SegmentModel
{
    /// <summary>How values become comparable.</summary>
    public required RfmScaling Scaling { get; init; }

    /// <summary>The segments, most recent buyers first; empty when there were no customers.</summary>
    public required IReadOnlyList<Segment> Segments { get; init; }

    /// <summary>What each number of segments achieved, so that the choice can be seen.</summary>
    public required IReadOnlyList<SegmentChoice> Choices { get; init; }

    /// <summary>Learns segments. Fewer distinct customers than segments give as many as there are.</summary>
    /// <param name="rows">One row a customer.</param>
    /// <param name="options">Settings.</param>
    public static SegmentModel Train(IReadOnlyCollection<RfmValues> rows, SegmentModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Fewest, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Most, options.Fewest, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Most, SegmentNames.MaximumCount, nameof(options));

        var scaling = RfmScaling.Fit(rows);
        var points = scaling.Transform(rows);
        var fitted = Enumerable.Range(options.Fewest, options.Most - options.Fewest + 1)
            .Select(count => Try(points, count, options))
            .ToArray();
        var best = fitted.MaxBy(one => one.Choice.Silhouette);
        var names = SegmentNames.For(best.Clustering.Centroids);
        return new SegmentModel
        {
            Scaling = scaling,
            Segments =
            [
                .. names.Select((name, at) => new Segment(
                    name, best.Clustering.Centroids[at], best.Clustering.Labels.Count(label => label == at))),
            ],
            Choices = [.. fitted.Select(one => one.Choice)],
        };
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Not such a model.</exception>
    public static SegmentModel Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            var model = JsonSerializer.Deserialize<SegmentModel>(stream);
            return model is not null && IsSound(model)
                ? model
                : throw new InvalidDataException("The segment model has wrong shapes.");
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException("Not a segment model.", malformed);
        }
    }

    /// <summary>Writes the model as JSON (UTF-8).</summary>
    public void Write(Stream stream) => JsonSerializer.Serialize(stream, this);

    /// <summary>The segment whose centre is nearest; of equal ones the first.</summary>
    /// <exception cref="InvalidOperationException">The model has no segments.</exception>
    public Segment Assign(RfmValues row)
    {
        var point = Scaling.Transform(row);
        return Segments.MinBy(segment => Distance.Squared(point, segment.Centroid))
            ?? throw new InvalidOperationException("The model was trained without customers.");
    }

    private static (SegmentChoice Choice, Clustering Clustering) Try(
        double[] points, int count, SegmentModelOptions options)
    {
        var settings = new KMeansOptions { Clusters = count, Restarts = options.Restarts, Seed = options.Seed };
        var clustering = KMeans.Fit(points, RfmScaling.Dimensions, settings);
        var silhouette = Silhouette.Mean(
            points, RfmScaling.Dimensions, clustering.Labels, options.SilhouetteSample, options.Seed);
        return (new SegmentChoice(clustering.Centroids.Length, clustering.Inertia, silhouette), clustering);
    }

    private static bool IsSound(SegmentModel model) =>
        model.Scaling is { Means.Length: RfmScaling.Dimensions, Deviations.Length: RfmScaling.Dimensions }
        && model.Segments.All(segment => segment.Centroid is { Length: RfmScaling.Dimensions });
}
