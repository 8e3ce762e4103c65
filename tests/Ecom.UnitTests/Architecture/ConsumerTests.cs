using Ecom.Cli.Services;
using Ecom.UnitTests.Contracts;
using MassTransit;

namespace Ecom.UnitTests.Architecture;

/// <summary>One message, one consumer, one class, named after the message, in the namespace Consumers.</summary>
public sealed class ConsumerTests
{
    private const string Using = """
        using MassTransit;
        using Ecom.Contracts.Orders;
        abstract class Of<T> : IConsumer<T> where T : class
        {
            public Task Consume(ConsumeContext<T> context) => Task.CompletedTask;
        }

        """;

    [Fact]
    public void Consumers_have_their_shape_name_and_place() => Guard.Holds(Violations(ServiceTypes.OfServices));

    [Fact]
    public void The_page_on_messages_names_every_consumer() =>
        Guard.Holds(Unlisted(ServiceTypes.OfServices, Repository.Read("docs/messages.md")));

    [Fact]
    public void The_page_on_messages_names_no_consumer_that_is_not_there() =>
        Guard.Holds(Invented(ServiceTypes.OfServices, Repository.Read("docs/messages.md")));

    [Fact]
    public void A_consumer_of_another_shape_is_caught()
    {
        (string Source, string Because)[] cases =
        [
            ("sealed class OrderPlacedConsumer : Of<OrderPlaced>;", ""),
            ("sealed class OrderPlacedConsumer : Of<Batch<OrderPlaced>>;", ""),
            ("sealed class OrderPlacedConsumer : Of<OrderPlaced>;"
                + " sealed class OrderPlacedConsumerDefinition : ConsumerDefinition<OrderPlacedConsumer>;", ""),
            ("class OrderPlacedConsumer : Of<OrderPlaced>;", "sealed"),
            ("sealed class PlacedConsumer : Of<OrderPlaced>;", "OrderPlacedConsumer"),
            ("sealed class OrderPlacedConsumer : Of<OrderPlaced>, IConsumer<OrderCancelled>"
                + " { public Task Consume(ConsumeContext<OrderCancelled> c) => Task.CompletedTask; }", "one message"),
            ("sealed class Translation;", "no consumer"),
            ("sealed class OrderPlacedConsumer : Of<OrderPlaced>; sealed class B : Of<OrderPlaced>;", "exactly one"),
        ];
        using var planted = new PlantedAssembly("Ecom.Fraud", "Consumers", cases.Select(one => Using + one.Source));
        Assert.All(cases, (one, i) => AssertCaught(one.Because, planted.Types(i)));
    }

    [Fact]
    public void A_consumer_in_another_place_is_caught()
    {
        using var planted = new PlantedAssembly(
            "Ecom.Fraud", "Orders", [Using + "sealed class OrderPlacedConsumer : Of<OrderPlaced>;"]);
        AssertCaught("namespace Consumers", planted.Types(0));
    }

    [Theory]
    [InlineData("| `Orders.OrderPlaced` | ingestion | training, fraud | x |", 0)]
    [InlineData("| `Orders.OrderPlaced` | fraud | training | x |", 1)]
    [InlineData("", 1)]
    public void A_consumer_that_the_page_does_not_name_is_caught(string row, int violations)
    {
        using var planted = new PlantedAssembly(
            "Ecom.Fraud", "Consumers", [Using + "sealed class OrderPlacedConsumer : Of<OrderPlaced>;"]);
        Assert.Equal(violations, Unlisted(planted.Types(0), $"## Messages\n{row}").Count());
    }

    [Theory]
    [InlineData("| `Orders.OrderPlaced` | ingestion | fraud | x |", 0)]
    [InlineData("| `Orders.OrderPlaced` | ingestion | fraud, training | x |", 1)]
    [InlineData("| `Orders.OrderRefunded` | ingestion | fraud | x |", 1)]
    public void A_consumer_that_only_the_page_names_is_caught(string row, int violations)
    {
        using var planted = new PlantedAssembly(
            "Ecom.Fraud", "Consumers", [Using + "sealed class OrderPlacedConsumer : Of<OrderPlaced>;"]);
        Assert.Equal(violations, Invented(planted.Types(0), $"## Messages\n{row}").Count());
    }

