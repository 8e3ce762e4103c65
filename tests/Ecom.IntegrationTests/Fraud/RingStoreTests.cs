using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Storage;
using Ecom.Testing;
using Ecom.UnitTests.Fraud;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Rings in the tables, against the same rings in memory and against a walk over the stored ties.</summary>
public sealed class RingStoreTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    private readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeMilliseconds(
        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    [Fact]
    public async Task Served_features_are_those_of_a_replay_in_memory_bit_for_bit()
    {
        var (options, random) = (new RingOptions(), new Random(17));
        var memory = new RingMemory(options);
        for (var i = 0; i < 120; i++)
        {
            // Over two months, so that ties run out; some late by hours.
            var at = _now.AddHours((12 * i) - 1500).AddMinutes(-random.Next(3) * random.Next(1500));
            var payment = Payment("replay", i, random, 30, at);
            var decision = await DecideAsync(payment, i);

            var expected = RingFeatures.Of(memory.Add(RingPayment.Of(payment, options)!), options.Window);
            Assert.Equal(expected, RingFeatures.Names.Select(name => decision.Vector[name] ?? double.NaN));
        }

        Assert.Equal(memory.Sets(), await SetsAsync("replay"));
        Assert.Contains(memory.Sets(), set => set.Length > 3);
    }

    [Fact]
    public async Task Payments_at_once_on_two_replicas_leave_the_rings_that_their_ties_make()
    {
        var random = new Random(3);
        var payments = Enumerable.Range(0, 100)
            .Select(i => Payment("race", i, random, 40, _now.AddSeconds(-i))).ToArray();

        await Task.WhenAll(payments.Select(DecideAsync));

        var sets = await SetsAsync("race");
        Assert.Equal(await ComponentsAsync("race"), sets);
        Assert.Contains(sets, set => set.Length > 10);
    }

    [Fact]
    public async Task Rings_that_several_payments_unite_at_once_become_one()
    {
        const int Rings = 5;
        for (var round = 0; round < 12; round++)
        {
            var name = $"chain{round}";
            await Task.WhenAll(
                Enumerable.Range(0, 2 * Rings).Select(i => DecideAsync(Of(i, i / 2, "a", 9), i)));
            Assert.Equal(Rings, (await SetsAsync(name)).Length);

            // Each of another customer, with the device of the next ring: no two share a lock.
            await Task.WhenAll(
                Enumerable.Range(0, Rings - 1).Select(i => DecideAsync(Of(2 * i, i + 1, "b", 1), i)));

            Assert.Equal(2 * Rings, Assert.Single(await SetsAsync(name)).Length);

            PaymentAttempted Of(int customer, int device, string part, int minutesAgo) => FraudFixture.Payment(
                $"{name}-{part}{customer}", $"{name}-c{customer}", "", _now.AddMinutes(-minutesAgo)) with
            {
                Source = new() { DeviceId = $"{name}-d{device}" },
            };
        }

        await AllCountsAreRightAsync();
    }

    [Fact]
    public async Task Ties_run_out_while_payments_come_and_nobody_waits_in_a_circle()
    {
        var random = new Random(29);
        var payments = Enumerable.Range(0, 200)
            .Select(i => Payment("wane", i, random, 40, _now.AddSeconds(-i))).ToArray();
        var deciding = Task.WhenAll(payments.Select(DecideAsync));
        var waned = 0;
        while (!deciding.IsCompleted)
        {
            await ScalarAsync("""
                with old as (
                    update ring_ties set noted_at = now() - interval '31 days'
                    where ctid in (
                        select ctid from ring_ties where customer_id like 'wane-%' and random() < 0.2
                        for update skip locked)
                    returning 1)
                select count(*) from old
                """);
            waned += await fixture.Second.Services.GetRequiredService<RingExpiry>().RunAsync(1_000, 50, default);
        }

        await deciding;

        Assert.True(waned > 20, $"Only {waned} customers lost ties.");
        await AllCountsAreRightAsync();
    }

    [Fact]
    public async Task An_address_ties_for_its_own_window_and_a_device_goes_on_to()
    {
        await DecideAsync(FraudFixture.Payment("brief-1", "brief-c1", "d-brief", _now.AddMinutes(-2)), 0);
        await DecideAsync(FraudFixture.Payment("brief-2", "brief-c2", "d-brief", _now.AddMinutes(-1)), 0);
        await ScalarAsync("""
            with old as (
                update ring_ties set noted_at = now() - interval '4 days' where customer_id like 'brief-%' returning 1)
            select count(*) from old
            """);

        Assert.True(await fixture.First.Services.GetRequiredService<RingExpiry>().RunAsync(1_000, 1, default) >= 2);

        Assert.Equal(0, await ScalarAsync(
            "select count(*) from ring_ties where customer_id like 'brief-%' and kind = 'Ip'"));
        Assert.Equal(2, await ScalarAsync("""
            select customers from rings join ring_customers using (ring_id) where customer_id = 'brief-c1'
            """));
    }

    [Fact]
    public async Task A_payment_that_comes_three_times_ties_once()
    {
        foreach (var i in Enumerable.Range(0, 3))
        {
            var payment = FraudFixture.Payment($"thrice-{i}", $"thrice-c{i}", "d-thrice", _now.AddMinutes(i));
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => fixture.PublishAsync(payment.EventId, payment)));
            await Eventually.BeTrueAsync(async () => await ScalarAsync($"""
                select count(*) from decisions
                where payment_id = '{payment.PaymentId}' and payment_id not in (select payment_id from uncounted)
                """) == 1);
        }

        Assert.Equal(3, await ScalarAsync("""
            select customers from rings join ring_customers using (ring_id) where customer_id = 'thrice-c0'
            """));
        Assert.Equal(9, await ScalarAsync("select count(*) from ring_ties where customer_id like 'thrice-%'"));
    }

    private async Task AllCountsAreRightAsync() => Assert.Equal(0, await ScalarAsync("""
        select count(*) from rings
        where (merged_into is null) <> (customers >= 2) or customers <> (
            select count(*) from ring_customers where ring_customers.ring_id = rings.ring_id)
        """));

    private async Task<Decision> DecideAsync(PaymentAttempted payment, int i) =>
        await (i % 2 == 0 ? fixture.First : fixture.Second).Services.GetRequiredService<DecisionStore>()
            .DecideAsync(payment, Arrival.Request, CancellationToken.None);

    private static PaymentAttempted Payment(string name, int i, Random random, int many, DateTimeOffset at) =>
        FraudFixture.Payment($"{name}-{i}", $"{name}-c{random.Next(many):00}", $"{name}-d{random.Next(many)}", at) with
        {
            CardHash = random.Next(3) == 0 ? null : $"{name}-card{random.Next(many * 2)}",
            Source = new()
            {
                DeviceId = random.Next(3) == 0 ? null : $"{name}-d{random.Next(many * 2)}",
                IpHash = $"{name}-ip{random.Next(many * 2)}",
            },
        };

    private async Task<string[][]> SetsAsync(string name)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        var sets = await connection.QueryAsync<string>($"""
            select string_agg(customer_id, ' ' order by customer_id collate "C") from ring_customers
            where customer_id like '{name}-%'
            group by coalesce(ring_id::text, customer_id)
            """);
        return [.. sets.Order(StringComparer.Ordinal).Select(set => set.Split(' '))];
    }

    private async Task<string[][]> ComponentsAsync(string name)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        var customers = await connection.QueryAsync<string>(
            $"select customer_id from ring_customers where customer_id like '{name}-%'");
        var ties = await connection.QueryAsync<(string Kind, string Entity, string Customer, bool Binds)>(
            $"select kind, entity, customer_id, binds from ring_ties where customer_id like '{name}-%'");
        var parts = RingComponents.Of([.. customers], ties.Select(tie => new RingTie(
            new EntityKey(Enum.Parse<EntityKind>(tie.Kind), tie.Entity), tie.Customer, tie.Binds)));
        return
        [
            .. parts.Select(part => string.Join(' ', part)).Order(StringComparer.Ordinal)
                .Select(set => set.Split(' ')),
        ];
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QuerySingleAsync<long>(sql);
    }
}
