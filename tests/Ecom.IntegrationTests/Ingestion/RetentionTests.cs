using Dapper;
using Ecom.Ingestion.Jobs;
using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

/// <summary>What is old enough goes, what is not stays, and the answers are those that the pages promise.</summary>
public sealed class RetentionTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Days_of_the_log_beyond_their_age_go_and_the_others_stay()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock);
        await alone.SendAsync("first day");
        clock.Now = _start.AddDays(5);
        await alone.SendAsync("sixth day");

        clock.Now = _start.AddDays(400);
        await alone.PruneAsync();
        Assert.Equal(["first day", "sixth day"], await alone.ReadAsync<string>("select message_id from events"));

        clock.Now = _start.AddDays(401);
        await alone.PruneAsync();
        Assert.Equal(["sixth day"], await alone.ReadAsync<string>("select message_id from events"));
        Assert.False(await alone.HasTableAsync("events_20260101"));
        Assert.True(await alone.HasTableAsync("events_20260106"));
        Assert.Equal("accepted", await alone.SendAsync("today"));

        // The log ends before the oldest transaction under way, be it of another database of the server.
        await Eventually.ReadAsync(
            () => IngestionFixture.GetAsync(alone.Service, "/v1/log", "read"),
            log => log.GetProperty("messages").GetArrayLength() == 2);
    }

    [Fact]
    public async Task A_day_whose_removal_was_cut_off_goes_with_the_next_call()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock);
        await alone.SendAsync("old");
        await alone.ExecuteAsync("alter table events detach partition events_20260101 concurrently");

        clock.Now = _start.AddDays(500);
        await alone.PruneAsync();

        Assert.False(await alone.HasTableAsync("events_20260101"));
    }

    [Fact]
    public async Task A_log_without_age_is_kept_for_ever()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock, ("Ingestion:KeepLogDays", "0"));
        await alone.SendOrderAsync("m", "for ever");

        clock.Now = _start.AddDays(10_000);
        await alone.PruneAsync();

        Assert.Equal(["m"], await alone.ReadAsync<string>("select message_id from events"));
        Assert.Equal("duplicate", await alone.SendOrderAsync("m2", "for ever"));
    }

    [Fact]
    public async Task A_message_id_is_known_for_its_days_and_counts_as_new_beyond_them()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock);
        string[] ids = [.. Enumerable.Range(0, 50).Select(i => $"m{i}")];
        foreach (var id in ids)
        {
            Assert.Equal("accepted", await alone.SendAsync(id));
        }

        clock.Now = _start.AddDays(30);
        await alone.SendAsync("young");
        await alone.PruneAsync();
        foreach (var id in ids)
        {
            Assert.Equal("duplicate", await alone.SendAsync(id));
        }

        clock.Now = _start.AddDays(30).AddMilliseconds(1);
        await alone.PruneAsync();
        Assert.Equal(["young"], await alone.ReadAsync<string>("select message_id from message_keys"));
        Assert.Equal("duplicate", await alone.SendAsync("young"));
        Assert.Equal("accepted", await alone.SendAsync("m0"));
        Assert.Equal("duplicate", await alone.SendAsync("m0"));
    }

    [Fact]
    public async Task An_order_and_a_payment_are_known_as_long_as_the_log()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock);
        Assert.Equal("accepted", await alone.SendOrderAsync("m1", "o1"));
        Assert.Equal("accepted", await alone.SendPaymentAsync("m2", "p1"));

        clock.Now = _start.AddDays(399);
        await alone.PruneAsync();
        Assert.Empty(await alone.ReadAsync<string>("select message_id from message_keys"));
        Assert.Equal("duplicate", await alone.SendOrderAsync("m1", "o1"));
        Assert.Equal("duplicate", await alone.SendOrderAsync("another", "o1"));
        Assert.Equal("duplicate", await alone.SendPaymentAsync("m2", "p1"));

        clock.Now = _start.AddDays(401);
        await alone.PruneAsync();
        Assert.Equal("accepted", await alone.SendOrderAsync("m1 again", "o1"));
        Assert.Equal("accepted", await alone.SendPaymentAsync("m2 again", "p1"));
    }

    [Fact]
    public async Task Rejections_beyond_their_age_go_and_the_others_can_be_replayed()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock);
        await alone.SendAsync("old", productId: null);
        clock.Now = _start.AddDays(80);
        await alone.SendAsync("young", productId: null);

        clock.Now = _start.AddDays(91);
        await alone.PruneAsync();

        var left = await alone.ReadAsync<Guid>("select id from rejections");
        Assert.Equal(["young"], await alone.ReadAsync<string>("select message_id from rejections"));
        var replayed = await IngestionFixture.SendAsync(
            alone.Service, $"/v1/rejected/{left.Single()}/replay", IngestionFixture.View("young"), "ops");
        Assert.Equal(202, replayed.Status);
    }

    [Fact]
    public async Task Inbox_rows_beyond_their_age_go_in_batches_and_the_others_stay()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock);
        await alone.ExecuteAsync($"""
            insert into inbox (endpoint, message_id, received_at)
            select 'old', gen_random_uuid(), '{_start:O}'::timestamptz from generate_series(1, 12000)
            union all
            select 'young', gen_random_uuid(), '{_start.AddDays(1):O}'::timestamptz from generate_series(1, 10)
            """);
        await alone.ExecuteAsync($"""
            insert into inbox (endpoint, message_id, received_at)
            values ('parked', '8d3c1e0e-0000-0000-0000-00000000000a', '{_start:O}');
            insert into parked_messages (id, queue, message_key, message_id, headers, body, fault_type, fault_message,
                attempts, first_failed_at, last_failed_at)
            select gen_random_uuid(), endpoint, message_id, message_id, jsonb_build_object(), '', 'f', 'f', 1,
                received_at, received_at
            from inbox where endpoint = 'parked'
            """);
        await alone.ExecuteAsync($"insert into leases values ('died', 'nobody', '{_start:O}')");

        clock.Now = _start.AddDays(14).AddHours(1);
        var retention = alone.Service.Services.GetRequiredService<MessageRetention>();

        Assert.Equal(12_000, await retention.PruneAsync(default));
        Assert.Equal(["parked", "young"], await alone.ReadAsync<string>("select distinct endpoint from inbox"));
        Assert.DoesNotContain("died", await alone.ReadAsync<string>("select name from leases"));
        Assert.Equal(0, await retention.PruneAsync(default));
    }

    [Fact]
    public async Task A_failed_message_keeps_its_inbox_row_and_goes_long_after_it_was_handled()
    {
        var clock = new SetClock(_start);
        await using var alone = await StartAsync(clock);
        await alone.ExecuteAsync($"""
            insert into parked_messages (id, queue, message_key, message_id, headers, body, fault_type, fault_message,
                attempts, first_failed_at, last_failed_at, state, handled_at)
            select id, 'queue', id, id, jsonb_build_object(), ''::bytea, 'Fault', '', 1, '{_start:O}', '{_start:O}',
                state, case state when 'parked' then null else '{_start:O}'::timestamptz end
            from (values (gen_random_uuid(), 'parked'), (gen_random_uuid(), 'replayed')) as failed (id, state)
            """);
        await alone.ExecuteAsync($"""
            insert into inbox (endpoint, message_id, received_at)
            select 'queue', id, '{_start:O}'::timestamptz from parked_messages
            union all
            select 'other', id, '{_start:O}'::timestamptz from parked_messages
            """);
        var retention = alone.Service.Services.GetRequiredService<MessageRetention>();

        clock.Now = _start.AddDays(29);
        Assert.Equal(2, await retention.PruneAsync(default));
        Assert.Equal(["queue", "queue"], await alone.ReadAsync<string>("select endpoint from inbox"));
        Assert.Equal(2, (await alone.ReadAsync<string>("select state from parked_messages")).Length);

        clock.Now = _start.AddDays(31);
        await retention.PruneAsync(default);
        Assert.Equal(["parked"], await alone.ReadAsync<string>("select state from parked_messages"));
        Assert.Equal(1, await retention.PruneAsync(default));
    }

    [Theory]
    [InlineData("Ingestion:KeepLogDays", "29")]
    [InlineData("Ingestion:KeepLogDays", "-1")]
    [InlineData("Ingestion:KeepKeysDays", "0")]
    [InlineData("Ingestion:KeepRejectionsDays", "401")]
    [InlineData("Retention:InboxDays", "0")]
    public async Task A_service_does_not_start_with_days_that_contradict_each_other(string key, string value) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new SetClock(_start), (key, value)));

    private async Task<Alone> StartAsync(SetClock clock, params (string Key, string Value)[] more)
    {
        var (service, database) = await ingestion.StartAtAsync(clock, more);
        return new Alone(service, database);
    }

    /// <summary>A service with a database of its own.</summary>
    private sealed class Alone(ServiceHost service, NpgsqlDataSource database) : IAsyncDisposable
    {
        public ServiceHost Service => service;

        public Task PruneAsync() => service.Services.GetRequiredService<RetentionJob>()
            .PruneAsync([.. LogRetention.MessageKeys, .. LogRetention.OrderKeys], default);

        public Task<string> SendAsync(string messageId, string? productId = "p") => StatusAsync($$"""
            {"type":"track","event":"Product Viewed","messageId":"{{messageId}}","userId":"u",
             "properties":{"product_id":{{(productId is null ? "null" : $"\"{productId}\"")}} } }
            """);

        public Task<string> SendOrderAsync(string messageId, string orderId) => StatusAsync($$"""
            {"type":"track","event":"Order Completed","messageId":"{{messageId}}","userId":"u",
             "properties":{"order_id":"{{orderId}}","products":[{"product_id":"p","price":1}]} }
            """);

        public Task<string> SendPaymentAsync(string messageId, string paymentId) => StatusAsync($$"""
            {"type":"track","event":"Payment Attempted","messageId":"{{messageId}}","userId":"u",
             "properties":{"payment_id":"{{paymentId}}","amount":1} }
            """);

        public async Task ExecuteAsync(string sql)
        {
            await using var connection = await database.OpenConnectionAsync();
            await connection.ExecuteAsync(sql);
        }

        public async Task<T[]> ReadAsync<T>(string sql)
        {
            await using var connection = await database.OpenConnectionAsync();
            return [.. (await connection.QueryAsync<T>(sql)).Order()];
        }

        public async Task<bool> HasTableAsync(string name) =>
            (await ReadAsync<string>("select tablename from pg_tables")).Contains(name);

        public async ValueTask DisposeAsync()
        {
            await service.DisposeAsync();
            await database.DisposeAsync();
        }

        private async Task<string> StatusAsync(string json) =>
            (await IngestionFixture.SendAsync(service, "/v1/batch", IngestionFixture.Batch(json))).StatusOf(0);
    }
}
