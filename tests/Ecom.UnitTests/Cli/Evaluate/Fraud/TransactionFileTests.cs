using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli.Evaluate.Fraud;

public sealed class TransactionFileTests
{
    private const string Header = "TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD\n";

    [Fact]
    public void Columns_are_found_by_name_and_payments_ordered_by_time()
    {
        var file = GivenPayments.Read(
            "TX_FRAUD,X,TX_AMOUNT,TX_DATETIME,TERMINAL_ID,CUSTOMER_ID\n"
            + "1,a,57.16,2018-04-02 00:00:31,t9,c1\n0,b,3,2018-04-01 23:59:59,t8,c1\n");

        Assert.Equal([300, 5716], file.Amounts);
        Assert.Equal([false, true], file.Frauds);
        Assert.Equal(["t8", "t9"], file.Terminals.Select(terminal => file.TerminalIds[terminal]));
        Assert.Equal(new DateTimeOffset(2018, 4, 2, 0, 0, 31, TimeSpan.Zero).ToUnixTimeMilliseconds(), file.AtMs[1]);
        Assert.Equal(1, file.FirstOf(file.DayOf(1)));
    }

    [Theory]
    [InlineData("TX_DATETIME,CUSTOMER_ID\n", "line 1")]
    [InlineData(Header, "no transactions")]
    [InlineData(Header + "2018-04-01,c,t,1,0\n2018-04-01,c,t,-1,0\n", "line 3: an amount")]
    [InlineData(Header + "yesterday,c,t,1,0\n", "line 2: a time")]
    [InlineData(Header + "2018-04-01,c,t,1,2\n", "line 2: fraud is 0 or 1")]
    [InlineData(Header + "2018-04-01,,t,1,0\n", "line 2: an id")]
    [InlineData(Header + "2018-04-01,c,t\n", "line 2: 5 fields")]
    public void Wrong_input_is_named_by_file_and_line(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<SetupException>(() => GivenPayments.Read(text)).Message);
}
