namespace Ecom.UnitTests.Features;

public sealed class StateCodecTests
{
    [Fact]
    public void The_stored_fields_are_these_and_no_others()
    {
        var state = Given.StateOf(Given.EverySort(), Given.Order(Given.Noon, 700, "d:1", 0x0a0b0c0d));

        const string Head = "0a0b0c0d0000000000000000000000000000";
        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["~newest"] = "1741608000000",
                ["basket:n:d20157"] = "1",
                ["basket:n:h483780"] = "1",
                ["basket:n:m29026800"] = "1",
                ["basket:s:d20157"] = "700",
                ["basket:s:h483780"] = "700",
                ["basket:s:m29026800"] = "700",
                ["devices:m:d:1"] = "1741608000000",
                ["last_amount:z"] = Last("700"),
                ["last_device:z"] = Last("d:1"),
                ["least:x:d20157"] = Least,
                ["least:x:h483780"] = Least,
                ["least:x:m29026800"] = Least,
                ["most:x:d20157"] = Most,
                ["most:x:h483780"] = Most,
                ["most:x:m29026800"] = Most,
                ["orders:n:d20157"] = "1",
                ["orders:n:h483780"] = "1",
                ["orders:n:m29026800"] = "1",
                ["since_first:x:d20157"] = First,
                ["since_first:x:h483780"] = First,
                ["since_first:x:m29026800"] = First,
                ["since_last:t"] = "1741608000000",
                ["spend:s:d20157"] = "700",
                ["spend:s:h483780"] = "700",
                ["spend:s:m29026800"] = "700",
            },
            new SortedDictionary<string, string>(state.Fields().ToDictionary(), StringComparer.Ordinal));

        static string Last(string text) => "001741608000000" + Head + text;
    }

    // The greatest number stays: complements (~n) turn the least and the first into it.
    private const string Least = "-701";
    private const string Most = "700";
    private const string First = "-1741608000001";
}
