using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli;

public sealed class PortBookTests
{
    [Fact]
    public void A_name_keeps_its_port_while_it_is_free()
    {
        var assigned = new Dictionary<string, int> { ["redis"] = 21_234 };

        Assert.Equal(21_234, new PortBook(assigned, "here", _ => true).For("redis"));
    }

    [Fact]
    public void A_name_gets_another_port_when_its_own_is_taken()
    {
        var assigned = new Dictionary<string, int> { ["redis"] = 21_234 };

        var moved = new PortBook(assigned, "here", port => port != 21_234).For("redis");

        Assert.NotEqual(21_234, moved);
        Assert.Equal(moved, assigned["redis"]);
    }

    [Fact]
    public void Two_names_never_share_a_port()
    {
        var ports = new PortBook(new Dictionary<string, int>(), "here", _ => true);

        Assert.NotEqual(ports.For("postgres"), ports.For("redis"));
    }

    [Fact]
    public void The_search_goes_on_at_the_beginning_of_the_range()
    {
        var ports = new PortBook(new Dictionary<string, int>(), "here", port => port == 20_000);

        Assert.Equal(20_000, ports.For("postgres"));
    }

    [Fact]
    public void Without_a_free_port_the_message_names_the_range()
    {
        var ports = new PortBook(new Dictionary<string, int>(), "here", _ => false);

        var failure = Assert.Throws<SetupException>(() => ports.For("postgres"));

        Assert.Contains("20000", failure.Message, StringComparison.Ordinal);
    }
}
