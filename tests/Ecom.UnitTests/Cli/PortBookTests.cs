using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli;

public sealed class PortBookTests
{
    [Fact]
    public async Task A_name_keeps_its_port_while_it_is_free()
    {
        var assigned = new Dictionary<string, int> { ["redis"] = 21_234 };

        Assert.Equal(21_234, await new PortBook(assigned, "here", _ => true).ForAsync("redis", default));
    }

    [Fact]
    public async Task A_port_that_is_still_held_for_a_moment_is_waited_for()
    {
        var assigned = new Dictionary<string, int> { ["redis"] = 21_234 };
        var looks = 0;

        var port = await new PortBook(assigned, "here", _ => ++looks > 3).ForAsync("redis", default);

        Assert.Equal((21_234, 4), (port, looks));
    }

    [Fact]
    public async Task A_name_gets_another_port_when_its_own_is_taken()
    {
        var assigned = new Dictionary<string, int> { ["redis"] = 21_234 };

        var ports = new PortBook(assigned, "here", port => port != 21_234) { Patience = TimeSpan.Zero };
        var moved = await ports.ForAsync("redis", default);

        Assert.NotEqual(21_234, moved);
        Assert.Equal(moved, assigned["redis"]);
    }

    [Fact]
    public async Task Two_names_never_share_a_port()
    {
        var ports = new PortBook(new Dictionary<string, int>(), "here", _ => true);

        Assert.NotEqual(await ports.ForAsync("postgres", default), await ports.ForAsync("redis", default));
    }

    [Fact]
    public async Task The_search_goes_on_at_the_beginning_of_the_range()
    {
        var ports = new PortBook(new Dictionary<string, int>(), "here", port => port == 20_000);

        Assert.Equal(20_000, await ports.ForAsync("postgres", default));
    }

    [Fact]
    public async Task Without_a_free_port_the_message_names_the_range()
    {
        var ports = new PortBook(new Dictionary<string, int>(), "here", _ => false);

        var failure = await Assert.ThrowsAsync<SetupException>(() => ports.ForAsync("postgres", default));

        Assert.Contains("20000", failure.Message, StringComparison.Ordinal);
    }
}
