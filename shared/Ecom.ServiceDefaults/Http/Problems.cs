using System.Diagnostics;
using Ecom.ServiceDefaults.Storage;
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

    /// <summary>Says 503 with Retry-After when PostgreSQL or Redis does not serve, in place of a bare 500.</summary>
    private sealed class DependencyDown(IProblemDetailsService problems) : IExceptionHandler
    {
        private const string RetrySeconds = "2";

        public async ValueTask<bool> TryHandleAsync(
            HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            var title = exception switch
            {
                RedisException or RedisTimeoutException => "Redis cannot be reached",
                HttpRequestException => "Another service cannot be reached",
                _ => PostgresFault.Describe(exception),
            };
            if (title is null)
            {
                return false;
            }

            if (PostgresFault.IsReadOnly(exception))
            {
                // A session keeps the setting that it began with: the next ones begin anew.
                httpContext.RequestServices.GetService<NpgsqlDataSource>()?.Clear();
            }

            httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            httpContext.Response.Headers.RetryAfter = RetrySeconds;
            return await problems.TryWriteAsync(new ProblemDetailsContext
            {
                HttpContext = httpContext,
                Exception = exception,
                ProblemDetails = new ProblemDetails
                {
                    Status = StatusCodes.Status503ServiceUnavailable,
                    Title = title,
                    Detail = "Nothing was changed. Try again after the seconds in Retry-After.",
                },
            });
        }
    }
}
