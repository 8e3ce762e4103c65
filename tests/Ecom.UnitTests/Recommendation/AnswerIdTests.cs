using Ecom.Recommendation.Outcomes;

namespace Ecom.UnitTests.Recommendation;

public sealed class AnswerIdTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 34, 56, 789, TimeSpan.Zero);

    [Theory]
    [InlineData("home", 3, 0, 0, 0L)]
    [InlineData("a-name-of-24-characters-x", int.MaxValue, 255, 3, -1L)]
    [InlineData("also-bought", 0, 1, 0, long.MinValue)]
    public void An_id_tells_what_the_answer_was(string placement, int model, int experiment, int arm, long unit)
    {
        var id = new AnswerId
        {
            Placement = placement,
            ModelVersion = model,
            Experiment = experiment,
            Arm = arm,
            Unit = unit,
            ServedAt = _now,
        };

        var text = id.Write();

        Assert.Equal(id, AnswerId.TryRead(text));
        Assert.InRange(text.Length, 1, 100);
        Assert.NotEqual(text, id.Write());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("r-42")]
    [InlineData("019aa5b1c2d37abc8def0123456789ab")]
    [InlineData("019aa5b1c2d34abc8def0123456789ab.home.3")]
    [InlineData("019aa5b1c2d37abc8def0123456789ab..3")]
    [InlineData("019aa5b1c2d37abc8def0123456789ab.home.x")]
    [InlineData("019aa5b1c2d37abc8def0123456789ab.home.-1")]
    [InlineData("019aa5b1c2d37abc8def0123456789ab.home.ffffffff")]
    [InlineData("019aa5b1c2d37abc8def0123456789ab.home.3.1")]
    [InlineData("019aa5b1c2d37abc8def0123456789ab.home.3.1.0.g")]
    public void Text_of_others_is_no_id(string? text) => Assert.Null(AnswerId.TryRead(text));

    [Fact]
    public void A_time_that_no_date_holds_is_no_fault() =>
        Assert.NotNull(AnswerId.TryRead("ffffffffffff7abc8def0123456789ab.home.3"));
}
