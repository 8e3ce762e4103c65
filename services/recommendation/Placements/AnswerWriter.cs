using System.Text;
using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Lists;

namespace Ecom.Recommendation.Placements;

/// <summary>Writes answers: names, sources and reasons are UTF-8 beforehand, and are only copied.</summary>
internal static class AnswerWriter
{
    private static readonly byte[][] _sources =
        [.. Enum.GetValues<ListSource>().Select(source => Encoding.UTF8.GetBytes(PlacementSources.NameOf(source)))];

    /// <summary>The answer as <see cref="RecommendationAnswer"/> describes it.</summary>
    /// <param name="answer">What is answered.</param>
    /// <param name="candidates">The candidates.</param>
    /// <param name="places">Places of the chosen among the candidates.</param>
    /// <param name="state">What the visitor bought, for the reasons.</param>
    public static Utf8Answer Write(
        in AnswerHead answer, ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places, VisitorState state)
    {
        var json = new Utf8Answer();
        json.Raw("{\"recommendationId\":\""u8).Text(answer.Id)
            .Raw("\",\"placement\":\""u8).Raw(answer.Placement)
            .Raw(answer.Arm is null ? default : "\",\"experiment\":\""u8).Text(answer.Arm?.Experiment)
            .Raw(answer.Arm is null ? default : "\",\"arm\":\""u8).Text(answer.Arm?.Name)
            .Raw("\",\"source\":\""u8).Raw(places.IsEmpty ? "none"u8 : _sources[(int)candidates[places[0]].Source])
            .Raw("\",\"personalised\":"u8).Raw(answer.Personalised ? "true"u8 : "false"u8)
            .Raw(",\"items\":["u8);
        for (var at = 0; at < places.Length; at++)
        {
            WriteItem(json, at + 1, candidates[places[at]], state, answer.Segment);
        }

        json.Raw("],\"model\":"u8);
        WriteModel(json, answer);
        json.Raw(",\"degraded\":"u8);
        if (answer.DegradedBecause.IsEmpty)
        {
            json.Raw("false"u8);
        }
        else
        {
            json.Raw("true,\"degradedBecause\":\""u8).Raw(answer.DegradedBecause).Raw("\""u8);
        }

        if (!answer.Filtered.IsEmpty)
        {
            json.Raw(",\"filtered\":\""u8).Raw(answer.Filtered).Raw("\",\"fitting\":"u8).Number(answer.Fitting);
        }

        WriteNext(json, answer.Cursor, candidates, places);
        return json.Raw("}"u8);
    }

    private static void WriteItem(
        Utf8Answer json, int position, in Candidate candidate, VisitorState state, ReadOnlySpan<byte> segment)
    {
        var reason = ReasonText.Of(candidate, state);
        json.Raw(position == 1 ? "{\"position\":"u8 : ",{\"position\":"u8).Number(position)
            .Raw(","u8).Raw(candidate.Facts.IdAndName)
            .Raw(",\"score\":"u8).Number(candidate.Score)
            .Raw(",\"source\":\""u8).Raw(_sources[(int)candidate.Source])
            .Raw("\",\"reason\":{\"code\":\""u8).Raw(reason.Code)
            .Raw("\",\"text\":\""u8).Raw(reason.Text);
        if (candidate.Because is { } because)
        {
            var facts = because.Facts;
            if (candidate.Of > 0)
            {
                json.Number(candidate.Together).Raw(" of "u8).Number(candidate.Of).Raw(" baskets with "u8);
            }

            json.Raw(facts.SpokenName).Raw("\",\"productId\":\""u8).Raw(facts.EscapedId);
        }

        if (candidate.Source == ListSource.Segment)
        {
            json.Raw(segment).Raw("\",\"segment\":\""u8).Raw(segment);
        }

        json.Raw("\""u8);
        if (candidate.Of > 0)
        {
            json.Raw(",\"together\":"u8).Number(candidate.Together).Raw(",\"of\":"u8).Number(candidate.Of);
        }

        json.Raw("}}"u8);
    }

    private static void WriteModel(Utf8Answer json, in AnswerHead answer)
    {
        if (answer.Model is not { } model)
        {
            json.Raw("null"u8);
            return;
        }

        json.Raw("{\"version\":"u8).Number(model.Generation.ModelVersion)
            .Raw(",\"trainer\":"u8).Raw(model.Trainer)
            .Raw(",\"generation\":"u8).Number(model.Generation.Number)
            .Raw(",\"ageSeconds\":"u8).Tenths(answer.ModelAgeSeconds)
            .Raw("}"u8);
    }

    private static void WriteNext(
        Utf8Answer json, PageCursor? before, ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places)
    {
        var page = new Product[places.Length];
        for (var at = 0; at < places.Length; at++)
        {
            page[at] = candidates[places[at]].Product;
        }

        Span<byte> text = stackalloc byte[PageCursor.LengthOf(before, page.Length)];
        if (PageCursor.Write(before, page, text) is var length and > 0)
        {
            json.Raw(",\"next\":\""u8).Raw(text[..length]).Raw("\""u8);
        }
    }
}

/// <summary>An answer without its products.</summary>
internal readonly ref struct AnswerHead
{
    public string Id { get; init; }

    /// <summary>Null outside experiments.</summary>
    public required Arm? Arm { get; init; }

    /// <summary>The placement's name: letters, digits and hyphens.</summary>
    public required ReadOnlySpan<byte> Placement { get; init; }

    public required bool Personalised { get; init; }

    /// <summary>Name of the visitor's segment, escaped; empty if unknown.</summary>
    public ReadOnlySpan<byte> Segment { get; init; }

    public required ServedModel? Model { get; init; }

    public required double ModelAgeSeconds { get; init; }

    /// <summary>Empty if nothing is amiss.</summary>
    public required ReadOnlySpan<byte> DegradedBecause { get; init; }

    /// <summary>What became of the filter; empty without one.</summary>
    public required ReadOnlySpan<byte> Filtered { get; init; }

    public required int Fitting { get; init; }

    public required PageCursor? Cursor { get; init; }
}
