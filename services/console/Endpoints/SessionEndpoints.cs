using Ecom.Console.Layout;
using Ecom.Console.Sessions;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Ecom.Console.Endpoints;

/// <summary>Targets of the console's own forms. Each needs the antiforgery token of its page.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder app)
    {
        var forms = app.MapGroup("").ExcludeFromDescription();
        forms.MapPost("/login", Login).AllowAnonymous();
        forms.MapPost("/logout", Logout).AllowAnonymous();
        forms.MapPost("/theme", ChooseTheme).AllowAnonymous();
    }

    private static async Task<RedirectHttpResult> Login(
        [FromForm] string? key, [FromForm] string? returnUrl, HttpContext context, ApiKeys keys, LoginLimit limit)
    {
        if (!limit.TryEnter(context.Connection.RemoteIpAddress))
        {
            return BackToLogin("wait", returnUrl);
        }

        if (Session.Begin(keys, key?.Trim() ?? "") is not { } user)
        {
            return BackToLogin("refused", returnUrl);
        }

        await context.SignInAsync(Session.Scheme, user);
        return TypedResults.LocalRedirect(LocalPath(returnUrl));
    }

    private static async Task<RedirectHttpResult> Logout([FromForm] string? returnUrl, HttpContext context)
    {
        await context.SignOutAsync(Session.Scheme);
        return BackToLogin(null, returnUrl);
    }

    private static RedirectHttpResult ChooseTheme(
        [FromForm] string? theme, [FromForm] string? returnUrl, HttpContext context)
    {
        Theme.Remember(context, theme);
        return TypedResults.LocalRedirect(LocalPath(returnUrl));
    }

    private static RedirectHttpResult BackToLogin(string? reason, string? returnUrl)
    {
        var query = new QueryString();
        query = reason is null ? query : query.Add("reason", reason);
        query = LocalPath(returnUrl) is "/" ? query : query.Add("returnUrl", LocalPath(returnUrl));
        return TypedResults.LocalRedirect($"/login{query}");
    }

    // Only to a page of the console: not "//host", "/\host" or any address with a scheme.
    private static string LocalPath(string? returnUrl) =>
        returnUrl is ['/', not ('/' or '\\'), ..] && !returnUrl.Any(char.IsControl) ? returnUrl : "/";
}
