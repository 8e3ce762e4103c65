using System.Diagnostics;
using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;
using Ecom.Cli.Bench.Faults;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Payments;
using Ecom.Rules;
using Ecom.Rules.Checking;
using Ecom.Rules.Evaluation;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>
/// In process, features in hand: a model of 200 trees of 16 leaves over the whole vector with its reasons and its
/// anomaly, and 50 rules.
/// </summary>
internal static class ScoringBench
{
    private const int Payments = 6_000;
    private const int Rules = 50;
    private const int Reasons = 5;
    private const int Rounds = 5;
    private static readonly int _width = PaymentRisk.Names.Count;

    /// <summary>Microseconds of each payment, warm; and the model.</summary>
    public static (Latencies Took, FraudModel Model) Measure(
        PaymentStream stream, DateTimeOffset now, CancellationToken cancellation)
    {
        var rows = VectorsOf(stream, now);
        var model = ModelOf(rows, now, cancellation);
        var rules = RulesOf();
        var took = new List<double>();
        var contributions = new double[_width];
        var columns = new int[_width];
        var (numbers, texts) = (new double[_width], new string?[] { "GB", "GB" });
        for (var round = 0; round <= Rounds; round++)
        {
            for (var payment = 0; payment < Payments; payment++)
            {
                var row = rows.AsSpan(payment * _width, _width);
                for (var at = 0; at < _width; at++)
                {
                    (numbers[at], columns[at]) = (row[at], at);
                }

                var began = Stopwatch.GetTimestamp();
                Judge(model, rules, row, contributions, columns, new FeatureVector(numbers, texts));
                var microseconds = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
                if (round > 0)
                {
                    took.Add(microseconds);
                }
            }
        }

        return (new Latencies(took), model);
    }

    private static double Judge(
        FraudModel model,
        CompiledRule[] rules,
        ReadOnlySpan<float> row,
        double[] contributions,
        int[] columns,
        in FeatureVector vector)
    {
        var score = model.Explain(row, contributions) + (model.Anomaly(row) ?? 0);
        Array.Sort(columns, (one, other) => contributions[other].CompareTo(contributions[one]));
        foreach (var column in columns.AsSpan(0, Reasons))
        {
            score += contributions[column];
        }

        foreach (var rule in rules)
        {
            score += rule.Holds(vector) ? rule.Measure(vector)?.Value ?? 1 : 0;
        }

        return score;
    }

    // Of a stream with its history, by the live engine's own code.
    private static float[] VectorsOf(PaymentStream stream, DateTimeOffset now)
    {
        var memory = new FeatureMemory(FraudFeatures.Set);
        foreach (var past in Enumerable.Range(0, Payments).Select(number => stream.Past(number, now))
            .OrderBy(payment => payment.AttemptedAt))
        {
            memory.Add(EventOf(past));
        }

        var rows = new float[Payments * _width];
        var vector = new double[_width];
        for (var payment = 0; payment < Payments; payment++)
        {
            var tried = EventOf(stream.Next('i', payment, now.AddMilliseconds(payment)));
            EntityState[] before = [.. FraudFeatures.Set.Touched(tried).Select(memory.Find).OfType<EntityState>()];
            PaymentRisk.Fill(tried, before, vector);
            memory.Add(tried);
            for (var at = 0; at < _width; at++)
            {
                rows[(payment * _width) + at] = (float)vector[at];
            }
        }

        return rows;
    }

    // Of labels by chance, so that every tree grows to its full size; it suspects nobody much.
    private static FraudModel ModelOf(float[] rows, DateTimeOffset now, CancellationToken cancellation)
    {
        var random = new Random(1);
        var labels = Enumerable.Range(0, Payments).Select(_ => random.NextDouble() < 0.2).ToArray();
        var trees = GradientBoosting.Fit(
            rows,
            _width,
            labels,
            new GradientBoostingOptions { Trees = 200, Leaves = 16, Threads = Environment.ProcessorCount },
            cancellation);
        return TrialModel.Make(rows, trees, new PlattCalibration(1, -6), labels, now);
    }

    private static CompiledRule[] RulesOf()
    {
        var language = new RuleLanguage(new FeatureSchema(
        [
            .. PaymentRisk.Names.Select(name => KeyValuePair.Create(name, RuleType.Number)),
            KeyValuePair.Create("card_country", RuleType.Text),
            KeyValuePair.Create("ip_country", RuleType.Text),
        ]));
        return [.. BenchRules.Conditions(Rules).Select(condition =>
            language.TryCompile(condition, out var rule, out var problems)
                ? rule
                : throw new InvalidOperationException($"{condition}: {problems[0]}"))];
    }

    private static ShopEvent EventOf(PaymentAttempted payment) =>
        ShopEvents.From(payment with { EventId = Guid.NewGuid() })[0];
}
