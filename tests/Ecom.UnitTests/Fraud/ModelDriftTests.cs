using Ecom.Fraud.Scoring;
using Ecom.Testing;

namespace Ecom.UnitTests.Fraud;

public sealed class ModelDriftTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ModelOptions _options = new();
    private static readonly IAsyncEnumerable<IReadOnlyDictionary<string, double?>> _none =
        AsyncEnumerable.Empty<IReadOnlyDictionary<string, double?>>();

    // Half of what it learnt from was above the amount that it knows.
    private static readonly ServedModel _model = new(3, PlantedFraudModel.Make(
        5_000, above: 0.6, below: 0.01, _now.AddDays(-10)));

    [Fact]
    public async Task Payments_like_those_it_learnt_from_are_no_objection()
    {
        var drift = await ModelDrift.OfAsync(_model, Payments(2_000, i => 4_500 + (i % 1_000)), _now);

        Assert.Equal(2_000, drift.Payments);
        Assert.InRange(drift.Score, 0, 0.01);
        Assert.Null(drift.Objection(_model, _options, isSuspended: false));
    }

    [Fact]
    public async Task Other_payments_are_and_the_feature_that_changed_is_named()
    {
        var drift = await ModelDrift.OfAsync(_model, Payments(2_000, i => 6_000 + i), _now);

        Assert.Equal("amount", drift.Features[0].Name);
        Assert.True(drift.Score > 1);
        Assert.Contains(
            "amount", drift.Objection(_model, _options, isSuspended: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspended_version_comes_back_at_half_of_what_suspends_it()
    {
        // Between half the limit and the limit.
        var drift = await ModelDrift.OfAsync(_model, Payments(2_000, i => i % 10 < 7 ? 5_200 : 4_800), _now);

        Assert.InRange(drift.Score, 0.125, 0.25);
        Assert.Null(drift.Objection(_model, _options, isSuspended: false));
        Assert.NotNull(drift.Objection(_model, _options, isSuspended: true));
    }

    [Fact]
    public async Task Few_payments_prove_nothing()
    {
        var drift = await ModelDrift.OfAsync(_model, Payments(999, i => 9_000), _now);

        Assert.Null(drift.Objection(_model, _options, isSuspended: false));
        Assert.Null((await ModelDrift.OfAsync(_model, _none, _now)).Objection(_model, _options, isSuspended: false));
    }

    [Fact]
    public async Task A_model_that_learnt_long_ago_is_not_trusted()
    {
        var drift = await ModelDrift.OfAsync(_model, _none, _now.AddDays(90));

        Assert.Contains("100 days", drift.Objection(_model, _options, isSuspended: false), StringComparison.Ordinal);
    }

    private static IAsyncEnumerable<IReadOnlyDictionary<string, double?>> Payments(
        int count, Func<int, double> amount) =>
        Enumerable.Range(0, count).ToAsyncEnumerable().Select(IReadOnlyDictionary<string, double?> (i) =>
            new Dictionary<string, double?> { ["amount"] = amount(i), ["customer_payments_1d"] = i % 3 });
}
