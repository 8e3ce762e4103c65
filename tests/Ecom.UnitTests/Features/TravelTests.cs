using Ecom.Features;
using Ecom.Features.Payments;

namespace Ecom.UnitTests.Features;

public sealed class TravelTests
{
    private static readonly CountryTable _countries =
        CountryTable.Read(["# where", "GB,54,-2.5", "AU,-25,135", "FR,46.5,2.5", "QA,0,0", "QB,0,90", ""]);

    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Distances_are_great_circles()
    {
        Assert.Equal(6_371 * Math.PI / 2, _countries.DistanceKm("QA", "QB"), 6);
        Assert.Equal(0, _countries.DistanceKm("GB", "GB"));
        Assert.InRange(_countries.DistanceKm("GB", "AU"), 14_500, 15_500);
        Assert.Equal(double.NaN, _countries.DistanceKm("GB", "XX"));
    }

    [Theory]
    [InlineData("GB,54", "Line 1")]
    [InlineData("GB,91,0", "Line 1")]
    [InlineData("gb,1,0", "Line 1")]
    [InlineData("GB,NaN,0", "Line 1")]
    public void A_wrong_line_is_named(string line, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => CountryTable.Read([line])).Message);

    [Fact]
    public void A_country_that_is_there_twice_is_refused() =>
        Assert.Contains("twice", Assert.Throws<FormatException>(() => CountryTable.Read(["GB,1,1", "GB,2,2"])).Message);

    [Fact]
    public void Nobody_pays_in_Australia_two_hours_after_Britain()
    {
        var (km, kmh) = TravelOf("AU", _countries, (-2, "GB"), (-20, "FR"));

        Assert.Equal(_countries.DistanceKm("GB", "AU"), km);
        Assert.Equal(km / 2, kmh, 6);
    }

    [Fact]
    public void What_is_longer_ago_than_a_day_or_not_before_the_payment_is_no_travel()
    {
        Assert.Equal((double.NaN, double.NaN), TravelOf("AU", _countries, (-25, "GB"), (0, "FR"), (1, "GB")));
        Assert.Equal((0.0, 0.0), TravelOf("GB", _countries, (-1, "GB")));
    }

    [Fact]
    public void Without_a_table_or_a_country_nothing_is_said()
    {
        Assert.Equal((double.NaN, double.NaN), TravelOf("AU", null, (-2, "GB")));
        Assert.Equal((double.NaN, double.NaN), TravelOf(null, _countries, (-2, "GB")));
        Assert.Equal((double.NaN, double.NaN), TravelOf("XX", _countries, (-2, "GB")));
    }

    private static (double Km, double KmPerHour) TravelOf(
        string? country, CountryTable? table, params (double Hours, string Country)[] before)
    {
        var memory = new FeatureMemory(FraudFeatures.Set);
        foreach (var (hours, seen) in before)
        {
            memory.Add(Payment(hours, seen));
        }

        var payment = Payment(0, country);
        var vector = new double[PaymentRisk.Names.Count];
        PaymentRisk.Fill(
            payment, [memory.Find(new EntityKey(EntityKind.Customer, "ann"))!], vector, table);
        return (Value("customer_travel_km_1d"), Value("customer_travel_kmh_1d"));

        double Value(string name) => vector[PaymentRisk.Names.Index().Single(pair => pair.Item == name).Index];
    }

    private static ShopEvent Payment(double hours, string? country) => new()
    {
        Kind = ShopEventKind.PaymentAttempted,
        Id = Guid.NewGuid(),
        AtMs = _now.AddHours(hours).ToUnixTimeMilliseconds(),
        Customer = "ann",
        IpCountry = country,
        Amount = 100,
    };
}
