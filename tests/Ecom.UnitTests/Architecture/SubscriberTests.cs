using System.Text.RegularExpressions;
using Ecom.Cli.Services;
using MassTransit;

namespace Ecom.UnitTests.Architecture;

/// <summary>Publishing waits for exactly the queues that the code consumes.</summary>
public sealed partial class SubscriberTests
{
    private static readonly string[] _shopEvents =
    [
        "Ecom.Contracts.Behaviour", "Ecom.Contracts.Orders", "Ecom.Contracts.Payments", "Ecom.Contracts.Catalogue",
        "Ecom.Contracts.Customers",
    ];

    [Fact]
    public void Ingestion_publishes_when_every_consumer_of_shop_events_has_its_queue() => Assert.Equal(
        QueuesOf(message => _shopEvents.Contains(message.Namespace)),
        Subscribers.Of("ingestion").Order(StringComparer.Ordinal));

    [Fact]
    public void Training_publishes_when_every_consumer_of_promotions_has_its_queue() => Assert.Equal(
        QueuesOf(message => message.Name == "ModelPromoted"),
        Subscribers.Of("training").Order(StringComparer.Ordinal));

    [Fact]
    public void Profiling_publishes_when_every_consumer_of_profiles_has_its_queue() => Assert.Equal(
        QueuesOf(message => message.Namespace == "Ecom.Contracts.Profiles"),
        Subscribers.Of("profiling").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("ingestion")]
    [InlineData("training")]
    [InlineData("profiling")]
    public void Compose_waits_for_the_same_queues(string service)
    {
        var compose = File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml"));
        var section = compose[compose.IndexOf($"\n  {service}:\n", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("ports:", StringComparison.Ordinal)];

        Assert.Equal(
            Subscribers.Of(service).Order(StringComparer.Ordinal),
            Subscriber().Matches(section).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> QueuesOf(Func<Type, bool> isWanted) => ServiceDefinition.All
        .SelectMany(service => System.Reflection.Assembly.Load(service.Assembly).GetTypes()
            .SelectMany(type => type.GetInterfaces())
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
            .Select(type => type.GetGenericArguments()[0])
            .Where(isWanted)
            .Select(message => $"{service.Name}-{Capital().Replace(message.Name, "-$0").ToLowerInvariant()}"))
        .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"Messaging__Subscribers__\d+: (\S+)")]
    private static partial Regex Subscriber();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Capital();
}
