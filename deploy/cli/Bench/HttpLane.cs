using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench;

/// <summary>
/// One kept connection that asks and reads answers, with as little work of its own as can be: the generator shares the
/// processors with what it measures.
/// </summary>
/// <remarks>Reads whole answers, of stated length or in chunks. One request at a time.</remarks>
internal sealed class HttpLane : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[64 * 1024];
    private int _filled;

    public void Dispose() => _socket.Dispose();

    /// <param name="address">Of the service.</param>
    /// <param name="cancellation">Stops connecting.</param>
    public static async Task<HttpLane> ConnectAsync(Uri address, CancellationToken cancellation)
    {
        var lane = new HttpLane();
        await lane._socket.ConnectAsync(address.Host, address.Port, cancellation);
        return lane;
    }

    /// <summary>The bytes of a GET request.</summary>
    public static byte[] Request(Uri address, string pathAndQuery, string? key) => Encoding.ASCII.GetBytes(
        $"GET {pathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\n"
        + (key is null ? "\r\n" : $"X-Api-Key: {key}\r\n\r\n"));

    /// <summary>The bytes of a POST request.</summary>
    public static byte[] Post(Uri address, string path, string key, ReadOnlySpan<byte> json)
    {
        var head = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nX-Api-Key: {key}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n");
        return [.. head, .. json];
    }

    /// <summary>Asks and waits for the whole answer.</summary>
    /// <returns>Bytes of the body.</returns>
    /// <exception cref="SetupException">The answer is not 200, or the connection is lost.</exception>
    public async ValueTask<int> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        await _socket.SendAsync(request, cancellation);
        _filled = 0;
        int end;
        while ((end = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync(cancellation);
        }

        end += 4;
        if (!_buffer.AsSpan(0, _filled).StartsWith("HTTP/1.1 200"u8))
        {
            throw new SetupException(
                $"{Encoding.ASCII.GetString(request.Span).Split('\r')[0]} is answered by "
                + Encoding.UTF8.GetString(_buffer, 0, Math.Min(_filled, 600)));
        }

        if (LengthIn(_buffer.AsSpan(0, end)) is { } length)
        {
            while (_filled < end + length)
            {
                await FillAsync(cancellation);
            }

            return length;
        }

        while (!_buffer.AsSpan(end, _filled - end).EndsWith("0\r\n\r\n"u8))
        {
            await FillAsync(cancellation);
        }

        return _filled - end;
    }

    /// <summary>The body of the last answer, marks of chunks included.</summary>
    public string LastAnswer => Encoding.UTF8.GetString(_buffer, 0, _filled);

    private static int? LengthIn(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("\r\nContent-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + 18)..], out int length, out _) ? length : null;
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellation);
        if (read == 0)
        {
            throw new SetupException("The service closed the connection of the benchmark.");
        }

        _filled += read;
    }
}
