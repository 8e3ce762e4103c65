using System.Buffers;
using System.Buffers.Text;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Ecom.Recommendation.Placements;

/// <summary>An answer as JSON in a rented buffer, written to the response as it is.</summary>
internal sealed class Utf8Answer : IResult, IEndpointMetadataProvider
{
    private const int LongestNumber = 32;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4_096);
    private int _length;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeAttribute<RecommendationAnswer>(
            StatusCodes.Status200OK, "application/json"));

    /// <summary>Once; the buffer goes back to its pool.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = _length;
        var rented = _buffer;
        _buffer = [];
        try
        {
            await response.BodyWriter.WriteAsync(rented.AsMemory(0, _length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The text; the buffer stays.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_buffer, 0, _length);

    /// <summary>UTF-8 as it is.</summary>
    public Utf8Answer Raw(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(utf8.Length));
        _length += utf8.Length;
        return this;
    }

    public Utf8Answer Number(long value)
    {
        Utf8Formatter.TryFormat(value, Room(LongestNumber), out var written);
        _length += written;
        return this;
    }

    /// <summary>A score in as few digits as tell it apart.</summary>
    public Utf8Answer Number(float value)
    {
        if (!float.IsFinite(value))
        {
            return Raw("0"u8);
        }

        value.TryFormat(Room(LongestNumber), out var written, "G6", System.Globalization.CultureInfo.InvariantCulture);
        _length += written;
        return this;
    }

    /// <summary>A number of seconds, to the tenth.</summary>
    public Utf8Answer Tenths(double value)
    {
        Utf8Formatter.TryFormat(value, Room(LongestNumber), out var written, new StandardFormat('F', 1));
        _length += written;
        return this;
    }

    /// <summary>A text, escaped where JSON wants it; nothing for null.</summary>
    public Utf8Answer Text(string? text)
    {
        if (text is null)
        {
            return this;
        }

        return Raw(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
    }

    /// <summary>Room at the end; tell what was used with <see cref="Used"/>.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }

    public void Used(int bytes) => _length += bytes;
}
