using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace Ecom.ServiceDefaults.Http;

internal static class Problems
{
    public static void AddProblems(this WebApplicationBuilder builder)
    {
        builder.Services.AddExceptionHandler<DependencyDown>();
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Instance ??= context.HttpContext.Request.Path;
            context.ProblemDetails.Extensions["traceId"] =
                Activity.Current?.TraceId.ToHexString() ?? context.HttpContext.TraceIdentifier;
            if (context.HttpContext.Response.StatusCode == StatusCodes.Status401Unauthorized)
            {
                context.ProblemDetails.Detail ??=
                    "Send a valid key in X-Api-Key, as Bearer token, or as user name of HTTP Basic.";
            }

            if (context.HttpContext.Response.StatusCode == StatusCodes.Status403Forbidden)
            {
                context.ProblemDetails.Detail ??= "The key is known but lacks the scope that this path needs.";
            }
        });
    }

    /// <summary>Says 503 with Retry-After when PostgreSQL or Redis is away, in place of a bare 500.</summary>
    private sealed class DependencyDown(IProblemDetailsService problems) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(
            HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            var dependency = exception switch
            {
                PostgresException { IsTransient: false } => null,
                NpgsqlException => "PostgreSQL",
                RedisException or RedisTimeoutException => "Redis",
                HttpRequestException => "Another service",
                _ => null,
            };
            if (dependency is null)
            {
                return false;
            }

            httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            httpContext.Response.Headers.RetryAfter = "2";
            return await problems.TryWriteAsync(new ProblemDetailsContext
            {
                HttpContext = httpContext,
                Exception = exception,
                ProblemDetails = new ProblemDetails
                {
                    Status = StatusCodes.Status503ServiceUnavailable,
                    Title = $"{dependency} cannot be reached",
                    Detail = "Nothing was changed. Try again after the seconds in Retry-After.",
                },
            });
        }
    }
}
