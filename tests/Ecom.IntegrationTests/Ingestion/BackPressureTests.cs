using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Ecom.Testing;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

/// <summary>Too much is refused at once, with the time after which to come again, and holds nothing.</summary>
public sealed class BackPressureTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    private const string Key = "a key with a limit";

    [Fact]
    public async Task A_key_beyond_its_rate_gets_429_and_goes_on_after_the_stated_time()
    {
        await using var alone = await StartAsync(("Keys:Path", WriteKeyFile(requestsPerSecond: 5)));
        using var client = new HttpClient { BaseAddress = alone.Service.Address };
        client.DefaultRequestHeaders.Add("X-Api-Key", Key);

        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 30; i++)
        {
            answers.Add(await client.PostAsync("/v1/track", Json(IngestionFixture.View($"m{i}"))));
        }

        var accepted = answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted);
        var refused = answers.Last(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.True(accepted >= 5, $"{accepted} accepted");
        Assert.Equal(30, accepted + answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        await Task.Delay(refused.Headers.RetryAfter!.Delta!.Value);
        using var later = await client.PostAsync("/v1/track", Json(IngestionFixture.View("later")));
        Assert.Equal(HttpStatusCode.Accepted, later.StatusCode);
        Assert.Equal(accepted + 1, await alone.CountAsync("events"));
    }

    [Fact]
    public async Task Requests_beyond_those_that_may_wait_get_503_and_the_waiting_ones_are_written()
    {
        await using var alone = await StartAsync(("Ingestion:MaxWaitingRequests", "2"));
        await alone.SendAsync(IngestionFixture.View("warm"));
        await using var stall = await alone.StallAsync();

        // One is being written, two wait; a group may have taken more than one, but no more than waited.
        var first = alone.SendAsync(IngestionFixture.View("first"));
        await alone.HeldUpAsync();
        Task<Reply>[] others =
            [.. Enumerable.Range(0, 6).Select(i => alone.SendAsync(IngestionFixture.View($"other-{i}")))];
        Reply[] refused = await Task.WhenAll(await FirstAsync(others, 4));
        await stall.EndAsync();
        var all = await Task.WhenAll([first, .. others]);

        Assert.All(refused, reply => AssertBusy(reply, "Too many requests wait to be written."));
        Assert.Equal(3, all.Count(reply => reply.Status == 202));
        Assert.Equal(4, await alone.CountAsync("events"));
        Assert.Equal(202, (await alone.SendAsync(IngestionFixture.View("after"))).Status);
    }

    [Fact]
    public async Task A_flood_holds_no_more_bodies_than_may_be_under_way()
    {
        const int Requests = 400;
        const int BodyBytes = 100_000;
        await using var alone = await StartAsync(("Ingestion:MaxBytesInFlight", $"{(20 * BodyBytes) + 1_000}"));
        await alone.SendAsync(IngestionFixture.View("warm"));
        await using var stall = await alone.StallAsync();

        Task<Reply>[] flood =
        [
            .. Enumerable.Range(0, Requests).Select(i => alone.SendAsync(
                IngestionFixture.View($"m{i}").PadRight(BodyBytes))),
        ];
        Reply[] refused = await Task.WhenAll(await FirstAsync(flood, Requests - 20));
        await Task.Delay(200);
        Assert.Equal(Requests - 20, flood.Count(sent => sent.IsCompleted));
        await stall.EndAsync();
        var all = await Task.WhenAll(flood);

        Assert.All(refused, reply => AssertBusy(reply, "Too many requests are under way."));
        Assert.Equal(20, all.Count(reply => reply.Status == 202));
        Assert.Equal(21, await alone.CountAsync("events"));
        Assert.Equal(202, (await alone.SendAsync(IngestionFixture.View("after"))).Status);
    }

    [Fact]
    public async Task A_body_up_to_the_limit_is_read_and_a_larger_one_is_refused()
    {
        await using var alone = await StartAsync();
        var events = Enumerable.Range(0, 400).Select(i => IngestionFixture.View($"m{i}").PadRight(2_200)).ToArray();
        var body = IngestionFixture.Batch(events);
        using var client = alone.Service.CreateClient("ingest");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/batch") { Content = Json(body) };
        chunked.Headers.TransferEncodingChunked = true;
        using var large = new HttpRequestMessage(HttpMethod.Post, "/v1/batch")
        {
            Content = Json(body.PadRight(1_100_000)),
        };
        large.Headers.TransferEncodingChunked = true;

        using var whole = await client.PostAsync("/v1/batch", Json(body));
        using var inChunks = await client.SendAsync(chunked);
        using var tooLarge = await client.PostAsync("/v1/batch", Json(body.PadRight(1_100_000)));
        using var tooLargeInChunks = await client.SendAsync(large);

        Assert.Equal(HttpStatusCode.Accepted, whole.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, inChunks.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLargeInChunks.StatusCode);
        Assert.Equal(400, await alone.CountAsync("events"));
    }

    [Fact]
    public async Task A_client_that_sends_slowly_or_goes_away_gives_its_place_back()
    {
        await using var alone = await StartAsync(
            ("Ingestion:MaxBytesInFlight", "100000"), ("Ingestion:BodyTimeout", "00:00:03"));
        using var slow = await HoldAsync(alone);
        var answer = ReadAsync(slow);
        while (!answer.IsCompleted)
        {
            await slow.SendAsync(new byte[100]);
            await Task.Delay(100);
        }

        Assert.StartsWith("HTTP/1.1 408", await answer, StringComparison.Ordinal);
        Assert.Equal(202, (await alone.SendAsync(IngestionFixture.View("between").PadRight(20_000))).Status);

        (await HoldAsync(alone)).Dispose();
        await Eventually.ReadAsync(
            () => alone.SendAsync(IngestionFixture.View("after").PadRight(20_000)), reply => reply.Status == 202);
    }

    [Fact]
    public async Task Connections_beyond_their_number_are_closed_and_others_serve_on()
    {
        await using var alone = await StartAsync(("Ingestion:MaxConnections", "3"));
        Socket[] held = [await ConnectAsync(alone.Service), await ConnectAsync(alone.Service)];
        Assert.Equal(202, (await alone.SendAsync(IngestionFixture.View("third"))).Status);

        using var third = await ConnectAsync(alone.Service);
        using var fourth = await ConnectAsync(alone.Service);
        Assert.Equal("", await ReadAsync(fourth));

        held[0].Dispose();
        await Eventually.ReadAsync(
            async () =>
            {
                try
                {
                    return (await alone.SendAsync(IngestionFixture.View("free again"))).Status;
                }
                catch (HttpRequestException)
                {
                    return 0;
                }
            },
            status => status == 202);
        held[1].Dispose();
    }

    private async Task<Alone> StartAsync(params (string Key, string Value)[] more)
    {
        var (service, database) = await ingestion.StartAloneAsync(null, more);
        return new Alone(service, database);
    }

    private static void AssertBusy(Reply reply, string detail)
    {
        Assert.Equal(503, reply.Status);
        Assert.Equal("application/problem+json", reply.MediaType);
        Assert.NotNull(reply.Headers.RetryAfter?.Delta);
        Assert.Equal(detail, reply.Body.GetProperty("detail").GetString());
    }

    // The first so many answers, while the other requests still wait.
    private static async Task<List<Task<Reply>>> FirstAsync(Task<Reply>[] sent, int count)
    {
        await Eventually.ReadAsync(
            () => Task.FromResult(sent.Count(task => task.IsCompleted)), done => done >= count, seconds: 30);
        return [.. sent.Where(task => task.IsCompleted)];
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static string WriteKeyFile(int requestsPerSecond)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key)));
        var path = Path.GetTempFileName();
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            keys = new[] { new { client = "limited", sha256 = hash, scopes = new[] { "ingest" }, requestsPerSecond } },
        }));
        return path;
    }

    private static async Task<Socket> ConnectAsync(ServiceHost service)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, service.Address.Port);
        return socket;
    }

    private static async Task<Socket> OpenAsync(ServiceHost service, int bodyBytes)
    {
        var socket = await ConnectAsync(service);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/track HTTP/1.1\r\nHost: x\r\nX-Api-Key: {ServiceHost.KeyOf("ingest")}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {bodyBytes}\r\n\r\n{{"));
        return socket;
    }

    // A request of 90,000 bytes that is let in and does not go on; again, if it was over before another one met it.
    private static async Task<Socket> HoldAsync(Alone alone)
    {
        for (var attempt = 1; ; attempt++)
        {
            var socket = await OpenAsync(alone.Service, bodyBytes: 90_000);
            for (var look = 0; look < 20; look++)
            {
                var json = IngestionFixture.View($"look-{attempt}-{look}").PadRight(20_000);
                if ((await alone.SendAsync(json)).Status == 503)
                {
                    return socket;
                }
            }

            socket.Dispose();
            Assert.True(attempt < 10, "The slow request never held its place.");
        }
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var buffer = new byte[4_096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    /// <summary>A service with a database of its own.</summary>
    private sealed class Alone(ServiceHost service, NpgsqlDataSource database) : IAsyncDisposable
    {
        public ServiceHost Service => service;

        public Task<Reply> SendAsync(string json) => IngestionFixture.SendAsync(service, "/v1/track", json);

        public async Task<long> CountAsync(string table)
        {
            await using var connection = await database.OpenConnectionAsync();
            return await connection.ExecuteScalarAsync<long>($"select count(*) from {table}");
        }

        /// <summary>Lets no group be written until it is ended.</summary>
        public async Task<Stall> StallAsync()
        {
            var connection = await database.OpenConnectionAsync();
            var transaction = await connection.BeginTransactionAsync();
            await connection.ExecuteAsync("lock table message_keys in access exclusive mode");
            return new Stall(connection, transaction);
        }

        /// <summary>Waits until a group is being written and stands before the stall.</summary>
        public Task HeldUpAsync() => Eventually.BeTrueAsync(async () =>
        {
            await using var connection = await database.OpenConnectionAsync();
            return await connection.ExecuteScalarAsync<bool>("""
                select exists (
                    select from pg_locks
                    where not granted and relation = 'message_keys'::regclass
                      and database = (select oid from pg_database where datname = current_database()))
                """);
        });

        public async ValueTask DisposeAsync()
        {
            await service.DisposeAsync();
            await database.DisposeAsync();
        }
    }

    private sealed class Stall(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public Task EndAsync() => transaction.RollbackAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
