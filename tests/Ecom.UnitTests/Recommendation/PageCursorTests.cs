using System.Text;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Settings;
using Ecom.Recommendation.Endpoints;
using System.Collections.Frozen;

namespace Ecom.UnitTests.Recommendation;

public sealed class PageCursorTests
{
    private static readonly Product[] _products =
        [.. Enumerable.Range(0, 600).Select(number => new Product($"product {number}", number))];

    [Fact]
    public void A_cursor_knows_what_every_page_before_showed_and_nothing_else()
    {
        var cursor = After(After(null, _products[..10]), _products[10..20]);

        Assert.All(_products[..20], product => Assert.True(cursor!.Has(product)));
        Assert.All(_products[20..], product => Assert.False(cursor!.Has(product)));
    }

    [Fact]
    public void Pages_end_after_500_products_or_with_an_empty_page()
    {
        var cursor = After(null, _products[..490]);

        Assert.NotNull(After(cursor, _products[490..500]));
        Assert.Null(After(cursor, _products[490..501]));
        Assert.Null(After(cursor, []));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("abc")]
    [InlineData("AAAAAAA")]
    [InlineData("AAAA AAA")]
    public void What_no_answer_gave_is_refused_with_a_reason(string cursor)
    {
        var placement = new PlacementSettings { Sources = ["popular"] }.ToPlacement("home", 1);
        var settings = SettingsSnapshot.Empty with
        {
            Placements = new Dictionary<string, Placement> { ["home"] = placement }.ToFrozenDictionary(),
        };

        var request = new RecommendationQuery { Cursor = cursor }.Check(settings, 50, out var errors);

        Assert.Null(request);
        Assert.Equal(["Not the next of an answer."], errors!["cursor"]);
    }

    [Fact]
    public void A_cursor_longer_than_any_answer_gives_is_refused()
    {
        Assert.NotNull(PageCursor.Parse(System.Buffers.Text.Base64Url.EncodeToString(new byte[2_000])));
        Assert.Null(PageCursor.Parse(System.Buffers.Text.Base64Url.EncodeToString(new byte[2_004])));
    }

    private static PageCursor? After(PageCursor? before, Product[] page)
    {
        var text = new byte[PageCursor.LengthOf(before, page.Length)];
        var length = PageCursor.Write(before, page, text);
        return length == 0 ? null : PageCursor.Parse(Encoding.UTF8.GetString(text, 0, length));
    }
}
