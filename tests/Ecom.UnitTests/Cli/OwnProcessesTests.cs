using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli;

public sealed class OwnProcessesTests
{
    [Fact]
    public void A_process_name_with_spaces_and_parentheses_does_not_shift_the_fields()
    {
        const string Stat = "4711 (a (bad) name) S 12 4711 4711 0 -1 4194560 1 0 0 0 5 6 0 0 20 0 1 0 98765 1 2 3";

        Assert.Equal((12, 98_765L), OwnProcesses.ParseStat(Stat));
    }
}
