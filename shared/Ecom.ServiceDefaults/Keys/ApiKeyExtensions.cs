using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ecom.ServiceDefaults.Keys;

internal static class ApiKeyExtensions
{
    private const int PortionsPerSecond = 10;

    public static void AddApiKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ApiKeyOptions>()
            .BindConfiguration(ApiKeyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ApiKeys>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ApiKeys>());
        builder.Services.AddAuthentication(ApiKeyHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = ExplainRejection;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(LimitOfClient);
        });
    }

    private static ValueTask ExplainRejection(OnRejectedContext context, CancellationToken cancellation)
    {
        context.HttpContext.Response.Headers.RetryAfter = "1";
        var write = TypedResults.Problem(
            title: "Too many requests",
            detail: "This key's rate limit is used up. Wait for the seconds in Retry-After, then go on.",
            statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context.HttpContext);
        return new ValueTask(write);
    }

    private static RateLimitPartition<string> LimitOfClient(HttpContext context)
    {
        var user = context.User;
        if (user.Identity?.Name is not { } client)
        {
            return RateLimitPartition.GetNoLimiter("anonymous");
        }

        return RateLimitPartition.GetTokenBucketLimiter(client, _ =>
        {
            var options = context.RequestServices.GetRequiredService<IOptions<ApiKeyOptions>>().Value;
            var rate = user.FindFirst(ApiKeyHandler.RateClaim) is { } claim
                ? int.Parse(claim.Value, CultureInfo.InvariantCulture)
                : options.DefaultRequestsPerSecond;
            return LimitOf(rate);
        });
    }

    /// <summary>A bucket for one second's requests, filled again in some portions a second.</summary>
    internal static TokenBucketRateLimiterOptions LimitOf(int requestsPerSecond)
    {
        var tokens = Math.Max(1, requestsPerSecond / PortionsPerSecond);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = requestsPerSecond,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / requestsPerSecond),
            QueueLimit = 0,
        };
    }
}
