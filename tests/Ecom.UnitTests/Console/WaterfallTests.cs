using CsCheck;
using Ecom.Console.Traces;

namespace Ecom.UnitTests.Console;

public sealed class WaterfallTests
{
    private static readonly DateTimeOffset _start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Children_follow_their_parent_in_the_order_of_their_starts()
    {
        var layout = Waterfall.Of(
        [
            Span("c", parent: "a", startMs: 50, lengthMs: 10),
            Span("d", parent: "b", startMs: 20, lengthMs: 5),
            Span("b", parent: "a", startMs: 10, lengthMs: 20),
            Span("a", parent: null, startMs: 0, lengthMs: 100),
        ]);

        Assert.Equal(["a", "b", "d", "c"], layout.Rows.Select(row => row.Span.SpanId));
        Assert.Equal([0, 1, 2, 1], layout.Rows.Select(row => row.Depth));
        Assert.Equal([0, 0.1, 0.2, 0.5], layout.Rows.Select(row => row.Offset));
        Assert.Equal([1, 0.2, 0.05, 0.1], layout.Rows.Select(row => row.Width));
        Assert.Equal(100_000, layout.DurationUs);
    }

    [Fact]
    public void A_consumer_that_works_after_its_parent_ended_lengthens_the_axis()
    {
        var layout = Waterfall.Of(
        [
            Span("request", parent: null, startMs: 0, lengthMs: 10),
            Span("consumer", parent: "request", startMs: 90, lengthMs: 10),
        ]);

        Assert.Equal(100_000, layout.DurationUs);
        Assert.Equal(0.9, layout.Rows[1].Offset, 6);
    }

    [Fact]
    public void A_span_without_its_parent_stands_at_the_left_and_is_marked()
    {
        var layout = Waterfall.Of([Span("b", parent: "never received", startMs: 0, lengthMs: 1)]);

        var row = Assert.Single(layout.Rows);
        Assert.True(row.IsOrphan);
        Assert.Equal(0, row.Depth);
    }

    [Fact]
    public void Spans_in_a_circle_are_shown_once()
    {
        var layout = Waterfall.Of(
        [
            Span("a", parent: "b", startMs: 0, lengthMs: 1),
            Span("b", parent: "a", startMs: 1, lengthMs: 1),
            Span("self", parent: "self", startMs: 2, lengthMs: 1),
        ]);

        Assert.Equal(["a", "b", "self"], layout.Rows.Select(row => row.Span.SpanId).Order());
    }

    [Fact]
    public void An_empty_trace_and_one_without_duration_have_an_axis()
    {
        Assert.Empty(Waterfall.Of([]).Rows);
        Assert.Equal(1, Waterfall.Of([Span("a", parent: null, startMs: 0, lengthMs: 0)]).DurationUs);
    }

    [Fact]
    public void Every_span_has_one_row_inside_the_axis_below_its_parent() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 1_000], Gen.Int[0, 500]).Array[1, 30].Sample(drawn =>
        {
            var spans = drawn
                .Select((span, index) => Span($"{index}", parent: $"{span.Item1}", span.Item2, span.Item3))
                .ToArray();

            var rows = Waterfall.Of(spans).Rows;

            Assert.Equal(
                spans.Select(span => span.SpanId).Order(), rows.Select(row => row.Span.SpanId).Order());
            Assert.All(rows, row => Assert.InRange(row.Offset + row.Width, 0, 1 + 1e-9));
            foreach (var (index, row) in rows.Index().Where(row => row.Item.Depth > 0))
            {
                var parent = rows.Take(index).Last(above => above.Depth == row.Depth - 1);
                Assert.Equal(row.Span.ParentId, parent.Span.SpanId);
            }
        });

    private static SpanRecord Span(string id, string? parent, int startMs, int lengthMs) => new()
    {
        TraceId = new string('a', 32),
        SpanId = id,
        ParentId = parent,
        Service = "ecom-test",
        Scope = "test",
        Name = id,
        Kind = SpanKind.Internal,
        StartedAt = _start.AddMilliseconds(startMs),
        DurationUs = lengthMs * 1_000,
        Status = SpanStatus.Unset,
        Attributes = "{}",
    };
}
