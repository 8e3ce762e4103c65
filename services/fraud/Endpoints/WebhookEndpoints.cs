using Ecom.Fraud.Alerts;
using Ecom.Fraud.Storage;
using Ecom.Fraud.Webhooks;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Endpoints;

/// <summary>Subscriptions to what happens, and their dead letters.</summary>
internal static class WebhookEndpoints
{
    private const string What = "webhook";
    private const int Most = 50;
    private const int DefaultOverlapHours = 24;
    private const int MostOverlapHours = 168;
    private static readonly string[] _states = ["pending", "delivered", "dead"];

    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        var webhooks = app.MapGroup("/v1/webhooks").RequireScope(Scopes.Fraud);
        webhooks.MapGet("", GetWebhooks).WithName(nameof(GetWebhooks)).WithSummary("All webhooks.");
        webhooks.MapPost("", AddWebhook)
            .WithName(nameof(AddWebhook))
            .WithSummary("Subscribes to what happens from now on; the answer shows the secret, this once.");
        webhooks.MapGet("/{webhookId:guid}", GetWebhook).WithName(nameof(GetWebhook)).WithSummary("One webhook.");
        webhooks.MapDelete("/{webhookId:guid}", RemoveWebhook)
            .WithName(nameof(RemoveWebhook))
            .WithSummary("Ends a subscription, with what waits for it.");
        webhooks.MapPost("/{webhookId:guid}/rotate", RotateSecret)
            .WithName(nameof(RotateSecret))
            .WithSummary("Makes a new secret; the one until now signs beside it for a while.");
        webhooks.MapGet("/{webhookId:guid}/deliveries", GetDeliveries)
            .WithName(nameof(GetDeliveries))
            .WithSummary("Deliveries; state=dead lists dead letters; go on with after=next.");
        webhooks.MapPost("/{webhookId:guid}/deliveries/{deliveryId:guid}/replay", ReplayDelivery)
            .WithName(nameof(ReplayDelivery))
            .WithSummary("Sends an ended delivery again, under its old id.");
        webhooks.MapPost("/{webhookId:guid}/replay", ReplayDeliveries)
            .WithName(nameof(ReplayDeliveries))
            .WithSummary("Sends the dead letters of a range of events again, under their old ids.");
    }

    private static async Task<Ok<IReadOnlyList<Webhook>>> GetWebhooks(
        WebhookStore webhooks, CancellationToken cancellation) =>
        TypedResults.Ok(await webhooks.ListAsync(cancellation));

    private static async Task<Results<Created<SecretResponse>, ValidationProblem, ProblemHttpResult>> AddWebhook(
        WebhookRequest body,
        WebhookStore webhooks,
        IOptions<FraudOptions> options,
        HttpContext http,
        CancellationToken cancellation)
    {
        if (WebhookTarget.ProblemOf(body.Url, options.Value.Webhooks) is { } wrongUrl)
        {
            return ChangeAnswers.Invalid("url", wrongUrl);
        }

        var kinds = body.Kinds ?? [];
        if (EventKinds.ProblemOf(kinds) is { } wrongKinds)
        {
            return ChangeAnswers.Invalid("kinds", wrongKinds);
        }

        var added = await webhooks.AddAsync(body.Url!, kinds, Most, http.User.Identity!.Name!, cancellation);
        if (added is not { } made)
        {
            return TypedResults.Problem(
                title: "Too many webhooks",
                detail: $"There are {Most} already: end one first.",
                statusCode: StatusCodes.Status409Conflict);
        }

        var webhook = await webhooks.FindAsync(made.WebhookId, cancellation);
        return TypedResults.Created(
            $"/v1/webhooks/{made.WebhookId}", new SecretResponse { Secret = made.Secret, Webhook = webhook! });
    }

    private static async Task<Results<Ok<Webhook>, ProblemHttpResult>> GetWebhook(
        Guid webhookId, WebhookStore webhooks, CancellationToken cancellation) =>
        await webhooks.FindAsync(webhookId, cancellation) is { } webhook
            ? TypedResults.Ok(webhook)
            : ChangeAnswers.NotFound(What);

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveWebhook(
        Guid webhookId, WebhookStore webhooks, CancellationToken cancellation) =>
        await webhooks.RemoveAsync(webhookId, cancellation) ? TypedResults.NoContent() : ChangeAnswers.NotFound(What);

    private static async Task<Results<Ok<SecretResponse>, ValidationProblem, ProblemHttpResult>> RotateSecret(
        Guid webhookId, RotateRequest? body, WebhookStore webhooks, CancellationToken cancellation)
    {
        var hours = body?.OverlapHours ?? DefaultOverlapHours;
        if (hours is < 0 or > MostOverlapHours)
        {
            return ChangeAnswers.Invalid("overlapHours", $"Must be 0 to {MostOverlapHours}.");
        }

        if (await webhooks.RotateAsync(webhookId, TimeSpan.FromHours(hours), cancellation) is not { } secret)
        {
            return ChangeAnswers.NotFound(What);
        }

        var webhook = await webhooks.FindAsync(webhookId, cancellation);
        return TypedResults.Ok(new SecretResponse { Secret = secret, Webhook = webhook! });
    }

    private static async Task<Results<Ok<Page<Delivery>>, ValidationProblem, ProblemHttpResult>> GetDeliveries(
        Guid webhookId,
        WebhookStore webhooks,
        DeliveryStore deliveries,
        CancellationToken cancellation,
        string? state = null,
        long after = 0,
        int limit = 100)
    {
        var problems = Page.Problems(after, limit);
        if (state is not null && !_states.Contains(state))
        {
            problems[nameof(state)] = [$"One of: {string.Join(", ", _states)}."];
        }

        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        if (await webhooks.FindAsync(webhookId, cancellation) is null)
        {
            return ChangeAnswers.NotFound(What);
        }

        var found = await deliveries.ListAsync(webhookId, state, after, limit, cancellation);
        return TypedResults.Ok(new Page<Delivery> { Items = found, Next = found.Count > 0 ? found[^1].Number : after });
    }

    private static async Task<Results<Ok<ReplayResponse>, ProblemHttpResult>> ReplayDelivery(
        Guid webhookId, Guid deliveryId, DeliveryStore deliveries, CancellationToken cancellation)
    {
        var replayed = await deliveries.ReplayAsync(
            webhookId, deliveryId, 0, long.MaxValue, deadOnly: false, cancellation);
        return replayed == 1
            ? TypedResults.Ok(new ReplayResponse { Replayed = replayed })
            : TypedResults.Problem(
                title: "No such delivery that has ended",
                detail: "It is not there, or is still being tried.",
                statusCode: StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<ReplayResponse>, ValidationProblem, ProblemHttpResult>> ReplayDeliveries(
        Guid webhookId,
        ReplayRequest? body,
        WebhookStore webhooks,
        DeliveryStore deliveries,
        CancellationToken cancellation)
    {
        var (from, to) = (body?.From ?? 0, body?.To ?? long.MaxValue);
        if (from < 0 || to < from)
        {
            return ChangeAnswers.Invalid("from", "Positions of events, from ≤ to.");
        }

        return await webhooks.FindAsync(webhookId, cancellation) is null
            ? ChangeAnswers.NotFound(What)
            : TypedResults.Ok(new ReplayResponse
            {
                Replayed = await deliveries.ReplayAsync(
                    webhookId, null, from, to, body?.Delivered != true, cancellation),
            });
    }
}
