using Ecom.Algorithms.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Storage;
using Ecom.IntegrationTests.Fraud;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.Training;

/// <summary>The fraud model from the payments of a fraud service that runs.</summary>
public sealed class FraudRunTests(FraudFixture fraud, Backends backends)
    : IClassFixture<FraudFixture>, IClassFixture<Backends>
{
    private const int Days = 75;
    private const int ADay = 10;
    private const int MaturityDays = 10;

    private static readonly object _options = new
    {
        trees = 40,
        labelMaturityDays = MaturityDays,
        minimumFrauds = 8,
    };

    private static readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow().AddDays(-Days);

    private DecisionStore Decisions => fraud.First.Services.GetRequiredService<DecisionStore>();

    [Fact]
    public async Task Payments_become_a_champion_that_tells_frauds_and_is_trained_again_as_more_come()
    {
        await DecideAsync(Enumerable.Range(0, Days * ADay));
        await using var training = await StartAsync(
            ("Training:RetrainAtNewRows:fraud", "1"),
            ("Training:RetrainCheck", "00:00:00.3"),
            ("Training:RetrainPause", "00:00:00"));

        var version = await training.TrainAsync("fraud-trees", _options);

        Assert.True(version.GetProperty("passedGate").GetBoolean(), version.GetProperty("verdict").GetString());
        Assert.Equal(1, await training.ChampionAsync("fraud"));
        Assert.Equal(Days * ADay, version.GetProperty("dataSet").GetProperty("rows").GetInt64());
        Assert.True(version.GetProperty("metrics").GetProperty("ap").GetDouble() > 0.8);
        foreach (var baseline in new[] { "rules", "fraud-logistic" })
        {
            var ap = version.GetProperty("baselines").GetProperty(baseline).GetProperty("ap").GetDouble();
            Assert.InRange(ap, 0, 0.7);
        }

        await using var artefact = File.OpenRead(training.ArtefactFile("fraud", 1));
        var model = FraudModel.Read(artefact);
        Assert.Equal(PaymentVector.Names, model.Names);
        Assert.True(await ScoreAsync(model, IndexOf(isFraud: true)) > 0.5);
        Assert.True(await ScoreAsync(model, IndexOf(isFraud: false)) < 0.1);

        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Equal(1, (await training.GetAsync("/v1/runs")).GetProperty("runs").GetArrayLength());
        await DecideAsync([Days * ADay]);
        var again = await Eventually.ReadAsync(
            async () => (await training.GetAsync("/v1/runs")).GetProperty("runs").EnumerateArray().First(),
            run => run.GetProperty("reason").GetString() == "volume",
            seconds: 30);
        Assert.Equal("fraud-trees", again.GetProperty("trainer").GetString());
    }

    [Fact]
    public async Task A_shop_with_too_few_frauds_and_a_fraud_service_that_is_away_are_said()
    {
        await DecideAsync(Enumerable.Range(0, 2 * ADay));
        await using var training = await StartAsync();
        var few = await training.WaitForAsync(await training.StartRunAsync("fraud-trees"), "failed");
        Assert.Contains("frauds are known among the", few.GetProperty("error").GetString());
        Assert.Contains("at least 20 are needed", few.GetProperty("error").GetString());

        await using var alone = await StartAsync(("Services:Fraud", "http://127.0.0.1:9"));
        var away = await alone.WaitForAsync(await alone.StartRunAsync("fraud-trees"), "failed");
        Assert.Contains("The fraud service cannot be reached", away.GetProperty("error").GetString());

        // The storefront's scope, by which training reads everything else of others.
        await using var reader = await StartAsync(("Keys:Own", ServiceHost.KeyOf(Scopes.Read)));
        var refused = await reader.WaitForAsync(await reader.StartRunAsync("fraud-trees"), "failed");
        Assert.Contains("refused this service's key", refused.GetProperty("error").GetString());
    }

    private Task<TrainingFixture> StartAsync(params (string Key, string? Value)[] options) =>
        TrainingFixture.StartAsync(
            backends,
            [
                ("Services:Fraud", fraud.First.Address.ToString()),
                ("Keys:Own", ServiceHost.KeyOf(Scopes.Ops)),
                .. options,
            ]);

    // Amounts between 100 and 130 are fraud: neither the rules nor a line can tell. The dispute takes three days.
    private async Task DecideAsync(IEnumerable<int> payments)
    {
        var labels = fraud.First.Services.GetRequiredService<LabelStore>();
        foreach (var at in payments)
        {
            var payment = Payment(at);
            await Decisions.DecideAsync(payment, Arrival.Request, CancellationToken.None);
            if (IsFraud(at) && payment.AttemptedAt.AddDays(3) < TimeProvider.System.GetUtcNow())
            {
                await labels.RecordAsync(
                    new NewLabel(
                        PaymentIds.Scored($"label {at}"), payment.PaymentId, true, "dispute", "fraudulent",
                        payment.AttemptedAt.AddDays(3)),
                    CancellationToken.None);
            }
        }
    }

    private async Task<double> ScoreAsync(FraudModel model, int payment)
    {
        var decision = (await Decisions.FindAsync($"run-{payment}", CancellationToken.None))!;
        return model.Score([.. model.Names.Select(name => (float)(decision.Vector[name] ?? double.NaN))]);
    }

    private static PaymentAttempted Payment(int at)
    {
        var (amount, who) = (AmountOf(at), at * 31 % 67);
        return FraudFixture.Payment($"run-{at}", $"run-c{who}", $"run-d{who}", _start.AddDays(at / (double)ADay)) with
        {
            Amount = new() { Amount = amount, Currency = "GBP", BaseAmount = amount, BaseCurrency = "GBP" },
        };
    }

    private static long AmountOf(int at) => 1_000 + (at * 7_919L % 29_000);

    private static bool IsFraud(int at) => AmountOf(at) is >= 10_000 and < 13_000;

    private static int IndexOf(bool isFraud) =>
        Enumerable.Range(Days * ADay / 2, ADay * 10).First(at => IsFraud(at) == isFraud);
}