    private static void AssertCaught(string because, Type[] types)
    {
        var violations = Violations([.. ServiceTypes.Written(types)]).ToArray();
        if (because.Length == 0)
        {
            Assert.Empty(violations);
        }
        else
        {
            Assert.Contains(violations, violation => violation.Contains(because, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Violations(IReadOnlyList<Type> types)
    {
        var consumers = types
            .Where(type => type is { IsClass: true, IsAbstract: false })
            .ToLookup(type => Consumed(type).Length > 0);
        foreach (var type in consumers[true])
        {
            foreach (var violation in WrongConsumer(type, Consumed(type)))
            {
                yield return $"{type}: {violation}";
            }
        }

        foreach (var other in consumers[false]
            .Where(type => IsInConsumers(type) && !type.IsNested && !IsDefinition(type)))
        {
            yield return $"{other}: no consumer; what it is for decides where it belongs.";
        }

        foreach (var many in consumers[true].SelectMany(type => Consumed(type).Select(message => (type, message)))
            .GroupBy(pair => (pair.type.Assembly, pair.message)).Where(group => group.Count() > 1))
        {
            yield return $"{many.Key.message}: exactly one consumer in a service, not "
                + $"{string.Join(", ", many.Select(pair => pair.type))}.";
        }
    }

    private static IEnumerable<string> WrongConsumer(Type type, Type[] consumed)
    {
        if (consumed.Length > 1)
        {
            yield return $"consumes {consumed.Length}: a consumer is for one message.";
            yield break;
        }

        if (!type.IsSealed)
        {
            yield return "a consumer is sealed.";
        }

        if (type.Name != $"{consumed[0].Name}Consumer")
        {
            yield return $"name it {consumed[0].Name}Consumer: its queue is named after it.";
        }

        if (!IsInConsumers(type))
        {
            yield return "a consumer belongs to the namespace Consumers of its service.";
        }
    }

    private static Type[] Consumed(Type type) =>
        [.. type.GetInterfaces()
            .Where(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IConsumer<>))
            .Select(one => one.GetGenericArguments()[0])
            .Select(message => message.IsGenericType && message.GetGenericTypeDefinition() == typeof(Batch<>)
                ? message.GetGenericArguments()[0]
                : message)];

    private static bool IsInConsumers(Type type) =>
        type.Namespace?.Split('.') is [_, _, "Consumers", ..];

    private static bool IsDefinition(Type type) =>
        type.BaseType is { IsGenericType: true } parent
        && parent.GetGenericTypeDefinition() == typeof(ConsumerDefinition<>)
        && type.Name == $"{parent.GetGenericArguments()[0].Name}Definition";

    private static IEnumerable<string> Unlisted(IEnumerable<Type> types, string page)
    {
        var listed = Listed(page).ToHashSet();
        return Consumers(types)
            .Where(consumer => !listed.Contains(consumer))
            .Select(consumer =>
                $"docs/messages.md: name {consumer.Service} as a consumer in the row `{consumer.Message}`.");
    }

    private static IEnumerable<string> Invented(IEnumerable<Type> types, string page)
    {
        var consumers = Consumers(types).ToHashSet();
        return Listed(page)
            .Where(listed => !consumers.Contains(listed))
            .Select(listed => $"docs/messages.md: {listed.Service} does not consume `{listed.Message}`.");
    }

    private static IEnumerable<(string Message, string Service)> Consumers(IEnumerable<Type> types) =>
        from type in types
        where type is { IsClass: true, IsAbstract: false }
        from message in Consumed(type)
        select (Messages.NameOf(message),
            KebabCaseEndpointNameFormatter.Instance.SanitizeName(type.Namespace!.Split('.')[1]));

    // The third cell of a row names the consumers by their folder in services/.
    private static IEnumerable<(string Message, string Service)> Listed(string page) =>
        from line in MarkdownTable.Section(page, "Messages")
        let cells = line.Split('|')
        where cells.Length > 3
        from service in cells[3].Split([' ', ',']).Intersect(ServiceDefinition.All.Select(known => known.Name))
        select (cells[1].Trim().Trim('`'), service);
}
