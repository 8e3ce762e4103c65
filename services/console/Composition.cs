using Ecom.Console.Endpoints;
using Ecom.Console.Jobs;
using Ecom.Console.Layout;
using Ecom.Console.Live;
using Ecom.Console.Sessions;
using Ecom.Console.Storage;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Instrumentation.AspNetCore;

namespace Ecom.Console;

/// <summary>What the console is made of.</summary>
internal static class Composition
{
    private const string KeyOrSession = "KeyOrSession";

    public static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("console");
        builder.AddPostgres(typeof(Composition).Assembly);

        builder.Services.AddOptions<ConsoleOptions>()
            .BindConfiguration(ConsoleOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SpanStore>();
        builder.Services.AddSingleton<TraceReader>();
        builder.Services.AddSingleton<TelemetryWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TelemetryWriter>());
        builder.Services.AddHostedService<Pruning>();
        builder.Services.PostConfigure<AspNetCoreTraceInstrumentationOptions>(TraceTheApiOnly);

        builder.Services.AddHttpClient<LiveSources>(http => http.Timeout = TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LiveFeed>());

        builder.AddSessions();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();

        // From a build's output the assets still lie in the project and the packages; published, they are in wwwroot.
        builder.WebHost.UseStaticWebAssets();
        return builder;
    }

    public static WebApplication MapConsole(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.MapServiceDefaults();
        app.UseAntiforgery();
        app.MapOtlp();
        app.MapTraces();
        app.MapSessions();
        app.MapStaticAssets("Ecom.Console.staticwebassets.endpoints.json").AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(
            server => server.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    private static void AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication()
            .AddPolicyScheme(KeyOrSession, null, scheme => scheme.ForwardDefaultSelector = SchemeOf)
            .AddCookie(Session.Scheme, cookie =>
            {
                cookie.Cookie.Name = "ecom-console";
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                cookie.LoginPath = "/login";
                cookie.AccessDeniedPath = "/login";
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.Events.OnValidatePrincipal = Session.ValidateAsync;
            });
        builder.Services.AddOptions<CookieAuthenticationOptions>(Session.Scheme)
            .Configure<IOptions<ConsoleOptions>>((cookie, console) =>
            {
                cookie.ExpireTimeSpan = console.Value.SessionLength;
                cookie.SlidingExpiration = true;
            });
        builder.Services.PostConfigure<AuthenticationOptions>(schemes => schemes.DefaultScheme = KeyOrSession);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Session.View, policy => policy.RequireClaim(Scopes.ClaimType, Session.ViewScopes))
            .AddPolicy(Session.Operate, policy => policy.RequireClaim(Scopes.ClaimType, Session.OperateScopes));
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "ecom-form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddScoped<AuthenticationStateProvider, SessionWatch>();
        builder.Services.AddSingleton<LoginLimit>();

        var protection = builder.Services.AddDataProtection().SetApplicationName("ecom-console");
        if (builder.Configuration["Storage:Path"] is { Length: > 0 } path)
        {
            // Sessions outlive a restart, and replicas that share the directory share them.
            protection.PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(path, "session-keys")));
        }
    }

    // The API takes keys only, so a browser's cookie can never be used against it; pages take sessions only.
    private static string SchemeOf(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1") ? ApiKeys.Scheme : Session.Scheme;

    // Exports would make telemetry of telemetry without end; page views would bury the shop's traces.
    private static void TraceTheApiOnly(AspNetCoreTraceInstrumentationOptions web)
    {
        web.Filter = context =>
            context.Request.Path.StartsWithSegments("/v1") && !OtlpEndpoints.IsExport(context.Request);
        web.EnableRazorComponentsSupport = false;
        web.EnableAspNetCoreSignalRSupport = false;
    }
}
