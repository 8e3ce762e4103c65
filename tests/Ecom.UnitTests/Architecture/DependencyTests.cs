using System.Text.RegularExpressions;

namespace Ecom.UnitTests.Architecture;

/// <summary>Where stores and the bus may be seen, and that algorithms see neither.</summary>
public sealed partial class DependencyTests
{
    private static readonly string[] _storage = ["Npgsql.", "Dapper.", "StackExchange.Redis."];
    private static readonly string[] _bus = ["MassTransit.", "RabbitMQ."];

    // Input and output, hosting and the wall clock: what makes a result depend on more than its arguments.
    private static readonly string[] _impure =
    [
        .. _storage, .. _bus, "System.Net.", "Microsoft.AspNetCore.", "Microsoft.Extensions.", "System.IO.File",
        "System.IO.Directory", "System.Console", "System.TimeProvider",
    ];

    [Fact]
    public void Algorithms_and_rules_are_pure() => Guard.Holds(Impure(TypeUses.All));

    [Fact]
    public void Only_storage_sees_the_stores() => Guard.Holds(StoresSeen(TypeUses.All));

    [Fact]
    public void Only_the_edge_sees_the_bus() => Guard.Holds(BusSeen(TypeUses.All));

    [Fact]
    public void An_impure_algorithm_is_caught()
    {
        string[] members =
        [
            "void M() { System.IO.File.ReadAllText(\"x\"); }",
            "async Task M() { await Task.Yield(); new System.Net.Http.HttpClient(); }",
            "object M() => new Npgsql.NpgsqlConnection(\"x\");",
            "Microsoft.Extensions.Logging.ILogger? _log;",
            "DateTimeOffset M(TimeProvider clock) => clock.GetUtcNow();",
        ];
        Assert.All(Planted("Ecom.Algorithms", "Numerics", members), uses => Assert.NotEmpty(Impure(uses)));
    }

    [Fact]
    public void An_algorithm_may_read_and_write_a_stream() =>
        Assert.All(
            Planted("Ecom.Algorithms", "Numerics", ["void M(System.IO.Stream stream) => stream.WriteByte(1);"]),
            uses => Assert.Empty(Impure(uses)));

    [Fact]
    public void A_store_seen_outside_storage_is_caught_and_inside_it_passes()
    {
        string[] members =
        [
            "async Task M() { await Task.Yield(); await using var c = new Npgsql.NpgsqlConnection(\"x\"); }",
            "Func<object> F = () => new Npgsql.NpgsqlCommand(\"x\");",
            "Task<int> M(System.Data.IDbConnection c) => Dapper.SqlMapper.ExecuteAsync(c, \"x\");",
            "StackExchange.Redis.IDatabase? _redis;",
            "IEnumerable<StackExchange.Redis.RedisKey> M() { yield return \"x\"; }",
        ];
        Assert.All(Planted("Ecom.Fraud", "Endpoints", members), uses => Assert.NotEmpty(StoresSeen(uses)));
        Assert.All(Planted("Ecom.Fraud", "Storage", members), uses => Assert.Empty(StoresSeen(uses)));
    }

    [Fact]
    public void Who_catches_that_a_store_is_away_does_not_use_it() =>
        Assert.Empty(StoresSeen([new("Ecom.Fraud", "Ecom.Fraud.Jobs.Planted", ["Npgsql.NpgsqlException"])]));

    [Theory]
    [InlineData("Cases", true)]
    [InlineData("Storage", true)]
    [InlineData("Consumers", false)]
    [InlineData("Jobs", false)]
    [InlineData("Endpoints", false)]
    public void The_bus_seen_by_domain_or_storage_is_caught(string folder, bool caught)
    {
        TypeUses uses = new("Ecom.Fraud", $"Ecom.Fraud.{folder}.Planted", ["MassTransit.IPublishEndpoint"]);
        Assert.Equal(caught, BusSeen([uses]).Any());
    }

    private static TypeUses[][] Planted(string project, string folder, string[] members)
    {
        using var planted = new PlantedAssembly(
            project, folder, members.Select(member => $"internal sealed class Planted {{ {member} }}"));
        var uses = TypeUses.In(planted);
        return [.. members.Select((_, i) => uses.Where(type => planted.IsOf(i, type.Type)).ToArray())];
    }

    private static IEnumerable<string> Impure(IEnumerable<TypeUses> types) =>
        Seen(
            types.Where(type => type.Project is "Ecom.Algorithms" or "Ecom.Algorithms.Deep" or "Ecom.Rules"),
            _impure,
            "arrays and streams in, values out: input, output and clock belong to the caller.");

    private static IEnumerable<string> StoresSeen(IEnumerable<TypeUses> types) =>
        Seen(
            types.Where(type => !IsExempt(type) && !StorageNamespace().IsMatch(type.Type)).Select(WithoutExceptions),
            _storage,
            "move the access to a class in the namespace Storage.");

    // To catch that a store is away is not to use it.
    private static TypeUses WithoutExceptions(TypeUses type) =>
        type with { Uses = [.. type.Uses.Where(use => !use.EndsWith("Exception", StringComparison.Ordinal))] };

    private static IEnumerable<string> BusSeen(IEnumerable<TypeUses> types) =>
        Seen(
            types.Where(type => !IsExempt(type) && !EdgeNamespace().IsMatch(type.Type)),
            _bus,
            "consumers, jobs and endpoints translate; what they call does not know the bus.");

    // The defaults and each Composition register the clients; the command line looks at servers directly.
    private static bool IsExempt(TypeUses type) =>
        type.Project is "Ecom.ServiceDefaults" or "Ecom.Cli"
        || Composition().IsMatch(type.Type);

    private static IEnumerable<string> Seen(IEnumerable<TypeUses> types, string[] packages, string advice) =>
        from type in types
        from use in type.Uses
        where packages.Any(package => use.StartsWith(package, StringComparison.Ordinal))
        select $"{type.Type} uses {use}: {advice}";

    [GeneratedRegex(@"^Ecom\.\w+\.Storage\.|^Ecom\.Features\.Online\.")]
    private static partial Regex StorageNamespace();

    [GeneratedRegex(@"^Ecom\.\w+\.(Consumers|Jobs|Endpoints)\.")]
    private static partial Regex EdgeNamespace();

    [GeneratedRegex(@"^Ecom\.\w+\.Composition(\+|$)")]
    private static partial Regex Composition();
}
