using System.Xml.Linq;
using Ecom.Cli.Testing;

namespace Ecom.UnitTests.Cli;

public sealed class TrxResultsTests
{
    [Fact]
    public void A_test_that_did_not_run_counts_as_failed()
    {
        var counts = TrxResults.Read(Trx(total: 7, passed: 4));

        Assert.Equal(new TestCounts(4, 3), counts);
    }

    [Fact]
    public void The_closing_line_sums_all_projects() =>
        Assert.Equal("7 passed, 1 failed", (new TestCounts(4, 0) + new TestCounts(3, 1)).ToString());

    [Fact]
    public void A_run_that_broke_off_has_a_failure_though_no_test_reports_one() =>
        Assert.Equal(new TestCounts(0, 1), TrxResults.Read("no such file", exitCode: 1));

    private static XDocument Trx(int total, int passed) => XDocument.Parse($"""
        <?xml version="1.0" encoding="utf-8"?>
        <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
          <ResultSummary outcome="Completed">
            <Counters total="{total}" executed="{total}" passed="{passed}" failed="0" error="0" notExecuted="0" />
          </ResultSummary>
        </TestRun>
        """);
}
