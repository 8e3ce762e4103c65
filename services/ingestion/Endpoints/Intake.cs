using System.Diagnostics;
using System.Text.Json;
using Ecom.Contracts.Catalogue;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.Ingestion.Storage;
using Ecom.Ingestion.Vocabulary;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Ingestion.Endpoints;

/// <summary>From a request's bytes to its answer: limits, reading, writing.</summary>
internal sealed class Intake(
    EventReader events,
    ProductReader products,
    EventWriter writer,
    RejectionStore rejections,
    IOptions<IngestionOptions> options,
    TimeProvider clock)
{
    private const int BusySeconds = 1;

    public ReadEvent ReadEvent(ReadOnlyMemory<byte> json, Receipt receipt) => events.Read(json, receipt);

    public ReadEvent ReadEvent(ReadOnlyMemory<byte> json, Receipt receipt, string type) =>
        events.Read(json, receipt, type);

    public ReadEvent ReadProduct(ReadOnlyMemory<byte> json, Receipt receipt) => products.Read(json, receipt);

    public ReadEvent ReadProduct(ReadOnlyMemory<byte> json, Receipt receipt, string productId) =>
        products.Read(json, receipt, productId);

    public async Task<Results<Accepted<BatchAnswer>, ProblemHttpResult>> TakeManyAsync(
        HttpContext context,
        string arrayName,
        Func<ReadOnlyMemory<byte>, Receipt, ReadEvent> read,
        CancellationToken cancellation)
    {
        var (body, problem) = await ReadBodyAsync(context, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        Batch batch;
        try
        {
            batch = BatchSlicer.Slice(body, arrayName);
        }
        catch (JsonException error)
        {
            return IngestionProblems.Malformed(error.Message);
        }

        if (batch.Events.Count > options.Value.MaxBatchEvents)
        {
            return IngestionProblems.TooLarge(
                $"{batch.Events.Count} entries, at most {options.Value.MaxBatchEvents} in one request.");
        }

        var receipt = NewReceipt(context, batch.SentAt);
        var received = batch.Events.Select(json => read(json, receipt)).ToArray();
        if (await WriteAsync(received) is not { } verdicts)
        {
            return IngestionProblems.Busy(context, "Too many requests wait to be written.", BusySeconds);
        }

        IngestionTelemetry.Received(verdicts);
        NameSubjects(received);
        return TypedResults.Accepted((string?)null, BatchAnswer.Of(received, verdicts));
    }

    public async Task<Results<Accepted<TrackAnswer>, ProblemHttpResult>> TakeOneAsync(
        HttpContext context,
        Func<ReadOnlyMemory<byte>, Receipt, ReadEvent> read,
        CancellationToken cancellation)
    {
        var (body, problem) = await ReadBodyAsync(context, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        try
        {
            BatchSlicer.Check(body);
        }
        catch (JsonException error)
        {
            return IngestionProblems.Malformed(error.Message);
        }

        return await AnswerOneAsync(context, read(body, NewReceipt(context, sentAt: null)));
    }

    /// <summary>Reads a refused event again as on its first receipt; one that is taken now is marked.</summary>
    public async Task<Results<Accepted<TrackAnswer>, ProblemHttpResult>> ReplayAsync(
        HttpContext context, StoredRejection rejection, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        // Times are judged by the first receipt: replaying must not make a clock right or an event younger.
        var receipt = NewReceipt(context, rejection.SentAt) with
        {
            Client = rejection.Client,
            ReceivedAt = rejection.ReceivedAt,
        };
        var received = rejection.Kind == nameof(ProductChanged)
            ? products.Read(json, receipt)
            : events.Read(json, receipt);
        var answer = await AnswerOneAsync(context, received);
        if (answer.Result is Accepted<TrackAnswer> { Value.Result.EventId: var eventId })
        {
            await rejections.MarkReplayedAsync(rejection.Id, eventId, clock.GetUtcNow(), cancellation);
        }

        return answer;
    }

    private async Task<Results<Accepted<TrackAnswer>, ProblemHttpResult>> AnswerOneAsync(
        HttpContext context, ReadEvent received)
    {
        if (await WriteAsync([received]) is not { } verdicts)
        {
            return IngestionProblems.Busy(context, "Too many requests wait to be written.", BusySeconds);
        }

        IngestionTelemetry.Received(verdicts);
        NameSubjects([received]);
        var result = EventAnswer.Of(received, verdicts[0]);
        return verdicts[0].Status == VerdictStatus.Rejected
            ? IngestionProblems.Rejected(result)
            : TypedResults.Accepted(
                (string?)null, new TrackAnswer(Activity.Current?.TraceId.ToHexString(), result));
    }

    // The trace of a request is looked for by what it was about; every consumer's span shares that trace.
    private static void NameSubjects(IReadOnlyCollection<ReadEvent> received)
    {
        if (Activity.Current is not { IsAllDataRequested: true } span)
        {
            return;
        }

        string[] orders = [.. received.Select(read => read.OrderId).OfType<string>().Distinct()];
        string[] customers = [.. received.Select(read => read.CustomerId).OfType<string>().Distinct()];
        span.SetTag("ecom.order.id", orders.Length > 0 ? orders : null);
        span.SetTag("ecom.customer.id", customers.Length > 0 ? customers : null);
    }

    private async Task<(ReadOnlyMemory<byte> Body, ProblemHttpResult? Problem)> ReadBodyAsync(
        HttpContext context, CancellationToken cancellation)
    {
        var limit = options.Value.MaxBatchBytes;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.Value.BodyTimeout);
        try
        {
            return await RequestBody.ReadAsync(context.Request, limit, timeout.Token) is { } body
                ? (body, null)
                : (default, IngestionProblems.TooLarge($"A request holds at most {limit} bytes."));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (default, IngestionProblems.TooSlow(context, options.Value.BodyTimeout));
        }
    }

    // Once it waits to be written a request holds its place and its memory until that is done, also if its client goes.
    private Task<IReadOnlyList<Verdict>?> WriteAsync(IReadOnlyList<ReadEvent> received) =>
        writer.WriteAsync(received, CancellationToken.None);

    private Receipt NewReceipt(HttpContext context, DateTimeOffset? sentAt) => new(
        context.User.Identity?.Name ?? throw new InvalidOperationException("The endpoint must require a key."),
        EventClock.ToMicrosecond(clock.GetUtcNow()),
        sentAt,
        Activity.Current is { Recorded: true } activity ? activity.Id : null);
}
