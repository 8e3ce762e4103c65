using Microsoft.AspNetCore.Builder;

namespace Ecom.ServiceDefaults.Keys;

/// <summary>What a key may do.</summary>
public static class Scopes
{
    /// <summary>Type of the claim that carries a scope; one claim a scope.</summary>
    public const string ClaimType = "scope";

    /// <summary>Send events and catalogue changes.</summary>
    public const string Ingest = "ingest";

    /// <summary>Read decisions and features.</summary>
    public const string Read = "read";

    /// <summary>Assess payments, and nothing else: what a checkout needs.</summary>
    public const string Assess = "assess";

    /// <summary>Assess payments, work alerts, write and approve rules.</summary>
    public const string Fraud = "fraud";

    /// <summary>Watch and operate: rejected events, jobs, models, traces.</summary>
    public const string Ops = "ops";

    /// <summary>Everything, erasure included. Implies all other scopes.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } = [Ingest, Read, Assess, Fraud, Ops, Admin];

    /// <summary>Asks for a key with one of the scopes, or admin. No key: 401; another scope: 403.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(policy => policy
            .RequireAuthenticatedUser()
            .RequireClaim(ApiKeyHandler.ScopeClaim, [.. scopes, Admin]));
}
