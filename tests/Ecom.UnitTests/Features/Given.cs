using Ecom.Features;

namespace Ecom.UnitTests.Features;

/// <summary>Small definitions and events for the engine's tests.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2025, 3, 10, 12, 0, 0, TimeSpan.Zero);

    public static FeatureDefinition Definition(
        string name, Aggregation aggregation, EventField? of, params TimeSpan[] windows) => new()
        {
            Name = name,
            Entity = EntityKind.Customer,
            Events = [ShopEventKind.OrderPlaced],
            Aggregation = aggregation,
            Of = of,
            Windows = windows,
            Type = FeatureType.Real,
            Description = "A test.",
            Owner = "tests",
        };

    /// <summary>One definition of each aggregation, in every tile level.</summary>
    public static FeatureSet EverySort()
    {
        TimeSpan[] windows = [TimeSpan.FromMinutes(10), TimeSpan.FromDays(1), TimeSpan.FromDays(30)];
        return new FeatureSet(
        [
            Definition("orders", Aggregation.Count, null, windows) with { Default = 0 },
            Definition("spend", Aggregation.Sum, EventField.Amount, windows) with { Divisor = 100, Default = 0 },
            Definition("basket", Aggregation.Mean, EventField.Amount, windows),
            Definition("least", Aggregation.Min, EventField.Amount, windows),
            Definition("most", Aggregation.Max, EventField.Amount, windows),
            Definition("devices", Aggregation.Distinct, EventField.Device, windows) with { Default = 0 },
            Definition("last_device", Aggregation.Last, EventField.Device, windows) with { Type = FeatureType.Text },
            Definition("last_amount", Aggregation.Last, EventField.Amount, windows),
            Definition("since_last", Aggregation.TimeSinceLast, null, windows) with { Type = FeatureType.Seconds },
            Definition("since_first", Aggregation.TimeSinceFirst, null, windows) with { Type = FeatureType.Seconds },
        ]);
    }

    public static ShopEvent Order(DateTimeOffset at, long amount = 0, string? device = null, int id = 0) => new()
    {
        Kind = ShopEventKind.OrderPlaced,
        Id = new Guid(id, 0, 0, new byte[8]),
        AtMs = at.ToUnixTimeMilliseconds(),
        Customer = "c1",
        Device = device,
        Amount = amount,
    };

    public static EntityState StateOf(FeatureSet set, params ShopEvent[] events)
    {
        var state = new EntityState(set, EntityKind.Customer);
        foreach (var shopEvent in events)
        {
            state.Add(shopEvent);
        }

        return state;
    }

    public static FeatureValue Read(EntityState state, string name, DateTimeOffset at) =>
        Assert.Single(state.Read(at), value => value.Name == name);
}
