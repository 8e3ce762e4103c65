using Ecom.Console.Otlp;

namespace Ecom.UnitTests.Console;

public sealed class MaskingTests
{
    [Theory]
    [InlineData("mail to ann.o+x@shop.example.org now", "mail to (masked) now")]
    [InlineData("select @Customer, a@b", "select @Customer, a@b")]
    [InlineData("two: a@b.de, c@d.co.uk", "two: (masked), (masked)")]
    public void Addresses_are_masked_and_the_rest_stays(string text, string expected) =>
        Assert.Equal(expected, Masking.Mask(text));

    [Fact]
    public void A_long_text_that_looks_like_an_address_for_ever_is_read_in_linear_time()
    {
        var text = string.Concat(Enumerable.Repeat("a.", 1_000_000)) + "@";

        Assert.Equal(text, Masking.Mask(text));
    }
}
