using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Ecom.Console.Sessions;

/// <summary>A person at the console: signed in by an API key, which the cookie names by its hash only.</summary>
internal static class Session
{
    /// <summary>Scheme and cookie of the session.</summary>
    public const string Scheme = "Session";

    /// <summary>Policy of pages that show numbers and no single customer's trace.</summary>
    public const string View = "view";

    /// <summary>Policy of pages that show traces.</summary>
    public const string Operate = "operate";

    private const string KeyClaim = "key";

    /// <summary>Scopes that open the console at all.</summary>
    public static IReadOnlyList<string> ViewScopes { get; } = [Scopes.Read, Scopes.Ops, Scopes.Admin];

    /// <summary>Scopes that open the pages of ops.</summary>
    public static IReadOnlyList<string> OperateScopes { get; } = [Scopes.Ops, Scopes.Admin];

    /// <summary>Who signs in with a key.</summary>
    /// <returns>Null if the key is unknown or has no scope that opens the console.</returns>
    public static ClaimsPrincipal? Begin(ApiKeys keys, string presented)
    {
        if (keys.Find(presented) is not { } key || !key.Scopes.Intersect(ViewScopes).Any())
        {
            return null;
        }

        var identity = new ClaimsIdentity(Scheme);
        identity.AddClaim(new Claim(ClaimTypes.Name, key.Client));
        identity.AddClaim(new Claim(
            KeyClaim, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(presented)))));
        identity.AddClaims(key.Scopes.Select(scope => new Claim(Scopes.ClaimType, scope)));
        return new ClaimsPrincipal(identity);
    }

    /// <summary>True while the key is accepted with the scopes that it had at sign-in.</summary>
    public static bool IsValid(ApiKeys keys, ClaimsPrincipal user)
    {
        var hash = user.FindFirstValue(KeyClaim);
        return hash is not null
            && keys.FindByHash(Convert.FromHexString(hash)) is { } key
            && user.FindAll(Scopes.ClaimType).All(claim => key.Scopes.Contains(claim.Value));
    }

    /// <summary>A key taken out of the file ends its sessions at their next request.</summary>
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var keys = context.HttpContext.RequestServices.GetRequiredService<ApiKeys>();
        if (context.Principal is null || !IsValid(keys, context.Principal))
        {
            context.RejectPrincipal();
            await Microsoft.AspNetCore.Authentication.AuthenticationHttpContextExtensions.SignOutAsync(
                context.HttpContext, Scheme);
        }
    }
}
