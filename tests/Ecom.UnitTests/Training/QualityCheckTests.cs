using Ecom.Training;
using Ecom.Training.Registry;

namespace Ecom.UnitTests.Training;

public sealed class QualityCheckTests
{
    private static readonly Dictionary<string, double> _none = [];

    [Fact]
    public void A_metric_without_floor_and_past_is_not_judged() =>
        Assert.Empty(QualityCheck.Find(Measured("clickThroughRate", 0), _none, new TrainingOptions()));

    [Theory]
    [InlineData(0.081, false)]
    [InlineData(0.079, true)]
    public void A_metric_is_compared_with_its_past_less_the_tolerance(double value, bool isDegraded)
    {
        var found = QualityCheck.Find(
            Measured("clickThroughRate", value), Measured("clickThroughRate", 0.1), new TrainingOptions());
        Assert.Equal(isDegraded, found.Any(one => Math.Abs(one.Expected - 0.08) < 1e-12));
    }

    [Theory]
    [InlineData(0.119, false)]
    [InlineData(0.121, true)]
    public void An_error_is_worse_when_it_is_higher(double value, bool isDegraded)
    {
        var found = QualityCheck.Find(Measured("rmse", value), Measured("rmse", 0.1), new TrainingOptions());
        Assert.Equal(isDegraded, found.Any());
    }

    [Fact]
    public void A_floor_goes_before_the_past()
    {
        var options = new TrainingOptions { QualityFloors = Measured("clickThroughRate", 0.05) };
        var past = Measured("clickThroughRate", 0.2);
        Assert.Empty(QualityCheck.Find(Measured("clickThroughRate", 0.06), past, options));
        Assert.Single(QualityCheck.Find(Measured("clickThroughRate", 0.04), past, options));
    }

    private static Dictionary<string, double> Measured(string metric, double value) => new() { [metric] = value };
}
