using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.FeatureStore;

public sealed class RedisFeatureStoreTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private static readonly DateTimeOffset _start = new(2025, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan[] _windows =
        [TimeSpan.FromMinutes(10), TimeSpan.FromDays(1), TimeSpan.FromDays(365)];

    private static readonly FeatureSet _set = new(
    [
        .. new[] { EntityKind.Customer, EntityKind.Device }.SelectMany(kind => new[]
        {
            Definition(kind, "orders", Aggregation.Count, null),
            Definition(kind, "spend", Aggregation.Sum, EventField.Amount),
            Definition(kind, "basket", Aggregation.Mean, EventField.Amount),
            Definition(kind, "least", Aggregation.Min, EventField.Amount),
            Definition(kind, "most", Aggregation.Max, EventField.Amount),
            Definition(kind, "products", Aggregation.Distinct, EventField.Product),
            Definition(kind, "last_product", Aggregation.Last, EventField.Product) with { Type = FeatureType.Text },
            Definition(kind, "since_first", Aggregation.TimeSinceFirst, null),
            Definition(kind, "graded_spend", Aggregation.Sum, EventField.Amount) with
            {
                Tiling = Tiling.Graded,
                Windows = [TimeSpan.FromDays(1), TimeSpan.FromDays(30), TimeSpan.FromDays(180)],
            },
            Definition(kind, "graded_least", Aggregation.Min, EventField.Amount) with
            {
                Tiling = Tiling.Graded,
                Windows = [TimeSpan.FromDays(7)],
            },
        }),
    ]);

    private ConnectionMultiplexer _redis = null!;
    private RedisFeatureStore _store = null!;

    public async Task InitializeAsync()
    {
        _redis = await ConnectionMultiplexer.ConnectAsync(await backends.CreateRedisDatabaseAsync());
        _store = new RedisFeatureStore(_redis.GetDatabase(), _set, "test", 1, TimeProvider.System);
    }

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Redis_holds_bit_for_bit_what_memory_holds(int seed)
    {
        var random = new Random(seed);
        var memory = new Dictionary<EntityKey, EntityState>();
        var messages = Enumerable.Range(0, 150)
            .Select(_ => Received(random, [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => Event(random))]))
            .ToArray();
        // A, B, A and every other disorder: each message comes up to three times, anywhere.
        var deliveries = messages.Concat(messages).Concat(messages.Where(_ => random.Next(2) == 0)).ToArray();
        random.Shuffle(deliveries);

        foreach (var group in deliveries.Chunk(random.Next(1, 12)))
        {
            await _store.ApplyAsync(_set.Fold([.. group.DistinctBy(message => message.Key)]), default);
        }

        foreach (var message in deliveries)
        {
            foreach (var delta in _set.Fold([message]))
            {
                StateIn(memory, delta.Entity).Apply(delta);
            }
        }

        foreach (var (entity, state) in memory)
        {
            var stored = await _store.ReadStoredAsync(entity, default);
            Assert.Equal(state.Fields(), stored.Fields());
            Assert.Equal(state.Read(_start.AddDays(500)), stored.Read(_start.AddDays(500)));
        }

        Assert.True(memory.Count > 10);
    }

    [Fact]
    public async Task Messages_that_come_again_between_others_count_once()
    {
        var random = new Random(1);
        // Each order touches a customer and a device.
        var first = Message(random, [Order(1)]);
        var second = Message(random, [Order(2)]);

        Assert.Equal(2, await _store.ApplyAsync(first, default));
        Assert.Equal(2, await _store.ApplyAsync(second, default));
        Assert.Equal(0, await _store.ApplyAsync(first, default));

        Assert.Equal(2, await ReadAsync("customer_orders_1d"));
    }

    [Fact]
    public async Task Deltas_of_two_parts_of_the_definitions_stay_apart_when_applied_together()
    {
        // "spend" has another position in the part than in the whole, where it would be taken for "orders".
        var spend = new FeatureSet([Definition(EntityKind.Customer, "spend", Aggregation.Sum, EventField.Amount)]);
        var orders = new FeatureSet([Definition(EntityKind.Customer, "orders", Aggregation.Count, null)]);

        await _store.ApplyAsync(
            [
                .. spend.Fold(new Guid(1, 0, 0, new byte[8]), [Order(1) with { Amount = 700 }]),
                .. orders.Fold(new Guid(2, 0, 0, new byte[8]), [Order(1)]),
            ],
            default);

        Assert.Equal(700, await ReadAsync("customer_spend_1d"));
        Assert.Equal(1, await ReadAsync("customer_orders_1d"));
    }

    [Fact]
    public async Task Messages_applied_together_count_once_each_also_when_some_were_in_before()
    {
        var random = new Random(1);
        var messages = Enumerable.Range(1, 4).Select(number => Received(random, [Order(number)])).ToArray();

        Assert.Equal(2, await _store.ApplyAsync(_set.Fold([messages[1]]), default));
        Assert.Equal(4, await _store.ApplyAsync(_set.Fold([messages[0], messages[1], messages[2]]), default));
        Assert.Equal(2, await _store.ApplyAsync(_set.Fold([messages[3]]), default));

        Assert.Equal(4, await ReadAsync("customer_orders_1d"));
    }

    [Fact]
    public async Task An_id_is_known_for_seven_days_of_application_and_what_comes_again_later_is_left_to_the_inbox()
    {
        var clock = new SetClock(_start);
        var store = new RedisFeatureStore(_redis.GetDatabase(), _set, "aged", 1, clock);
        var random = new Random(8);
        var (first, second, third) = (
            Message(random, [Order(1)]), Message(random, [Order(2)]), Message(random, [Order(3)]));
        await store.ApplyAsync(first, default);

        clock.Now = _start.AddDays(7);
        await store.ApplyAsync(second, default);
        Assert.Equal(0, await store.ApplyAsync(first, default));

        // The set is pruned when expiry is renewed, once a day: the first id goes with the third message, and would
        // count again. Redis has a clock of its own.
        clock.Now = _start.AddDays(8);
        await _redis.GetDatabase().KeyExpireAsync(
            store.KeyOf(new EntityKey(EntityKind.Customer, "c1")), TimeSpan.FromDays(364));
        await store.ApplyAsync(third, default);
        Assert.Equal(1, await store.ApplyAsync(first, default));
        Assert.True(TimeSpan.FromDays(new RetentionOptions().InboxDays) > RedisFeatureStore.AppliedKept);
    }

    [Fact]
    public async Task Concurrent_deliveries_on_several_connections_count_once_each()
    {
        var random = new Random(2);
        var messages = Enumerable.Range(1, 50).Select(id => Message(random, [Order(id)])).ToArray();
        await using var other = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var replica = new RedisFeatureStore(other.GetDatabase(), _set, "test", 1, TimeProvider.System);

        RedisFeatureStore[] stores = [_store, replica, _store];
        var applied = await Task.WhenAll(messages
            .SelectMany(deltas => stores.Select(store => store.ApplyAsync(deltas, default))));

        Assert.Equal(2 * 50, applied.Sum());
        Assert.Equal(50, await ReadAsync("customer_orders_1d"));
    }

    [Fact]
    public async Task A_customer_includes_its_anonymous_ids_which_stay_apart()
    {
        var random = new Random(3);
        var browsed = Order(1) with { Customer = null, Anonymous = "a1" };
        var identified = Order(2) with { Kind = ShopEventKind.CustomerIdentified, Anonymous = "a1" };
        await _store.ApplyAsync(Message(random, [browsed]), default);
        await _store.ApplyAsync(Message(random, [Order(3)]), default);
        Assert.Equal(1, await ReadAsync("customer_orders_1d"));

        await _store.ApplyAsync(Message(random, [identified]), default);

        Assert.Equal(2, await ReadAsync("customer_orders_1d"));
        var stored = await _store.ReadStoredAsync(new EntityKey(EntityKind.Customer, "c1"), default);
        Assert.Equal(1, Value(stored, "customer_orders_1d"));
    }

    [Fact]
    public async Task Prefix_and_generation_keep_states_apart()
    {
        await _store.ApplyAsync(Message(new Random(4), [Order(1)]), default);
        var fraud = new RedisFeatureStore(_redis.GetDatabase(), _set, "fraud", 1, TimeProvider.System);
        var customer = new EntityKey(EntityKind.Customer, "c1");

        Assert.Null((await fraud.ReadAsync([customer], default))[0].NewestAt);
        Assert.Null((await _store.InGeneration(2).ReadAsync([customer], default))[0].NewestAt);
        Assert.Equal("test:g1:{customer:c1}", _store.KeyOf(customer));
    }

    [Fact]
    public async Task Both_keys_of_an_entity_expire_after_the_longest_window_and_a_week()
    {
        await _store.ApplyAsync(Message(new Random(5), [Order(1)]), default);
        var key = _store.KeyOf(new EntityKey(EntityKind.Customer, "c1"));

        foreach (var each in new[] { key, key + ":applied" })
        {
            var left = await _redis.GetDatabase().KeyTimeToLiveAsync(each);
            Assert.InRange(left!.Value, TimeSpan.FromDays(371.9), TimeSpan.FromDays(372));
        }
    }

    [Fact]
    public async Task A_removed_entity_and_a_removed_member_leave_nothing()
    {
        await _store.ApplyAsync(Message(new Random(6), [Order(1)]), default);
        var customer = new EntityKey(EntityKind.Customer, "c1");
        var device = new EntityKey(EntityKind.Device, "d1");

        await _store.RemoveAsync([customer], default);
        await _store.RemoveMemberAsync([device], "p1", default);

        Assert.Null((await _store.ReadStoredAsync(customer, default)).NewestAt);
        var left = (await _store.ReadStoredAsync(device, default)).Fields();
        Assert.DoesNotContain("device_products:m:p1", left.Keys);
        Assert.Contains("device_orders:n:d20157", left.Keys);
    }

    [Fact]
    public async Task What_no_read_can_reach_is_pruned_from_redis()
    {
        var random = new Random(7);
        var events = Enumerable.Range(0, 3_000).Select(i => Order(i + 1) with
        {
            AtMs = _start.AddMinutes(i * 30).ToUnixTimeMilliseconds(),
            Product = $"p{i}",
        });
        foreach (var shopEvent in events)
        {
            await _store.ApplyAsync(Message(random, [shopEvent]), default);
        }

        var fields = await _redis.GetDatabase().HashKeysAsync(_store.KeyOf(new EntityKey(EntityKind.Customer, "c1")));
        var graded = fields.Count(field => field.ToString().StartsWith("customer_graded", StringComparison.Ordinal));

        // 1,000 members, 63 days and 72 hours of some eight fields, and as much again before it is pruned; not 3,000
        // minutes of each.
        Assert.InRange(fields.Length - graded, 1_000, 8_000);

        // Of two graded definitions 49 hours, 38 days and three months, and 193 hours, and not yet all of the older
        // ones: they were 3,065.
        Assert.InRange(graded, 283, 2_900);
        var state = await _store.ReadStoredAsync(new EntityKey(EntityKind.Customer, "c1"), default);
        Assert.Equal(FeatureSet.MemberCap, Value(state, "customer_products_365d"));
        Assert.Equal(3_000, Value(state, "customer_orders_365d"));
    }

    private static double? Value(EntityState state, string name) =>
        state.Read(_start.AddDays(300)).Concat(state.Read(_start.AddHours(1)))
            .Where(value => value.Name == name).Max(value => value.Number);

    private static EntityState StateIn(Dictionary<EntityKey, EntityState> states, EntityKey entity)
    {
        if (!states.TryGetValue(entity, out var state))
        {
            states[entity] = state = new EntityState(_set, entity.Kind);
        }

        return state;
    }

    private static IReadOnlyList<EntityDelta> Message(Random random, IReadOnlyList<ShopEvent> events) =>
        _set.Fold([Received(random, events)]);

    private static KeyValuePair<Guid, IReadOnlyList<ShopEvent>> Received(
        Random random, IReadOnlyList<ShopEvent> events)
    {
        var id = new byte[16];
        random.NextBytes(id);
        return new(new Guid(id), events);
    }

    private static ShopEvent Order(int id) => new()
    {
        Kind = ShopEventKind.OrderPlaced,
        Id = new Guid(id, 0, 0, new byte[8]),
        AtMs = _start.ToUnixTimeMilliseconds(),
        Customer = "c1",
        Device = "d1",
        Product = "p1",
        Amount = 100,
    };

    private static ShopEvent Event(Random random)
    {
        var known = random.Next(3) > 0;
        return Order(random.Next()) with
        {
            Kind = random.Next(20) == 0 ? ShopEventKind.CustomerIdentified : ShopEventKind.OrderPlaced,
            AtMs = _start.AddMinutes(random.Next(2) == 0 ? random.Next(400 * 1440) : 400 * 1440 - random.Next(30))
                .ToUnixTimeMilliseconds(),
            Customer = known ? $"c{random.Next(5)} {{ü}}" : null,
            Anonymous = $"a{random.Next(5)}",
            Device = $"d{random.Next(5)}",
            Product = $"p:{random.Next(40)}",
            Amount = random.NextInt64(-(1L << 54), 1L << 54),
        };
    }

    private static FeatureDefinition Definition(
        EntityKind kind, string name, Aggregation aggregation, EventField? of) => new()
        {
            Name = $"{kind.ToString().ToLowerInvariant()}_{name}",
            Entity = kind,
            Events = [ShopEventKind.OrderPlaced],
            Aggregation = aggregation,
            Of = of,
            Windows = _windows,
            Type = FeatureType.Real,
            Description = "A test.",
            Owner = "tests",
        };

    private async Task<double?> ReadAsync(string name) =>
        Value((await _store.ReadAsync([new EntityKey(EntityKind.Customer, "c1")], default))[0], name);
}
