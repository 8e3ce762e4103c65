using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Endpoints;
using Ecom.Fraud.Lists;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Rules and lists from the first draft to the last roll-back, on two replicas.</summary>
public sealed class RuleLifeTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    private static readonly JsonSerializerOptions _json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly HttpClient _author = fixture.First.CreateClient(Scopes.Fraud);
    private readonly HttpClient _approver = fixture.Second.CreateClient(Scopes.Admin);

    [Fact]
    public async Task The_default_rules_are_active_versions_by_the_configuration()
    {
        var rules = await ReadAsync<RulesResponse>(_author, "/v1/rules");
        var ring = await ReadAsync<StoredRule[]>(_author, "/v1/rules/device_ring/versions");

        Assert.True(DefaultRules.Make().Keys.ToHashSet().IsSubsetOf(rules.Rules.Select(rule => rule.Code)));
        Assert.Equal(("active", "configuration", 1), (ring[0].State, ring[0].Author, ring.Length));
        Assert.Contains(rules.Features, feature => feature.Name == "card_country");
        var document = await ReadAsync<JsonElement>(_author, "/openapi/v1.json");
        var paths = document.GetProperty("paths");
        Assert.True(paths.TryGetProperty("/v1/rules/{code}/versions/{version}/backtest", out _));
    }

    [Fact]
    public async Task A_rule_goes_from_draft_over_shadow_to_active_and_back_and_old_decisions_stay_verifiable()
    {
        var first = await DraftAsync("big", "amount >= 100000 and currency == \"GBP\"");
        await MoveAsync(_author, "big/versions/1/shadow");
        await FollowedAsync();
        var shadowed = await AssessAsync("life-1", 100_000);
        Assert.Equal(FraudDecision.Allow, shadowed.Decision);
        Assert.Equal(["big@1"], shadowed.Shadow);
        var version = await ReadAsync<RuleVersionResponse>(_author, "/v1/rules/big/versions/1");
        Assert.Equal((1, 1), (version.Shadow!.Held, version.Shadow.HeldAllowed));
        Assert.True(version.Shadow.Judged >= 1);

        Assert.Equal(HttpStatusCode.Conflict, await TryAsync(_author, "big/versions/1/activate"));
        var active = await MoveAsync(_approver, "big/versions/1/activate");
        Assert.Equal(("active", "client-fraud", "client-admin"), (active.State, active.Author, active.Approver));
        await FollowedAsync();
        var blocked = await AssessAsync("life-2", 100_000);
        Assert.Equal((FraudDecision.Block, "big"), (blocked.Decision, blocked.Reasons[0].Code));
        Assert.Equal(FraudDecision.Block, (await AssessAsync("life-3", 100_000, _approver)).Decision);

        await DraftAsync("big", "amount >= 999999");
        await MoveAsync(_approver, "big/versions/2/activate");
        await FollowedAsync();
        Assert.Equal(FraudDecision.Allow, (await AssessAsync("life-4", 100_000)).Decision);
        var rolledBack = await MoveAsync(_author, "big/rollback");
        Assert.Equal((1, "active"), (rolledBack.Version, rolledBack.State));
        await FollowedAsync();
        Assert.Equal(FraudDecision.Block, (await AssessAsync("life-5", 100_000)).Decision);
        await MoveAsync(_author, "big/versions/1/retire");
        await FollowedAsync();
        Assert.Equal(FraudDecision.Allow, (await AssessAsync("life-6", 100_000)).Decision);
        Assert.Equal(HttpStatusCode.Conflict, await TryAsync(_author, "big/rollback"));

        // Six decisions by three sets of rules, two of which came back; each is judged again by its own.
        var page = await ReadAsync<VerificationPage>(_author, "/v1/decisions/verification?after=life-&limit=6");
        Assert.All(page.Items, item => Assert.True(item.Same, $"{item.PaymentId} is not the same."));
        Assert.Equal(3, page.Items.Select(item => item.DecidedBy).Distinct().Count());
        var changes = await ReadAsync<RuleChange[]>(_author, "/v1/rules/big/changes");
        Assert.Equal(
            [
                "retired", "rolled back", "retired", "activated", "retired", "drafted", "activated", "shadowed",
                "drafted",
            ],
            changes.Select(change => change.Change));
        Assert.Equal("draft", first.State);
    }

    [Fact]
    public async Task A_version_that_names_what_is_gone_comes_neither_into_force_nor_into_the_shadow()
    {
        await DraftAsync("outlived", "amount >= 1");
        await MoveAsync(_approver, "outlived/versions/1/activate");
        await DraftAsync("outlived", "amount >= 2");
        await MoveAsync(_approver, "outlived/versions/2/activate");
        await using (var connection = new NpgsqlConnection(fixture.Database.ConnectionString))
        {
            await connection.ExecuteAsync(
                "update rules set expression = 'gone >= 1' where code = 'outlived' and version = 1");
        }

        foreach (var move in new[] { "versions/1/activate", "versions/1/shadow", "rollback" })
        {
            Assert.Equal(HttpStatusCode.Conflict, await TryAsync(_approver, $"outlived/{move}"));
        }

        var versions = await ReadAsync<StoredRule[]>(_author, "/v1/rules/outlived/versions");
        Assert.Equal(["active", "retired"], versions.Select(version => version.State));
        await MoveAsync(_author, "outlived/versions/2/retire");
    }

    [Fact]
    public async Task A_wrong_rule_is_refused_with_its_place()
    {
        var answer = await _author.PostAsJsonAsync(
            "/v1/rules", new { code = "Bad Name", when = "amount / 0 > 1 and amount == card", weight = 2, text = "" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        foreach (var field in new[] { "code", "when", "weight", "text" })
        {
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), $"{field} is not explained.");
        }

        Assert.Equal(
            [("division-by-zero", 10), ("type", 20)],
            problem.GetProperty("diagnostics").EnumerateArray()
                .Select(one => (one.GetProperty("code").GetString()!, one.GetProperty("column").GetInt32())));
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync(_approver, "nothing/versions/1/activate"));
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync(_approver, "nothing/rollback"));
    }

    [Fact]
    public async Task A_condition_is_validated_in_both_forms_and_explained_by_a_stored_payment()
    {
        var valid = await PostAsync<ValidationResponse>(
            "/v1/rules/validate", new { when = "amount>=100 and not(is_missing(device))" });
        Assert.Equal((true, "amount >= 100 and not is_missing(device)"), (valid.Valid, valid.When));
        var same = await PostAsync<ValidationResponse>("/v1/rules/validate", new { expression = valid.Expression });
        Assert.Equal(valid.When, same.When);
        var wrong = await PostAsync<ValidationResponse>("/v1/rules/validate", new { when = "amount >" });
        Assert.Equal((false, 9), (wrong.Valid, wrong.Diagnostics[0].Column));

        await AssessAsync("explain-1", 5_000);
        var explained = await PostAsync<JsonElement>(
            "/v1/rules/explain", new { when = "amount > 100 or amount < 3", paymentId = "explain-1" });
        Assert.True(explained.GetProperty("holds").GetBoolean());
        Assert.Equal(
            [true, false],
            explained.GetProperty("conditions").EnumerateArray().Select(one => one.GetProperty("holds").GetBoolean()));
        var ring = await PostAsync<JsonElement>("/v1/rules/explain", new
        {
            code = "device_ring",
            version = 1,
            features = new Dictionary<string, double> { ["device_customers_7d_with_this"] = 3 },
        });
        Assert.True(ring.GetProperty("holds").GetBoolean());
    }

    [Fact]
    public async Task A_list_blocks_by_itself_and_feeds_rules_until_an_entry_is_removed_or_expires()
    {
        var list = new { name = "stolen-cards", entity = "card", action = "Block", description = "Reported." };
        Assert.Equal(HttpStatusCode.Created, (await _author.PostAsJsonAsync("/v1/lists", list)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await _author.PostAsJsonAsync("/v1/lists", list)).StatusCode);
        const string Entries = "/v1/lists/stolen-cards/entries";
        var expired = new { value = "f-1", reason = "x", expiresAt = DateTimeOffset.UnixEpoch };
        Assert.Equal(HttpStatusCode.BadRequest, (await _author.PostAsJsonAsync(Entries, expired)).StatusCode);

        var entry = await PostAsync<ListEntry>(Entries, new { value = "f-1", reason = "Police" });
        Assert.Equal(32, entry.Value.Length);
        await FollowedAsync();
        var blocked = await AssessAsync("list-1", 500, card: "f-1");
        Assert.Equal((FraudDecision.Block, "card_list:stolen-cards"), (blocked.Decision, blocked.Reasons[0].Code));
        Assert.Equal([("stolen-cards", entry.Value)], blocked.Listed.Select(hit => (hit.List, hit.Value)));

        var soon = TimeProvider.System.GetUtcNow().AddSeconds(12);
        await PostAsync<ListEntry>(Entries, new { value = "f-2", reason = "For a moment", expiresAt = soon });
        await FollowedAsync();
        Assert.Equal(FraudDecision.Block, (await AssessAsync("list-2", 500, card: "f-2")).Decision);
        Assert.Equal(2, (await ReadAsync<Page<ListEntry>>(_author, Entries)).Items.Count);
        Assert.Equal(
            HttpStatusCode.NoContent, (await _author.DeleteAsync($"{Entries}/{entry.Position}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _author.DeleteAsync($"{Entries}/{entry.Position}")).StatusCode);
        await FollowedAsync();
        Assert.Equal(FraudDecision.Allow, (await AssessAsync("list-3", 500, card: "f-1")).Decision);
        await Eventually.BeTrueAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow() > soon));
        Assert.Equal(FraudDecision.Allow, (await AssessAsync("list-4", 500, card: "f-2")).Decision);

        // What was on the list then still counts when the decision is judged again.
        var page = await ReadAsync<VerificationPage>(_author, "/v1/decisions/verification?after=list-&limit=4");
        Assert.All(page.Items, item => Assert.True(item.Same));
    }

    [Fact]
    public async Task A_version_is_run_over_the_past_with_the_labels_of_then_and_of_now()
    {
        var march = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        long[] amounts = [700_000, 710_000, 720_000, 100];
        foreach (var (i, amount) in amounts.Index())
        {
            await AssessAsync($"past-{i}", amount, at: march.AddDays(i));
        }

        // The first is known by April, the second only later; the third is about goods, so it was genuine.
        await DisputeAsync("past-0", march.AddDays(20), "fraudulent");
        await DisputeAsync("past-1", march.AddDays(60), "fraudulent");
        await DisputeAsync("past-2", march.AddDays(10), "product_not_received");
        await Eventually.BeTrueAsync(async () => (await ReadAsync<Page<Label>>(_author, "/v1/labels?limit=500"))
            .Items.Count(label => label.PaymentId.StartsWith("past-", StringComparison.Ordinal)) == 3);
        await DraftAsync("huge", "amount >= 700000");

        var answer = await PostAsync<BacktestResponse>(
            "/v1/rules/huge/versions/1/backtest", new { from = march, to = march.AddDays(31) });

        var result = answer.Result;
        Assert.True(answer.Complete);
        Assert.Equal((4, 3, 2_130_000), (result.Payments, result.Held, result.HeldAmount));
        Assert.Equal(
            new LabelCounts { Frauds = 1, Caught = 1, FalsePositives = 1, Unlabelled = 1 }, result.KnownThen);
        Assert.Equal(new LabelCounts { Frauds = 2, Caught = 2, FalsePositives = 1 }, result.KnownNow);
        var change = Assert.Single(result.Changes);
        Assert.Equal((FraudDecision.Allow, FraudDecision.Block, 3, 2), (
            change.From, change.To, change.Payments, change.Frauds));
        Assert.Equal(["past-0", "past-1", "past-2"], result.Samples.Select(sample => sample.PaymentId));
        Assert.Equal(0, result.WithoutRules);
        Assert.Equal(
            HttpStatusCode.BadRequest, await TryAsync(_author, "huge/versions/1/backtest", new { from = march }));
    }

    [Fact]
    public async Task A_run_over_the_past_ends_with_its_request_and_makes_room_for_the_next()
    {
        var path = "/v1/rules/patient/versions/1/backtest";
        var year = new { from = "2025-01-01T00:00:00Z", to = "2026-01-01T00:00:00Z" };
        await DraftAsync("patient", "amount >= 1");
        await using var source = NpgsqlDataSource.Create(fixture.Database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var held = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("lock table decisions in access exclusive mode");
        using var impatience = new CancellationTokenSource();
        var first = _author.PostAsJsonAsync(path, year, impatience.Token);
        await Eventually.BeTrueAsync(async () => await WaitersAsync(source) == 1);
        Assert.Equal(HttpStatusCode.Conflict, (await _author.PostAsJsonAsync(path, year)).StatusCode);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Eventually.BeTrueAsync(async () => await WaitersAsync(source) == 0);
        var next = PostUntilFreeAsync();
        await Eventually.BeTrueAsync(async () => await WaitersAsync(source) == 1);
        await held.RollbackAsync();
        Assert.Equal(HttpStatusCode.OK, await next);

        // The database lets go of the first a moment before the service does.
        async Task<HttpStatusCode> PostUntilFreeAsync()
        {
            while (true)
            {
                using var answer = await _author.PostAsJsonAsync(path, year);
                if (answer.StatusCode != HttpStatusCode.Conflict)
                {
                    return answer.StatusCode;
                }

                await Task.Delay(20);
            }
        }
    }

    [Fact]
    public async Task An_erased_customer_is_on_no_list_any_more()
    {
        await _author.PostAsJsonAsync(
            "/v1/lists", new { name = "friends", entity = "customer", action = "Allow", description = "Known." });
        await PostAsync<ListEntry>("/v1/lists/friends/entries", new { value = "fred", reason = "Staff" });
        var erased = new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "fred",
            RequestedAt = TimeProvider.System.GetUtcNow(),
            PartitionKey = "fred",
        };
        await fixture.PublishAsync(erased.EventId, erased);

        await Eventually.BeTrueAsync(async () =>
            (await ReadAsync<Page<ListEntry>>(_author, "/v1/lists/friends/entries")).Items.Count == 0);
    }

    private async Task<StoredRule> DraftAsync(string code, string when) => await PostAsync<StoredRule>(
        "/v1/rules", new { code, when, weight = 0.4, action = "Block", text = "Of {amount}: {value} of {threshold}." });

    private Task<StoredRule> MoveAsync(HttpClient client, string path) =>
        PostAsync<StoredRule>($"/v1/rules/{path}", new { }, client);

    private static async Task<HttpStatusCode> TryAsync(HttpClient client, string path, object? body = null) =>
        (await client.PostAsJsonAsync($"/v1/rules/{path}", body ?? new { })).StatusCode;

    private Task DisputeAsync(string payment, DateTimeOffset at, string reason)
    {
        var dispute = new PaymentDisputed
        {
            EventId = Guid.NewGuid(),
            PaymentId = payment,
            Reason = reason,
            DisputedAt = at,
            ReceivedAt = at,
            PartitionKey = payment,
        };
        return fixture.PublishAsync(dispute.EventId, dispute);
    }

    // Both replicas hold the newest change in memory.
    private async Task FollowedAsync()
    {
        var newest = await fixture.First.Services.GetRequiredService<RuleChanges>().ReadNewestAsync(default);
        foreach (var host in new[] { fixture.First, fixture.Second })
        {
            await Eventually.BeTrueAsync(() => Task.FromResult(
                host.Services.GetRequiredService<CurrentRules>().Now.Change >= newest));
        }
    }

    private async Task<DecisionResponse> AssessAsync(
        string id, long amount, HttpClient? client = null, string? card = null, DateTimeOffset? at = null) =>
        await PostAsync<DecisionResponse>(
        "/v1/assess",
        new AssessRequest
        {
            PaymentId = id,
            CustomerId = "c-" + id,
            Amount = amount,
            Currency = "GBP",
            CardFingerprint = card ?? "card-" + id,
            DeviceId = "d-" + id,
            AttemptedAt = at,
        },
        client);

    private async Task<T> PostAsync<T>(string path, object body, HttpClient? client = null)
    {
        var answer = await (client ?? _author).PostAsJsonAsync(path, body, _json);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<T>(_json))!;
    }

    private static async Task<int> WaitersAsync(NpgsqlDataSource source)
    {
        const string Sql = """
            select count(*)::integer from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and query like '%fraud_then%'
            """;

        await using var connection = await source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>(Sql);
    }

    private static async Task<T> ReadAsync<T>(HttpClient client, string path) =>
        (await client.GetFromJsonAsync<T>(path, _json))!;
}
