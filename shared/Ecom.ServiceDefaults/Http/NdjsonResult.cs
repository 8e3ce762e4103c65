using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ecom.ServiceDefaults.Http;

/// <summary>Streams one JSON object a line (application/x-ndjson), as rows come.</summary>
/// <param name="rows">The rows; of objects, each is written as what it is.</param>
public sealed class NdjsonResult<T>(IAsyncEnumerable<T> rows) : IResult
{
    private const int FlushBytes = 64 * 1024;
    private static readonly byte[] _newline = [(byte)'\n'];

    /// <summary>Writes the rows; the connection is cut when they fail on the way.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var options = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var writer = httpContext.Response.BodyWriter;
        httpContext.Response.ContentType = "application/x-ndjson";
        await foreach (var row in rows.WithCancellation(httpContext.RequestAborted))
        {
            using (var json = new Utf8JsonWriter(writer))
            {
                JsonSerializer.Serialize(json, row, options);
            }

            writer.Write(_newline);
            if (writer.UnflushedBytes > FlushBytes)
            {
                await writer.FlushAsync(httpContext.RequestAborted);
            }
        }

        await writer.FlushAsync(httpContext.RequestAborted);
    }
}
