using System.Diagnostics;
using Dapper;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

/// <summary>
/// A PostgreSQL that does not take writes: 503 that says why, no verdict that is not on disk, and afterwards everything
/// goes on without a restart, nothing lost and nothing doubled.
/// </summary>
public sealed class DatabaseStateTests(IngestionFixture ingestion, Backends backends)
    : IClassFixture<IngestionFixture>, IClassFixture<Backends>
{
    [Fact]
    public async Task A_read_only_server_answers_503_and_takes_events_again_afterwards()
    {
        var server = await backends.StartOwnPostgresAsync();
        await using var alone = await StartAsync(await server.CreateDatabaseAsync("ingestion"));
        Assert.Equal("accepted", await alone.StatusAsync("a"));

        await server.ExecuteAsync("alter system set default_transaction_read_only = on");
        await server.ExecuteAsync("select pg_reload_conf()");
        await alone.RefusesAsync("a", "PostgreSQL is read-only");
        await alone.RefusesAsync("b", "PostgreSQL is read-only");
        await alone.IsReadyAsync(false);

        await server.ExecuteAsync("alter system reset default_transaction_read_only");
        await server.ExecuteAsync("select pg_reload_conf()");
        await alone.IsReadyAsync(true);
        await alone.TakesAgainAsync();
    }

    [Fact]
    public async Task Sessions_that_began_read_only_are_thrown_away()
    {
        var database = await ingestion.CreateDatabaseAsync();
        await using var alone = await StartAsync(database);
        Assert.Equal("accepted", await alone.StatusAsync("a"));
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;

        // The setting of a database holds for sessions that begin later: those of now are ended.
        await alone.ExecuteAsync($"alter database \"{name}\" set default_transaction_read_only = on");
        await alone.EndSessionsAsync();
        await alone.RefusesAsync("a", "PostgreSQL is read-only");
        await alone.RefusesAsync("b", "PostgreSQL is read-only");
        await alone.IsReadyAsync(false);

        await alone.ExecuteAsync($"alter database \"{name}\" reset default_transaction_read_only");
        await alone.TakesAgainAsync();
        await alone.IsReadyAsync(true);
    }

    [Fact]
    public async Task A_server_that_stops_and_starts_is_found_again()
    {
        var server = await backends.StartOwnPostgresAsync();
        await using var alone = await StartAsync(await server.CreateDatabaseAsync("ingestion"));
        Assert.Equal("accepted", await alone.StatusAsync("a"));

        await server.StopAsync();
        await alone.RefusesAsync("a", "PostgreSQL cannot be reached");
        await alone.RefusesAsync("b", "PostgreSQL cannot be reached");
        await alone.IsReadyAsync(false);

        await server.StartAsync();
        await alone.TakesAgainAsync();
        await alone.IsReadyAsync(true);
    }

    [Fact]
    public async Task A_server_without_a_connection_left_answers_503()
    {
        var database = await ingestion.CreateDatabaseAsync();
        await using var alone = await StartAsync(database);
        Assert.Equal("accepted", await alone.StatusAsync("a"));
        var role = new NpgsqlConnectionStringBuilder(database.ConnectionString).Username;

        await alone.ExecuteAsync($"alter role \"{role}\" connection limit 0");
        await alone.EndSessionsAsync();
        await alone.RefusesAsync("a", "PostgreSQL has no connection left");
        await alone.RefusesAsync("b", "PostgreSQL has no connection left");

        await alone.ExecuteAsync($"alter role \"{role}\" connection limit -1");
        await alone.TakesAgainAsync();
    }

    [Fact]
    public async Task A_full_disk_answers_503_and_what_was_accepted_before_is_there()
    {
        const int BatchEvents = 200;
        var clock = new SetClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var database = await ingestion.CreateDatabaseAsync();
        await using var alone = await StartAsync(database, clock);
        Assert.Equal("accepted", await alone.StatusAsync("a"));
        await using var disk = await SmallDisk.UnderAsync(database, "events_20260301");

        var accepted = 1;
        Reply reply;
        var batch = 0;
        while ((reply = await alone.SendAsync(Batch(batch))).Status == 202)
        {
            accepted += reply.Body.GetProperty("accepted").GetInt32();
            batch++;
            Assert.True(batch < 100, "The disk never became full.");
        }

        AssertRefused(reply, "The disk of PostgreSQL is full");
        await alone.RefusesManyAsync(Batch(batch), "The disk of PostgreSQL is full");
        Assert.Equal(accepted, await alone.CountAsync());

        await disk.GrowAsync();
        var again = await alone.SendAsync(Batch(batch));
        Assert.Equal(BatchEvents, again.Body.GetProperty("accepted").GetInt32());
        var before = await alone.SendAsync(Batch(0));
        Assert.Equal(batch > 0 ? BatchEvents : 0, before.Body.GetProperty("duplicates").GetInt32());
        Assert.Equal(accepted + BatchEvents, await alone.CountAsync());

        static string Batch(int number) => IngestionFixture.Batch(
            [.. Enumerable.Range(0, BatchEvents).Select(i => IngestionFixture.View($"m{number}-{i}"))]);
    }

    [Theory]
    [InlineData("25006", "PostgreSQL is read-only")]
    [InlineData("53100", "The disk of PostgreSQL is full")]
    [InlineData("53200", "PostgreSQL is out of memory")]
    [InlineData("53300", "PostgreSQL has no connection left")]
    [InlineData("57P01", "PostgreSQL is shutting down")]
    [InlineData("57P02", "PostgreSQL is shutting down")]
    [InlineData("57P03", "PostgreSQL is starting")]
    [InlineData("58030", "PostgreSQL cannot use its files")]
    [InlineData("40P01", "PostgreSQL is busy")]
    [InlineData("55P03", "PostgreSQL is busy")]
    public async Task Every_fault_of_the_server_answers_503_with_its_name(string state, string title)
    {
        await using var alone = await StartAsync(await ingestion.CreateDatabaseAsync());
        Assert.Equal("accepted", await alone.StatusAsync("a"));

        await alone.FailWritesAsync(state);
        await alone.RefusesAsync("b", title);
        Reply[] together = await Task.WhenAll(
            Enumerable.Range(0, 20)
                .Select(i => alone.SendAsync(IngestionFixture.Batch(IngestionFixture.View($"{i}")))));
        Assert.All(together, reply => AssertRefused(reply, title));

        await alone.MendWritesAsync();
        await alone.TakesAgainAsync();
    }

    private static void AssertRefused(Reply reply, string title)
    {
        Assert.Equal(503, reply.Status);
        Assert.Equal("application/problem+json", reply.MediaType);
        Assert.Equal(title, reply.Body.GetProperty("title").GetString());
        Assert.NotNull(reply.Headers.RetryAfter?.Delta);
    }

    private async Task<Alone> StartAsync(TestDatabase database, TimeProvider? clock = null) =>
        new(await ingestion.StartOnAsync(database, clock), database);

    /// <summary>A service with a database of its own.</summary>
    private sealed class Alone(ServiceHost service, TestDatabase database) : IAsyncDisposable
    {
        public Task<Reply> SendAsync(string json) => IngestionFixture.SendAsync(service, "/v1/batch", json);

        public async Task<string> StatusAsync(string messageId) =>
            (await SendAsync(IngestionFixture.Batch(IngestionFixture.View(messageId)))).StatusOf(0);

        public Task RefusesAsync(string messageId, string title) =>
            RefusesManyAsync(IngestionFixture.Batch(IngestionFixture.View(messageId)), title);

        // The first answers may still tell of the sessions that were ended, or come before the server's sessions have
        // read a changed setting (it signals them and does not wait).
        public async Task RefusesManyAsync(string json, string title)
        {
            var reply = await Eventually.ReadAsync(
                () => SendAsync(json),
                sent => sent.Body.TryGetProperty("title", out var read) && read.GetString() == title);
            AssertRefused(reply, title);
        }

        /// <summary>"a" was accepted before and is there once; "b" was refused and is taken now, once.</summary>
        public async Task TakesAgainAsync()
        {
            await Eventually.ReadAsync(
                async () => (await SendAsync(IngestionFixture.Batch(IngestionFixture.View("a")))).Status,
                status => status == 202);
            Assert.Equal("duplicate", await StatusAsync("a"));
            Assert.Equal("accepted", await StatusAsync("b"));
            Assert.Equal("duplicate", await StatusAsync("b"));
            Assert.Equal(2, await CountAsync());
            await using var connection = new NpgsqlConnection(database.ConnectionString);
            Assert.Equal(2, await connection.ExecuteScalarAsync<long>("select count(distinct message_id) from events"));
            const string Accepted = "select sum(value) from counters where name = 'accepted'";
            Assert.Equal(2, await connection.ExecuteScalarAsync<long>(Accepted));
        }

        public Task IsReadyAsync(bool isReady) => Eventually.ReadAsync(
            async () =>
            {
                using var client = service.CreateClient();
                using var answer = await client.GetAsync("/health/ready");
                return (int)answer.StatusCode;
            },
            status => status == (isReady ? 200 : 503));

        public async Task<long> CountAsync()
        {
            await using var connection = new NpgsqlConnection(database.AdministratorConnectionString);
            return await connection.ExecuteScalarAsync<long>($"select count(*) from {database.Schema}.events");
        }

        public Task FailWritesAsync(string state) => ExecuteAsync($"""
            create function {database.Schema}.fail() returns trigger language plpgsql as
            'begin raise exception ''planted'' using errcode = ''{state}''; end';
            create trigger fail before insert on {database.Schema}.events
            for each row execute function {database.Schema}.fail()
            """);

        public Task MendWritesAsync() => ExecuteAsync($"drop trigger fail on {database.Schema}.events");

        public Task EndSessionsAsync() => ExecuteAsync("""
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            """);

        public async Task ExecuteAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(
                database.AdministratorConnectionString + ";Pooling=false;Options=-c default_transaction_read_only=off");
            await connection.OpenAsync();
            await connection.ExecuteAsync(sql);
        }

        public ValueTask DisposeAsync() => service.DisposeAsync();
    }

    /// <summary>
    /// A file system of one megabyte below a table: a disk that is really full. Where the machine does not let us mount
    /// one, a trigger raises what PostgreSQL would.
    /// </summary>
    private sealed class SmallDisk(TestDatabase database, string table, string? path) : IAsyncDisposable
    {
        private string QuotedTable => $"{database.Schema}.{table}";

        public static async Task<SmallDisk> UnderAsync(TestDatabase database, string table)
        {
            var path = Directory.CreateTempSubdirectory("ecom-small-disk-").FullName;
            if (!await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", path))
            {
                Directory.Delete(path);
                path = null;
            }

            var disk = new SmallDisk(database, table, path);
            await disk.UseAsync();
            return disk;
        }

        public Task GrowAsync() => path is null
            ? ExecuteAsync($"drop trigger refuse on {QuotedTable}")
            : TryRunAsync("mount", "-o", "remount,size=100m", path);

        public async ValueTask DisposeAsync()
        {
            if (path is null)
            {
                return;
            }

            await ExecuteAsync($"alter table {QuotedTable} set tablespace pg_default");
            await ExecuteAsync($"drop tablespace if exists {TableSpace}");
            await TryRunAsync("umount", path);
            Directory.Delete(path);
        }

        private string TableSpace => $"small_{Path.GetFileName(path)!.ToLowerInvariant().Replace('-', '_')}";

        private async Task UseAsync()
        {
            if (path is null)
            {
                await ExecuteAsync($"""
                    create function {database.Schema}.refuse() returns trigger language plpgsql as
                    'begin raise exception ''planted'' using errcode = ''53100''; end';
                    create trigger refuse before insert on {QuotedTable}
                    for each row execute function {database.Schema}.refuse()
                    """);
                return;
            }

            await TryRunAsync("chown", "postgres", path);
            await ExecuteAsync($"create tablespace {TableSpace} location '{path}'");
            await ExecuteAsync($"alter table {QuotedTable} set tablespace {TableSpace}");
        }

        private async Task ExecuteAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(
                database.AdministratorConnectionString + ";Pooling=false");
            await connection.ExecuteAsync(sql);
        }

        private static async Task<bool> TryRunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(program, arguments);
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
    }
}
