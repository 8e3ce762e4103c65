using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Ecom.Algorithms.Segmentation;
using Ecom.Training.Data;
using Ecom.Training.Runs;

namespace Ecom.Training.Trainers;

internal sealed record SegmentsOptions : TrainerOptions, IValidatableObject
{
    /// <summary>Fewest segments to try. Default 3.</summary>
    [Range(2, 10)]
    public int Fewest { get; init; } = 3;

    /// <summary>Most segments to try. Default 8.</summary>
    [Range(2, 10)]
    public int Most { get; init; } = 8;

    /// <summary>Independent starts of k-means for each number of segments. Default 20.</summary>
    [Range(1, 1_000)]
    public int Restarts { get; init; } = 20;

    /// <summary>Customers among whom the silhouette is measured. Default 2,000.</summary>
    [Range(10, 20_000)]
    public int SilhouetteSample { get; init; } = 2_000;

    /// <summary>Share of the customers that is held out to measure on. Default 0.2.</summary>
    [Range(0.01, 0.9)]
    public double TestShare { get; init; } = 0.2;

    /// <summary>With fewer customers a run fails. Default 50.</summary>
    [Range(10, int.MaxValue)]
    public int MinimumCustomers { get; init; } = 50;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Most < Fewest)
        {
            yield return new ValidationResult($"Must be at least {Fewest}, the fewest.", [nameof(Most)]);
        }
    }
}

/// <summary>Trainer of model "segments": k-means over recency, frequency and money of customers.</summary>
/// <remarks>
/// Segments have no right answer to be compared with. What is measured is whether customers who were held out lie
/// clearly in the segment they are given: the mean silhouette on log z-scores, centres learnt from the others. The
/// baselines cut the customers into as many equal parts by one value alone, which is what a shop does by hand, and
/// leave them in one segment, whose silhouette is 0 by definition.
/// </remarks>
internal sealed class SegmentsTrainer : Trainer
{
    private const string SpendQuantiles = "spend-quantiles";
    private const string OneSegment = "one-segment";

    public override string Name => "segments";

    public override string Model => "segments";

    public override string Metric => "silhouette";

    public override DataFeed Feed => DataFeed.Orders;

    public override IReadOnlyList<string> Baselines => [SpendQuantiles, OneSegment];

    public override TrainerOptions ReadOptions(JsonElement? given) => TrainerOptionsReader.Read<SegmentsOptions>(given);

    public override async Task<TrainingResult> TrainAsync(
        TrainingTask task,
        DataSource source,
        Stream artefact,
        TrainingProgress progress,
        CancellationToken cancellation)
    {
        var options = (SegmentsOptions)ReadOptions(task.Options);
        progress.Report(0, "reading orders");
        var lines = source.ReadAsync<OrderLine>(cancellation);
        var history = await OrderHistory.ReadAsync(lines, Feed.Path, options.HistoryDays, cancellation);
        var (known, held) = Split(history.Customers, options);

        progress.Report(0.3, $"segmenting {known.Length} customers");
        var model = SegmentModel.Train(known, ToSettings(options));
        var own = Measure(model, known, held, options);
        IReadOnlyDictionary<string, double>? champion = null;
        if (task.Champion is { } recipe)
        {
            progress.Report(0.5, $"measuring champion {recipe.Version}");
            var theirs = (SegmentsOptions)ReadOptions(recipe.Options);
            champion = theirs == options
                ? own
                : Measure(SegmentModel.Train(known, ToSettings(theirs)), known, held, options);
        }

        progress.Report(0.7, $"segmenting all {history.Customers.Length} customers");
        SegmentModel.Train(history.Customers, ToSettings(options)).Write(artefact);
        return new TrainingResult
        {
            Metrics = own,
            Baselines = new Dictionary<string, IReadOnlyDictionary<string, double>>
            {
                [SpendQuantiles] = MeasureQuantiles(model, known, held, options),
                [OneSegment] = new Dictionary<string, double> { [Metric] = 0, ["segments"] = 1 },
            },
            Champion = champion,
            DataSet = history.DataSet,
        };
    }

    private static SegmentModelOptions ToSettings(SegmentsOptions options) => new()
    {
        Fewest = options.Fewest,
        Most = options.Most,
        Restarts = options.Restarts,
        SilhouetteSample = options.SilhouetteSample,
        Seed = options.Seed,
    };

    private static (RfmValues[] Known, RfmValues[] Held) Split(RfmValues[] customers, SegmentsOptions options)
    {
        if (customers.Length < options.MinimumCustomers)
        {
            throw new TrainingException(
                $"Only {customers.Length} customers with orders, at least {options.MinimumCustomers} are needed. "
                + "Import a history or wait for more orders, or lower minimumCustomers.");
        }

        var shuffled = customers.ToArray();
        new Random(options.Seed).Shuffle(shuffled);
        var test = Math.Max(2, (int)(shuffled.Length * options.TestShare));
        return (shuffled[test..], shuffled[..test]);
    }

    private static Dictionary<string, double> Measure(
        SegmentModel model, RfmValues[] known, RfmValues[] held, SegmentsOptions options)
    {
        var places = model.Segments.Index().ToDictionary(pair => pair.Item.Name, pair => pair.Index);
        var labels = Array.ConvertAll(held, customer => places[model.Assign(customer).Name]);
        return Result(labels, known, held, options);
    }

    private static Dictionary<string, double> MeasureQuantiles(
        SegmentModel model, RfmValues[] known, RfmValues[] held, SegmentsOptions options)
    {
        var spent = known.Select(customer => customer.Monetary).Order().ToArray();
        var bounds = Enumerable.Range(1, model.Segments.Count - 1)
            .Select(part => spent[part * spent.Length / model.Segments.Count])
            .ToArray();
        var labels = Array.ConvertAll(held, customer => bounds.Count(bound => customer.Monetary >= bound));
        return Result(labels, known, held, options);
    }

    // The scale comes from the known customers, whatever model made the labels: one ruler for all.
    private static Dictionary<string, double> Result(
        int[] labels, RfmValues[] known, RfmValues[] held, SegmentsOptions options)
    {
        var points = RfmScaling.Fit(known).Transform(held);
        var sizes = labels.CountBy(label => label).Select(pair => pair.Value).ToArray();
        return new Dictionary<string, double>
        {
            ["silhouette"] = Silhouette.Mean(
                points, RfmScaling.Dimensions, labels, options.SilhouetteSample, options.Seed),
            ["segments"] = sizes.Length,
            ["smallestShare"] = (double)sizes.Min() / labels.Length,
            ["customers"] = labels.Length,
        };
    }
}
