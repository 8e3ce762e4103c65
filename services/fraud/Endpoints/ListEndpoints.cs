using System.Security.Claims;
using Ecom.Fraud.Lists;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>Lists of cards, devices, addresses and so on that rules look into, or that act by themselves.</summary>
internal static class ListEndpoints
{
    private const int LongestReason = 500;

    public static void MapLists(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/lists").RequireScope(Scopes.Fraud);
        group.MapGet("", (ListStore lists, CancellationToken cancellation) => lists.ListAsync(cancellation))
            .WithName("GetLists")
            .WithSummary("All lists.");
        group.MapPost("", PostList)
            .WithName(nameof(PostList))
            .WithSummary("Makes a list.");
        group.MapGet("/{name}/entries", GetListEntries)
            .WithName(nameof(GetListEntries))
            .WithSummary("Entries in the order of adding; go on with after=next.");
        group.MapPost("/{name}/entries", PostListEntry)
            .WithName(nameof(PostListEntry))
            .WithSummary("Puts a value on a list; one that is there gets the new reason and expiry.");
        group.MapDelete("/{name}/entries/{position:long}", DeleteListEntry)
            .WithName(nameof(DeleteListEntry))
            .WithSummary("Takes an entry off a list.");
        group.MapGet("/{name}/changes", (
            string name, RuleChanges changes, CancellationToken cancellation) =>
            changes.ListAsync("list", name, 200, cancellation))
            .WithName("GetListChanges")
            .WithSummary("Who changed a list and when, newest first.");
    }

    private static async Task<Results<Created<EntityList>, ValidationProblem, ProblemHttpResult>> PostList(
        ListRequest request, ListStore lists, ClaimsPrincipal user, CancellationToken cancellation)
    {
        var problems = request.Problems();
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var list = new EntityList
        {
            Name = request.Name!,
            Entity = request.Entity!,
            Action = request.Action is RuleAction.Score ? null : request.Action,
            Description = request.Description!,
            Author = Refusals.NameOf(user),
            CreatedAt = default,
            Entries = 0,
        };
        return await lists.CreateAsync(list, cancellation)
            ? TypedResults.Created(
                $"/v1/lists/{list.Name}/entries", await lists.FindAsync(list.Name, cancellation))
            : Refusals.Conflict("There is a list of the name.");
    }

    private static async Task<Results<Ok<Page<ListEntry>>, ValidationProblem, ProblemHttpResult>> GetListEntries(
        string name, ListStore lists, CancellationToken cancellation, long after = 0, int limit = 100)
    {
        var problems = Page.Problems(after, limit);
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        if (await lists.FindAsync(name, cancellation) is null)
        {
            return Missing();
        }

        var found = await lists.PageAsync(name, after, limit, cancellation);
        return TypedResults.Ok(
            new Page<ListEntry> { Items = found, Next = found.Count > 0 ? found[^1].Position : after });
    }

    private static async Task<Results<Ok<ListEntry>, ValidationProblem, ProblemHttpResult>> PostListEntry(
        string name,
        ListEntryRequest request,
        ListStore lists,
        PersonalData personal,
        TimeProvider clock,
        ClaimsPrincipal user,
        CancellationToken cancellation)
    {
        if (await lists.FindAsync(name, cancellation) is not { } list)
        {
            return Missing();
        }

        var value = ListedText.Of(list.Entity, request, personal);
        if (value is null)
        {
            return Refusals.Field("value", ListedText.Wanted(list.Entity));
        }

        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > LongestReason)
        {
            return Refusals.Field("reason", $"Required: why it is on the list, at most {LongestReason} characters.");
        }

        if (request.ExpiresAt <= clock.GetUtcNow())
        {
            return Refusals.Field("expiresAt", "It has expired already: give an instant in the future, or none.");
        }

        var entry = new ListEntry
        {
            Position = 0,
            List = name,
            Value = value,
            Reason = request.Reason,
            Author = Refusals.NameOf(user),
            AddedAt = default,
            ExpiresAt = request.ExpiresAt,
        };
        return await lists.AddAsync(name, entry, cancellation) switch
        {
            { Changed: { } added } => TypedResults.Ok(added),
            { Refusal: { } refusal } => Refusals.Conflict(refusal),
            _ => Missing(),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteListEntry(
        string name, long position, ListStore lists, ClaimsPrincipal user, CancellationToken cancellation) =>
        await lists.RemoveAsync(name, position, Refusals.NameOf(user), cancellation)
            ? TypedResults.NoContent()
            : Refusals.Missing("entry", $"/v1/lists/{name}/entries");

    private static ProblemHttpResult Missing() => Refusals.Missing("list", "/v1/lists");
}
