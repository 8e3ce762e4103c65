using System.Diagnostics.Metrics;
using Ecom.Recommendation.Placements;

namespace Ecom.UnitTests.Recommendation;

public sealed class ItemCountsTests
{
    [Fact]
    public void Answers_are_counted_by_placement_and_list()
    {
        using var meter = new Meter(nameof(ItemCountsTests));
        var counts = new ItemCounts(meter);
        var placement = new PlacementSettings { Sources = ["personal"] };
        Candidate[] candidates =
        [
            new() { Source = ListSource.Popular },
            new() { Source = ListSource.Personal },
            new() { Source = ListSource.Popular },
        ];

        counts.Add(placement.ToPlacement("home", 1), candidates, [0, 1, 2]);
        counts.Add(placement.ToPlacement("home", 2), candidates, [1]);
        counts.Add(placement.ToPlacement("cart", 1), candidates, [0]);

        Assert.Equal(
            ["cart popular 1", "home personal 2", "home popular 2"], Read(meter).Order(StringComparer.Ordinal));
    }

    private static List<string> Read(Meter meter)
    {
        var read = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            read.Add($"{tags[0].Value} {tags[1].Value} {count}"));
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }
}
