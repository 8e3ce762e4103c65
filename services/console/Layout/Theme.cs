namespace Ecom.Console.Layout;

/// <summary>Light, dark, or as the system says, kept in a cookie so that pages arrive in the right colours.</summary>
internal static class Theme
{
    private const string Cookie = "ecom-theme";

    /// <summary>"light", "dark", or "auto".</summary>
    public static string Of(HttpContext? context) =>
        context?.Request.Cookies[Cookie] is "light" or "dark" ? context.Request.Cookies[Cookie]! : "auto";

    /// <summary>The theme that the toggle leads to.</summary>
    public static string After(string theme) => theme switch
    {
        "auto" => "light",
        "light" => "dark",
        _ => "auto",
    };

    public static void Remember(HttpContext context, string? theme) => context.Response.Cookies.Append(
        Cookie,
        theme is "light" or "dark" ? theme : "auto",
        new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            MaxAge = TimeSpan.FromDays(365),
            IsEssential = true,
            Secure = context.Request.IsHttps,
        });
}
