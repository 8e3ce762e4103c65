using System.Text;
using CsCheck;
using Ecom.Algorithms.Segmentation;

namespace Ecom.UnitTests.Algorithms.Segmentation;

public sealed class SegmentModelTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Recency_frequency_and_money_come_from_the_orders_before_the_instant()
    {
        RfmOrder[] orders =
        [
            new(7, Now.AddDays(-40), 10),
            new(7, Now.AddDays(-3).AddHours(-5), 15.5),
            new(7, Now, 99),
            new(2, Now.AddDays(-1), 1),
        ];

        Assert.Equal([new RfmValues(2, 1, 1, 1), new RfmValues(7, 3, 2, 25.5)], Rfm.Compute(orders, Now));
        Assert.Empty(Rfm.Compute([], Now));
    }

    [Fact]
    public void Scaled_values_have_mean_zero_and_deviation_one()
    {
        RfmValues[] rows = [new(0, 0, 1, 10), new(1, 9, 3, 100), new(2, 99, 7, 1_000)];

        var points = RfmScaling.Fit(rows).Transform(rows);

        Assert.Equal(-1.224744871, points[0], 6); // log10 of 1, 10, 100: evenly spaced
        for (var axis = 0; axis < 3; axis++)
        {
            double[] column = [points[axis], points[3 + axis], points[6 + axis]];
            Assert.Equal(0, column.Sum(), 9);
            Assert.Equal(3, column.Sum(value => value * value), 9);
        }
    }

    [Fact]
    public void Refunds_that_outweigh_orders_and_equal_customers_give_finite_values()
    {
        RfmValues[] rows = [new(0, 5, 1, -20), new(1, 5, 1, 0)];

        Assert.All(RfmScaling.Fit(rows).Transform(rows), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Planted_kinds_of_customers_become_segments_with_fitting_names()
    {
        var model = SegmentModel.Train(Planted(), new SegmentModelOptions());

        Assert.Equal(3, model.Segments.Count);
        Assert.Equal("Champions", model.Assign(new RfmValues(0, 3, 40, 4_000)).Name);
        Assert.Equal("New", model.Assign(new RfmValues(0, 3, 1, 30)).Name);
        Assert.Equal("Hibernating", model.Assign(new RfmValues(0, 300, 1, 30)).Name);
        Assert.All(model.Segments, segment => Assert.Equal(100, segment.Customers));
        Assert.Equal([3, 4, 5, 6, 7, 8], model.Choices.Select(choice => choice.Segments));
        Assert.Equal(3, model.Choices.MaxBy(choice => choice.Silhouette)!.Segments);
    }

    [Fact]
    public void The_same_rows_give_the_same_model_and_it_reads_back()
    {
        var model = SegmentModel.Train(Planted(), new SegmentModelOptions());

        Assert.Equal(Json(model), Json(SegmentModel.Train(Planted(), new SegmentModelOptions())));
        var back = SegmentModel.Read(new MemoryStream(Encoding.UTF8.GetBytes(Json(model))));
        Assert.Equal(Json(model), Json(back));
        Assert.All(Planted(), row => Assert.Equal(model.Assign(row).Name, back.Assign(row).Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Scaling":{"Means":[1],"Deviations":[1,1,1]},"Segments":[],"Choices":[]}""")]
    public void What_is_no_model_is_refused(string json) => Assert.Throws<InvalidDataException>(
        () => SegmentModel.Read(new MemoryStream(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void Few_customers_or_none_are_survived()
    {
        var one = SegmentModel.Train([new RfmValues(0, 1, 1, 1)], new SegmentModelOptions());
        var none = SegmentModel.Train([], new SegmentModelOptions());

        Assert.Single(one.Segments);
        Assert.Equal(one.Segments[0], one.Assign(new RfmValues(0, 9, 9, 9)));
        Assert.Empty(none.Segments);
        Assert.Throws<InvalidOperationException>(() => none.Assign(new RfmValues(0, 1, 1, 1)));
    }

    [Fact]
    public void Names_are_never_given_twice() =>
        Gen.Double[-3, 3].Array[3].List[0, 10].Sample(centres =>
        {
            var names = SegmentNames.For(centres);
            Assert.Equal(centres.Count, names.Distinct().Count());
        });

    private static RfmValues[] Planted()
    {
        var random = new Random(6);
        return
        [
            .. Enumerable.Range(0, 300).Select(n => (n % 3) switch
            {
                0 => new RfmValues(n, random.Next(1, 6), random.Next(30, 50), random.Next(3_000, 5_000)),
                1 => new RfmValues(n, random.Next(1, 6), 1, random.Next(20, 40)),
                _ => new RfmValues(n, random.Next(250, 350), 1, random.Next(20, 40)),
            }),
        ];
    }

    private static string Json(SegmentModel model)
    {
        using var stream = new MemoryStream();
        model.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
