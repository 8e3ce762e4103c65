using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ecom.FeatureStore.Endpoints;

/// <summary>Streams one JSON object a line (application/x-ndjson), as rows come.</summary>
internal sealed class NdjsonResult<T>(IAsyncEnumerable<T> rows) : IResult
{
    private const int FlushBytes = 64 * 1024;
    private static readonly byte[] _newline = [(byte)'\n'];

    public async Task ExecuteAsync(HttpContext httpContext)
    {
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
