using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Features;

namespace Ecom.UnitTests.Features;

public sealed class FeatureSetTests
{
    private static readonly FeatureDefinition _sound =
        Given.Definition("orders", Aggregation.Count, null, TimeSpan.FromDays(1));

    public static TheoryData<FeatureDefinition> Unsound =>
    [
        _sound with { Name = "Orders:1" },
        _sound with { Entity = EntityKind.Visitor },
        _sound with { Events = [] },
        _sound with { Windows = [] },
        _sound with { Windows = [TimeSpan.FromDays(366)] },
        _sound with { Windows = [TimeSpan.FromSeconds(90)] },
        _sound with { Aggregation = Aggregation.Sum },
        _sound with { Aggregation = Aggregation.Sum, Of = EventField.Device },
        _sound with { Aggregation = Aggregation.Distinct, Of = EventField.Amount },
        _sound with { Aggregation = Aggregation.Last, Of = EventField.Device },
        _sound with { Of = EventField.Amount },
        _sound with { Filter = [new FieldEquals(EventField.Amount, "1")] },
        _sound with { Divisor = 0 },
        _sound with { Owner = string.Empty },
    ];

    [Theory]
    [MemberData(nameof(Unsound))]
    public void A_definition_that_makes_no_sense_is_refused(FeatureDefinition definition) =>
        Assert.Throws<ArgumentException>(() => new FeatureSet([definition]));

    [Fact]
    public void Two_features_of_one_name_are_refused() =>
        Assert.Throws<ArgumentException>(() => new FeatureSet([_sound, _sound with { Entity = EntityKind.Device }]));

    [Fact]
    public void The_version_changes_with_any_definition()
    {
        Assert.Equal(new FeatureSet([_sound]).Version, new FeatureSet([_sound with { }]).Version);
        Assert.NotEqual(
            new FeatureSet([_sound]).Version,
            new FeatureSet([_sound with { Windows = [TimeSpan.FromDays(2)] }]).Version);
    }

    [Fact]
    public void A_message_gives_one_delta_for_each_entity_that_it_touches()
    {
        var set = new FeatureSet(
        [
            _sound,
            _sound with { Name = "by_device", Entity = EntityKind.Device },
            _sound with { Name = "by_card", Entity = EntityKind.Card },
        ]);
        ShopEvent[] events =
        [
            Given.Order(Given.Noon, 1, "d1", 1),
            Given.Order(Given.Noon, 1, "d1", 2),
            Given.Order(Given.Noon, 1, "d2", 3) with { Customer = null, Anonymous = "a1" },
        ];

        var deltas = set.Fold(Guid.NewGuid(), events);

        Assert.Equal(
            [
                new EntityKey(EntityKind.Customer, "c1"),
                new EntityKey(EntityKind.Visitor, "a1"),
                new EntityKey(EntityKind.Device, "d1"),
                new EntityKey(EntityKind.Device, "d2"),
            ],
            deltas.Select(delta => delta.Entity));
        Assert.Equal(2, deltas[0].Partial.Read(Given.Noon)[0].Number);
    }

    [Fact]
    public void A_filter_lets_only_its_events_through()
    {
        var set = new FeatureSet([_sound with { Filter = [new FieldEquals(EventField.Device, "d1")] }]);
        var state = Given.StateOf(
            set, Given.Order(Given.Noon, 1, "d1", 1), Given.Order(Given.Noon, 1, "d2", 2), Given.Order(Given.Noon));

        Assert.Equal(1, state.Read(Given.Noon)[0].Number);
    }

    [Fact]
    public void Robots_give_no_events()
    {
        var human = new Interaction
        {
            EventId = Guid.NewGuid(),
            Kind = InteractionKind.ProductReviewed,
            ProductId = "p1",
            AnonymousId = "a1",
            Rating = 4.5,
            Source = new Source { DeviceId = "d1" },
            OccurredAt = Given.Noon,
            ReceivedAt = Given.Noon,
            PartitionKey = "a1",
        };
        var message = new InteractionsRecorded
        {
            Interactions = [human, human with { Source = human.Source with { IsBot = true } }],
        };

        var only = Assert.Single(ShopEvents.From(message));
        Assert.Equal(450, only.Rating);
        Assert.Equal("d1", only.Device);
    }
}
