using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>The files of an evaluation; which are given says what is measured.</summary>
internal sealed record RecommendFiles
{
    public string? Train { get; init; }

    public string? Valid { get; init; }

    public string? Test { get; init; }

    public string? Sequences { get; init; }

    public string? Behaviours { get; init; }

    public string? Ratings { get; init; }

    public bool AreSessions { get; init; }

    public string? Attributes { get; init; }
}

/// <summary>What an evaluation found.</summary>
/// <param name="DataSet">Name of the data, from its files.</param>
/// <param name="Default">The model that is served by default.</param>
/// <param name="Rows">One row a model.</param>
internal sealed record EvaluationResult(string DataSet, string Default, IReadOnlyList<EvaluatedModel> Rows);

/// <summary>Chooses the protocol by the files.</summary>
internal static class RecommendEvaluation
{
    public static EvaluationResult Run(
        RecommendFiles files, TuningOptions options, Action<string> report, CancellationToken cancellation)
    {
        return files switch
        {
            { Ratings: { } ratings } => new(
                NameOf(ratings),
                RatingsEvaluation.Factorisation,
                RatingsEvaluation.Run(RatingsFile.Read(ratings), options.Seed, report, cancellation: cancellation)),
            { AreSessions: true, Train: { } train, Test: { } test } => new(
                NameOf(train),
                SessionsEvaluation.Blend,
                new SessionsEvaluation(options.Threads, report, cancellation).Run(train, test)),
            { Sequences: { } sequences, Attributes: { } attributes } => new(
                NameOf(sequences),
                ColdItemsEvaluation.Content,
                ColdItemsEvaluation.Run(sequences, attributes, options.Seed, report)),
            { Behaviours: { } behaviours, Test: { } test } => Behaved(
                test, BehaviourData.Read(behaviours, files.Valid, test)),
            { Sequences: { } sequences } => Ranked(sequences, RankingData.OfSequences(sequences)),
            { Train: { } train, Test: { } test } => Ranked(
                train, RankingData.OfSplit(train, files.Valid, test, options.Seed)),
            _ => throw new SetupException("Nothing to measure: give --train and --test, --sequences, --ratings, or "
                + "--behaviours with --valid and --test."),
        };

        EvaluationResult Ranked(string path, RankingData data) => new(
            NameOf(path), RankingRun.Default, new RankingRun(data, options, report, cancellation).Run());

        EvaluationResult Behaved(string path, BehaviourData data) => new(
            NameOf(path),
            RankingRun.Default,
            [
                .. new RankingRun(data.BuysOnly, options, report, cancellation).Run()
                    .Select(row => row with { Model = "buys only: " + row.Model }),
                .. new RankingRun(data.AllKinds, options, report, cancellation).Run(),
            ]);
    }

    private static string NameOf(string path) =>
        Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? path;
}
