using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Algorithms.Fraud;
using Ecom.Contracts;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Models;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>The model in the service: one test after the other, each promotes versions of its own.</summary>
public sealed class ModelTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    private const long Suspicious = 20_000;
    private const long Harmless = 5_000;

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly HttpClient _client = fixture.First.CreateClient(Scopes.Fraud);

    [Fact]
    public async Task A_promoted_version_decides_with_the_rules_on_every_replica_and_can_be_asked_again()
    {
        await ServeAsync(101, Model());
        var suspicious = await DecideAsync("decides-1", Suspicious);
        var harmless = await DecideAsync("decides-2", Harmless, fixture.Second);

        Assert.Equal((FraudDecision.Block, FraudDecision.Allow), (suspicious.Verdict, harmless.Verdict));
        Assert.Equal(101, suspicious.Opinion!.Version);
        Assert.Equal(0.99, suspicious.Score, 6);
        Assert.Equal("model:amount", suspicious.Reasons[0].Code);
        Assert.Empty(harmless.Reasons);
        var told = await fixture.HearAsync<PaymentScored>(scored => scored.PaymentId == "decides-1");
        Assert.Equal(101, told.ModelVersion);
        Assert.Equal(suspicious.Reasons, told.Reasons);
        Assert.NotNull(suspicious.AlertId);

        // As it was judged, so again; and one number of the vector changed shows.
        Assert.True(await IsSameAsync("decides-1"));
        var changed = new Dictionary<string, double?>(suspicious.Vector) { ["amount"] = 10_001 };
        await ExecuteAsync($"""
            update decisions set packed_vector = null, vector = '{JsonSerializer.Serialize(changed)}'
            where payment_id = 'decides-1'
            """);
        Assert.False(await IsSameAsync("decides-1"));
    }

    [Fact]
    public async Task A_challenger_is_asked_and_has_no_effect()
    {
        await ServeAsync(201, Model());
        await fixture.TrainAsync(202, Model(from: 4_000));
        await Eventually.BeTrueAsync(async () => await ScalarAsync(
            "select count(*) from model_roles where role = 'challenger' and version = 202") == 1);
        await Eventually.BeTrueAsync(() => Task.FromResult(
            fixture.First.Services.GetRequiredService<CurrentModels>().Now.Challenger?.Version == 202));

        var decision = await DecideAsync("challenged-1", Harmless);

        Assert.Equal((FraudDecision.Allow, 201), (decision.Verdict, decision.Opinion!.Version));
        Assert.Equal((FraudDecision.Block, 202), (decision.Challenger!.Decision, decision.Challenger.Version));
        Assert.Equal(decision.Challenger with { Anomaly = null }, (await FindAsync("challenged-1")).Challenger);
        var models = await _client.GetFromJsonAsync<JsonElement>("/v1/models");
        Assert.Equal(201, models.GetProperty("champion").GetProperty("version").GetInt32());
        Assert.Equal(201, models.GetProperty("serving").GetInt32());
        Assert.Equal(202, models.GetProperty("challenger").GetProperty("version").GetInt32());
        Assert.Equal(1, models.GetProperty("challenge").GetProperty("block").GetInt32());
        Assert.Equal(1, models.GetProperty("challenge").GetProperty("differing").GetInt32());

        // Promoted, it is challenger no more.
        await ServeAsync(202, Model(from: 4_000));
        Assert.Equal(0, await ScalarAsync("select count(*) from model_roles where role = 'challenger'"));
    }

    [Fact]
    public async Task An_older_promotion_that_comes_late_changes_nothing()
    {
        await ServeAsync(302, Model());
        await fixture.PromoteAsync(301, Model(), _now.AddDays(-1));
        await Eventually.BeTrueAsync(async () =>
            await ScalarAsync("select count(*) from models where version = 301") == 1);

        Assert.Equal(302, await ScalarAsync("select version from model_roles where role = 'champion'"));
    }

    [Fact]
    public async Task A_person_suspends_the_model_and_rules_decide_alone_and_say_so()
    {
        await ServeAsync(401, Model());
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("suspend", 401, null));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("suspend", 1, "Wrong version."));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("resume", 401, "It serves."));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("suspend", 401, "Too many false alarms."));
        await FallbackAsync("Too many false alarms.");

        var models = await _client.GetFromJsonAsync<JsonElement>("/v1/models");
        Assert.Equal(401, models.GetProperty("champion").GetProperty("version").GetInt32());
        Assert.Equal(JsonValueKind.Null, models.GetProperty("serving").ValueKind);
        var decision = await DecideAsync("suspended-1", Suspicious, fixture.Second);

        Assert.Equal((FraudDecision.Allow, null), (decision.Verdict, decision.Opinion));
        Assert.Equal("Too many false alarms.", decision.Fallback);
        var told = await fixture.HearAsync<PaymentScored>(scored => scored.PaymentId == "suspended-1");
        Assert.Equal("Too many false alarms.", told.Fallback);
        Assert.True(await IsSameAsync("suspended-1"));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("resume", 401, "Looked at it."));
        await FallbackAsync(null);
        Assert.Equal(FraudDecision.Block, (await DecideAsync("suspended-2", Suspicious)).Verdict);
    }

    [Fact]
    public async Task When_payments_are_other_ones_than_it_learnt_from_the_guard_suspends_and_asks_for_a_training()
    {
        await ServeAsync(501, Model());
        for (var i = 0; i < 60; i++)
        {
            await DecideAsync($"drift-{i}", Suspicious);
        }

        await Eventually.BeTrueAsync(() => Task.FromResult(Models(fixture.First).Fallback is not null));
        var fallback = Models(fixture.First).Fallback!;
        Assert.Contains("amount", fallback, StringComparison.Ordinal);
        Assert.Equal(fallback, (await DecideAsync("drift-rules", Suspicious)).Fallback);
        var asked = await fixture.HearAsync<TrainModel>(request => request.RequestedAt >= _now);
        Assert.Equal(("fraud-trees", "drift"), (asked.Trainer, asked.Reason));
        Assert.Equal(1, await ScalarAsync(
            $"select count(*) from model_changes where version = 501 and made_by = '{ModelStore.Guard}'"));

        // A person's word goes before the guard's, both ways.
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("suspend", 501, "Not before Monday."));
        await FallbackAsync("Not before Monday.");
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("resume", 501, "The change is meant."));
        await FallbackAsync(null);
        await Task.Delay(1_500);
        Assert.Null(Models(fixture.First).Fallback);
    }

    [Fact]
    public async Task A_version_that_the_guard_suspended_comes_back_when_payments_are_as_it_knows_them()
    {
        await ServeAsync(551, Model());
        for (var i = 0; i < 60; i++)
        {
            await DecideAsync($"drift-again-{i}", Suspicious);
        }

        await Eventually.BeTrueAsync(() => Task.FromResult(Models(fixture.First).Fallback is not null));
        for (var i = 0; i < 110; i++)
        {
            await DecideAsync($"drift-back-{i}", Harmless);
        }

        await FallbackAsync(null);
        Assert.Equal(FraudDecision.Block, (await DecideAsync("drift-trusted", Suspicious)).Verdict);
    }

    [Fact]
    public async Task A_model_whose_file_is_lost_leaves_the_one_before_in_service()
    {
        await ServeAsync(601, Model());
        await fixture.PromoteAsync(602, model: null, TimeProvider.System.GetUtcNow());
        await Eventually.BeTrueAsync(async () => await ScalarAsync(
            "select version from model_roles where role = 'champion'") == 602);
        await Task.Delay(1_500);

        Assert.Equal(601, (await DecideAsync("lost-1", Suspicious)).Opinion!.Version);

        // And one that was suspended stays so until its successor is there.
        await ServeAsync(603, Model());
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("suspend", 603, "Wrong."));
        await FallbackAsync("Wrong.");
        await fixture.PromoteAsync(604, model: null, TimeProvider.System.GetUtcNow());
        await Eventually.BeTrueAsync(async () => await ScalarAsync(
            "select version from model_roles where role = 'champion'") == 604);
        await Task.Delay(1_500);
        Assert.Equal("Wrong.", (await DecideAsync("lost-2", Suspicious)).Fallback);
        var models = await _client.GetFromJsonAsync<JsonElement>("/v1/models");
        Assert.Equal(JsonValueKind.Null, models.GetProperty("champion").GetProperty("learntTo").ValueKind);
    }

    [Fact]
    public async Task Two_versions_of_one_file_are_told_apart()
    {
        await ServeAsync(651, Model());
        await ServeAsync(652, Model());

        Assert.Equal(652, (await DecideAsync("twin-1", Suspicious)).Opinion!.Version);
    }

    [Fact]
    public async Task Scores_are_judged_by_the_labels_that_arrived_and_training_is_told()
    {
        await ServeAsync(701, Model());
        var at = _now.AddDays(-4);
        for (var i = 0; i < 10; i++)
        {
            await DecideAsync($"judged-{i}", i < 3 ? 15_000 : Harmless, at: at.AddMinutes(i));
        }

        // Two of the three were fraud, and one that was not suspected.
        var labels = fixture.First.Services.GetRequiredService<LabelStore>();
        for (var i = 0; i < 10; i++)
        {
            await labels.RecordAsync(
                new NewLabel(Guid.NewGuid(), $"judged-{i}", i is 0 or 1 or 9, "analyst", null, at.AddDays(1)),
                CancellationToken.None);
        }

        // A dispute that came late stays in force beside the silence that was noted meanwhile.
        await labels.RecordAsync(
            new NewLabel(Guid.NewGuid(), "judged-0", false, "maturity", null, at.AddDays(2)), CancellationToken.None);
        await ExecuteAsync("delete from model_outcomes");
        await fixture.First.Services.GetRequiredService<QualityStore>().MeasureAsync(_now, CancellationToken.None);
        await fixture.First.Services.GetRequiredService<QualityStore>().MeasureAsync(_now, CancellationToken.None);

        var told = await fixture.HearAsync<ModelOutcomesMeasured>(measured => measured.Version == 701);
        Assert.Equal(("fraud", 10, 3), (told.Model, told.SampleSize, told.Metrics["frauds"]));
        Assert.Equal(
            ((2 * (0.99 - 1) * (0.99 - 1)) + (0.99 * 0.99) + ((0.001 - 1) * (0.001 - 1)) + (6 * 0.001 * 0.001)) / 10,
            told.Metrics["brier"],
            6);
        var outcomes = (await _client.GetFromJsonAsync<JsonElement>("/v1/models")).GetProperty("outcomes");
        Assert.Contains(outcomes.EnumerateArray(), row => row.GetProperty("version").GetInt32() == 701);
    }

    [Fact]
    public async Task Rules_can_name_what_the_model_says()
    {
        await ServeAsync(801, Model());
        await DecideAsync("named-1", Harmless);
        var explained = await _client.PostAsJsonAsync("/v1/rules/explain", new
        {
            when = "model_score < 0.5 and model_anomaly >= 0",
            paymentId = "named-1",
        });

        Assert.True((await explained.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("holds").GetBoolean());
    }

    // Of amounts between 4,500 and 5,500 by default, all of them harmless.
    private FraudModel Model(float from = 10_000) => PlantedFraudModel.Make(from, 0.99, 0.001, _now.AddDays(-10));

    private static ModelsSnapshot Models(ServiceHost host) =>
        host.Services.GetRequiredService<CurrentModels>().Now;

    private async Task ServeAsync(int version, FraudModel model)
    {
        await fixture.PromoteAsync(version, model, TimeProvider.System.GetUtcNow());
        await Eventually.BeTrueAsync(() => Task.FromResult(
            Models(fixture.First).Champion?.Version == version && Models(fixture.Second).Champion?.Version == version
            && Models(fixture.First).Fallback is null && Models(fixture.Second).Fallback is null));
    }

    private Task FallbackAsync(string? expected) => Eventually.BeTrueAsync(() => Task.FromResult(
        Models(fixture.First).Fallback == expected && Models(fixture.Second).Fallback == expected));

    private Task<Decision> DecideAsync(
        string id, long amount, ServiceHost? host = null, DateTimeOffset? at = null) =>
        (host ?? fixture.First).Services.GetRequiredService<DecisionStore>().DecideAsync(
            FraudFixture.Payment(id, $"c-{id}", $"d-{id}", at ?? TimeProvider.System.GetUtcNow()) with
            {
                Amount = new Money
                {
                    Amount = amount,
                    Currency = "GBP",
                    BaseAmount = amount,
                    BaseCurrency = "GBP",
                },
            },
            Arrival.Request,
            CancellationToken.None);

    private async Task<Decision> FindAsync(string id) => (await fixture.Second.Services
        .GetRequiredService<DecisionStore>().FindAsync(id, CancellationToken.None))!;

    private async Task<bool?> IsSameAsync(string id)
    {
        // Just before it in the order of ids.
        var page = await fixture.Second.Services.GetRequiredService<DecisionVerification>()
            .VerifyAsync(id[..^1], 1_000, CancellationToken.None);
        return page.Items.Single(item => item.PaymentId == id).Same;
    }

    private async Task<HttpStatusCode> PostAsync(string verb, int version, string? reason)
    {
        using var answer = await _client.PostAsJsonAsync($"/v1/models/{verb}", new { version, reason });
        return answer.StatusCode;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        await connection.ExecuteAsync(sql);
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QuerySingleAsync<long>(sql);
    }
}
