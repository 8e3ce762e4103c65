namespace Ecom.Console.Traces;

/// <summary>Where the bars of a trace stand: a tree by parent, in the order of starts, on one time axis.</summary>
internal sealed record Waterfall
{
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Length of the axis in microseconds, at least 1.</summary>
    public required long DurationUs { get; init; }

    /// <summary>Parents before their children.</summary>
    public required IReadOnlyList<WaterfallRow> Rows { get; init; }

    /// <summary>Lays out the spans of one trace, in any order.</summary>
    /// <remarks>
    /// A span whose parent was not received stands at the left as an orphan; spans that are each other's ancestors
    /// (which no correct tracer sends) are shown once, as orphans too. O(n log n).
    /// </remarks>
    public static Waterfall Of(IReadOnlyList<SpanRecord> spans)
    {
        if (spans.Count == 0)
        {
            return new Waterfall { StartedAt = DateTimeOffset.UnixEpoch, DurationUs = 1, Rows = [] };
        }

        var ordered = spans
            .OrderBy(span => span.StartedAt)
            .ThenBy(span => span.SpanId, StringComparer.Ordinal)
            .ToArray();
        var start = ordered[0].StartedAt;
        var end = ordered.Max(End);
        var axis = Math.Max(1, (long)(end - start).TotalMicroseconds);
        return new Waterfall { StartedAt = start, DurationUs = axis, Rows = LayOut(ordered, start, axis) };
    }

    /// <summary>Places a span of another trace on this axis; it may lie outside [0, 1].</summary>
    public double OffsetOf(SpanRecord span) => (span.StartedAt - StartedAt).TotalMicroseconds / DurationUs;

    private static List<WaterfallRow> LayOut(SpanRecord[] ordered, DateTimeOffset start, long axis)
    {
        var known = ordered.Select(span => span.SpanId).ToHashSet(StringComparer.Ordinal);
        var children = ordered
            .Where(span => span.ParentId is not null && known.Contains(span.ParentId))
            .ToLookup(span => span.ParentId!, StringComparer.Ordinal);
        var placed = new HashSet<string>(StringComparer.Ordinal);
        var rows = new List<WaterfallRow>(ordered.Length);
        var tops = ordered.Where(span => span.ParentId is null || !known.Contains(span.ParentId));

        // What is left after the tops are placed hangs in a circle.
        foreach (var top in tops.Concat(ordered))
        {
            Place(top);
        }

        return rows;

        void Place(SpanRecord top)
        {
            var open = new Stack<(SpanRecord Span, int Depth)>();
            open.Push((top, 0));
            while (open.TryPop(out var next))
            {
                if (!placed.Add(next.Span.SpanId))
                {
                    continue;
                }

                rows.Add(new WaterfallRow
                {
                    Span = next.Span,
                    Depth = next.Depth,
                    IsOrphan = next.Depth == 0 && next.Span.ParentId is not null,
                    Offset = (next.Span.StartedAt - start).TotalMicroseconds / axis,
                    Width = (double)next.Span.DurationUs / axis,
                });
                foreach (var child in children[next.Span.SpanId].Reverse())
                {
                    open.Push((child, next.Depth + 1));
                }
            }
        }
    }

    private static DateTimeOffset End(SpanRecord span) => span.StartedAt.AddMicroseconds(span.DurationUs);
}

/// <summary>One bar.</summary>
internal sealed record WaterfallRow
{
    public required SpanRecord Span { get; init; }

    /// <summary>0 for a root.</summary>
    public required int Depth { get; init; }

    /// <summary>True when the span names a parent that is not here.</summary>
    public required bool IsOrphan { get; init; }

    /// <summary>Start as a share of the axis, 0 to 1.</summary>
    public required double Offset { get; init; }

    /// <summary>Length as a share of the axis, 0 to 1.</summary>
    public required double Width { get; init; }
}
