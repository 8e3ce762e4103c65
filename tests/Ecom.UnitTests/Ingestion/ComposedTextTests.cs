using Ecom.Ingestion.Cleaning;

namespace Ecom.UnitTests.Ingestion;

public sealed class ComposedTextTests
{
    // Expected values made with ICU (Python's unicodedata, Unicode 14).
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u212b", "\u00c5")]
    [InlineData("a\u0323\u0302", "\u1ead")]
    [InlineData("a\u0302\u0323", "\u1ead")]
    [InlineData("\u1100\u1161\u11a8", "\uac01")]
    [InlineData("\u0958", "\u0915\u093c")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u0301e", "\u0301e")]
    [InlineData("\U0001d15e", "\U0001d157\U0001d165")]
    public void Text_takes_normal_form_C(string text, string expected)
    {
        Assert.Equal(expected, ComposedText.Compose(text));
        Assert.Equal(expected, ComposedText.Compose(expected));
    }
}
