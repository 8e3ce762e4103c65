using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Cases, and the stream of what happens.</summary>
public sealed class CaseTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    private readonly HttpClient _client = fixture.First.CreateClient(Scopes.Fraud);
    private readonly HttpClient _other = fixture.Second.CreateClient(Scopes.Admin);

    [Fact]
    public async Task Alerts_of_a_device_are_one_case_whose_closing_labels_every_payment()
    {
        var caseId = await AttackAsync("life", 7);
        var path = $"/v1/cases/{caseId}";
        var opened = await GetAsync(path);
        Assert.Equal(
            ("open", 3, 5), ((string)opened["state"]!, (int)opened["alerts"]!, (int)opened["payments"]!));
        Assert.Equal(3, (await GetAsync($"/v1/alerts?case={caseId}"))["items"]!.AsArray().Count);
        var version = (int)opened["version"]!;

        await DoneAsync($"{path}/investigate", new { version });
        await DoneAsync($"{path}/assign", new { assignee = "ann" });
        await DoneAsync($"{path}/notes", new { note = "rang the bank" });
        await DoneAsync($"{path}/close", new { outcome = "confirmed_fraud", note = "a ring" });
        Assert.Equal(5, await CountAsync("labels where payment_id like 'life-%' and fraud"));
        Assert.Equal(3, await CountAsync($"alerts where case_id = '{caseId}' and state = 'confirmed'"));
        Assert.Equal("rang the bank", (string)(await GetAsync($"{path}/notes"))["items"]![0]!["body"]!);

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync($"{path}/reopen", new { })).Status);
        await DoneAsync($"{path}/reopen", new { reason = "the bank was wrong" });
        Assert.Equal(3, await CountAsync($"alerts where case_id = '{caseId}' and state = 'open'"));
        await DoneAsync($"{path}/close", new { outcome = "false_positive" });
        Assert.Equal(5, await CountAsync("labels where payment_id like 'life-%' and not fraud"));

        var trail = (await GetAsync($"{path}/events"))["items"]!.AsArray();
        Assert.Equal(
            ["opened", "joined", "joined", "investigate", "assign", "note", "close", "reopen", "close"],
            trail.Select(one => (string)one!["data"]!["change"]!));
        Assert.All(trail.Skip(3), one => Assert.Equal("client-fraud", (string)one!["by"]!));
        await AssessAsync("life", 8);
        Assert.Equal(1, await CountAsync($"cases where device_id = 'd-life' and case_id <> '{caseId}'"));
    }

    [Fact]
    public async Task Two_people_at_once_one_wins_and_the_other_sees_the_current_version()
    {
        var path = $"/v1/cases/{await AttackAsync("race", 3)}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => PostAsync(
            $"{path}/assign", new { assignee = $"person-{i}", version = 1 }, i % 2 == 0 ? _client : _other)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.Status);
            Assert.Equal(2, (int)answer.Body!["current"]!["version"]!);
        });

        await DoneAsync($"{path}/lock", new { minutes = 5 });
        var locked = await PostAsync($"{path}/close", new { outcome = "inconclusive" }, _other);
        Assert.Equal((HttpStatusCode)423, locked.Status);
        Assert.Contains("client-fraud", (string)locked.Body!["detail"]!, StringComparison.Ordinal);
        await DoneAsync($"{path}/unlock", new { });
        await DoneAsync($"{path}/close", new { outcome = "inconclusive" }, _other);
        Assert.Equal(0, await CountAsync("labels where payment_id like 'race-%'"));
    }

    [Fact]
    public async Task Cases_are_merged_snoozed_and_changed_in_bulk_each_with_its_own_result()
    {
        var (one, two) = (await AttackAsync("one", 3), await AttackAsync("two", 3));
        await DoneAsync($"/v1/cases/{one}/snooze", new { until = TimeProvider.System.GetUtcNow().AddDays(1) });
        Assert.Equal(0, await ListedAsync("device=d-one&snoozed=false"));
        Assert.Equal(1, await ListedAsync("device=d-one&snoozed=true"));
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await PostAsync($"/v1/cases/{one}/snooze", new { until = "2020-01-01T00:00:00Z" })).Status);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await PostAsync($"/v1/cases/{one}/merge", new { cases = new[] { one } })).Status);
        var merged = await DoneAsync($"/v1/cases/{one}/merge", new { cases = new[] { two } });
        Assert.Equal((2, 3), ((int)merged["alerts"]!, (int)merged["version"]!));
        Assert.Equal(one, (string)(await GetAsync($"/v1/cases/{two}"))["mergedInto"]!);

        var bulk = await PostAsync("/v1/cases/bulk", new
        {
            action = "close",
            with = new { outcome = "false_positive" },
            cases = new object[]
            {
                new { caseId = one, version = 3 }, new { caseId = two }, new { caseId = Guid.NewGuid() },
            },
        });
        Assert.Equal(
            ["Done", "Refused", "NotFound"], bulk.Body!.AsArray().Select(item => (string)item!["result"]!));
        Assert.Equal(
            HttpStatusCode.BadRequest, (await PostAsync("/v1/cases/bulk", new { action = "explode" })).Status);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await PostAsync("/v1/cases/bulk", new { action = "investigate", cases = new object?[] { null } })).Status);
    }

    [Fact]
    public async Task An_erasure_has_no_verdict_beside_it()
    {
        var one = await AttackAsync("beside", 3);
        var alert = (string)(await GetAsync($"/v1/alerts?case={one}"))["items"]![0]!["raised"]!["alertId"]!;
        var other = (string)(await PostAsync("/v1/cases", new { deviceId = "d-else", note = "odd" })).Body!["caseId"]!;
        await BlockedAsync(
            connection => Locks.HoldErasureAsync(connection, CancellationToken.None),
            () => Task.CompletedTask,
            () => PostAsync($"/v1/alerts/{alert}/ack", new { }),
            () => DoneAsync($"/v1/alerts/{alert}/resolve", new { outcome = "suspected" }),
            () => DoneAsync($"/v1/cases/{one}/assign", new { assignee = "ann" }),
            () => DoneAsync($"/v1/cases/{one}/merge", new { cases = new[] { other } }));
    }

    [Fact]
    public async Task No_case_or_label_appears_behind_one_that_was_listed()
    {
        const string Drawn = "generate_series(1, (select last_value from cases_position_seq))";
        var before = await CountAsync(Drawn);
        await BlockedAsync(
            async connection => await EventLog.HoldAsync(connection, CancellationToken.None),
            async () => Assert.Equal(before, await CountAsync(Drawn)),
            () => PostAsync("/v1/cases", new { deviceId = "d-position-1", note = "odd" }),
            () => AttackAsync("position", 3));
        await BlockedAsync(
            connection => LabelStore.LabelAlertsAsync(
                connection, [Guid.Empty], true, null, TimeProvider.System.GetUtcNow(), CancellationToken.None),
            () => Task.CompletedTask,
            () => GetAsync("/v1/labels"));
    }

    [Fact]
    public async Task A_case_is_opened_by_hand_once_alerts_join_it_and_it_becomes_overdue()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("/v1/cases", new { note = "odd" })).Status);
        var wish = new { caseId = Guid.NewGuid(), deviceId = "d-hand", note = "odd calls", assignee = "ann" };
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("/v1/cases", wish)).Status);
        var again = await DoneAsync("/v1/cases", wish);
        Assert.Equal(("open", 1), ((string)again["state"]!, (int)again["version"]!));
        Assert.Equal(wish.caseId.ToString(), await AttackAsync("hand", 3));
        var path = $"/v1/cases/{wish.caseId}";
        Assert.Equal("odd calls", (string)(await GetAsync($"{path}/notes"))["items"]![0]!["body"]!);
        Assert.Equal(
            ["opened", "joined"],
            (await GetAsync($"{path}/events"))["items"]!.AsArray().Select(one => (string)one!["data"]!["change"]!));

        Assert.Equal(0, await ListedAsync("device=d-hand&overdue=true"));
        await using (var source = NpgsqlDataSource.Create(fixture.Database.ConnectionString))
        await using (var connection = await source.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(
                "update cases set opened_at = opened_at - interval '4 days' where case_id = @caseId", wish);
        }

        Assert.Equal(1, await ListedAsync("device=d-hand&overdue=true"));
        await DoneAsync($"{path}/snooze", new { until = TimeProvider.System.GetUtcNow().AddDays(1) });
        Assert.Equal(0, await ListedAsync("device=d-hand&overdue=true"));
        await DoneAsync($"{path}/close", new { outcome = "inconclusive" });
        Assert.Equal(1, await ListedAsync("device=d-hand&overdue=false"));
    }

    [Fact]
    public async Task A_stream_resumes_behind_the_last_event_that_was_seen_on_any_replica()
    {
        await AttackAsync("sse", 3);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        const string Kinds = "kinds=alert.raised,alert.updated";
        var all = await ReadAsync(
            _client, null, $"?after=0&{Kinds}", seen => PaymentOf(seen[^1]) == "sse-3", timeout.Token);
        var last = all[^1].Id;
        var reading = ReadAsync(_other, last, $"?{Kinds}", seen => seen.Count == 2, timeout.Token);
        await Task.Delay(300, timeout.Token);
        await AssessAsync("sse", 4);
        await AssessAsync("sse", 5);
        var next = await reading;

        Assert.All(next, one => Assert.True(one.Id > last, $"{one.Id} was seen already."));
        Assert.Equal(["alert.raised", "alert.updated"], next.Select(one => one.Kind));
        Assert.Equal(["sse-4", "sse-5"], next.Select(PaymentOf));
        foreach (var query in new[] { "?after=-1", "?kinds=nonsense" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync("/v1/alerts/stream" + query)).StatusCode);
        }
    }

    private static string PaymentOf((long Id, string Kind, string Data) told) =>
        (string)JsonNode.Parse(told.Data)!["paymentId"]!;

    private static async Task<List<(long Id, string Kind, string Data)>> ReadAsync(
        HttpClient client,
        long? last,
        string query,
        Predicate<List<(long Id, string Kind, string Data)>> isEnough,
        CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/alerts/stream" + query);
        if (last is { } id)
        {
            request.Headers.Add("Last-Event-ID", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        using var answer = await client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        var events = new List<(long, string, string)>();
        var (position, kind) = (0L, "");
        while ((events.Count == 0 || !isEnough(events)) && await reader.ReadLineAsync(cancellation) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case ["id", var text]:
                    position = long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
                    break;
                case ["event", var text]:
                    kind = text;
                    break;
                case ["data", var text]:
                    events.Add((position, kind, text));
                    break;
            }
        }

        return events;
    }

    // Customers on one device: alerts from the third on; their case.
    private async Task<string> AttackAsync(string name, int customers)
    {
        for (var i = 1; i <= customers; i++)
        {
            await AssessAsync(name, i);
        }

        return (string)(await GetAsync($"/v1/cases?device=d-{name}"))["items"]![0]!["caseId"]!;
    }

    // What waits for a lock, ends when the lock is given back.
    private async Task BlockedAsync(
        Func<NpgsqlConnection, Task> hold, Func<Task> meanwhile, params Func<Task>[] waiting)
    {
        Task[] work;
        await using (var connection = new NpgsqlConnection(fixture.Database.ConnectionString))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await hold(connection);
            work = [.. waiting.Select(one => one())];
            await Task.Delay(1_000);
            Assert.All(work, one => Assert.False(one.IsCompleted));
            await meanwhile();
        }

        await Task.WhenAll(work);
    }

    private async Task AssessAsync(string name, int i) => (await _client.PostAsJsonAsync("/v1/assess", new
    {
        paymentId = $"{name}-{i}",
        customerId = $"{name}-c{i}",
        amount = 5_000,
        currency = "GBP",
        cardFingerprint = $"{name}-k{i}",
        deviceId = $"d-{name}",
    })).EnsureSuccessStatusCode();

    private async Task<JsonNode> GetAsync(string path) => (await _client.GetFromJsonAsync<JsonNode>(path))!;

    private async Task<int> ListedAsync(string query) =>
        (await GetAsync($"/v1/cases?{query}"))["items"]!.AsArray().Count;

    private async Task<JsonNode> DoneAsync(string path, object body, HttpClient? client = null)
    {
        var (status, answer) = await PostAsync(path, body, client);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {answer?.ToJsonString()}");
        return answer!;
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(
        string path, object body, HttpClient? client = null)
    {
        var answer = await (client ?? _client).PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonSerializer.Deserialize<JsonNode>(text));
    }

    private async Task<long> CountAsync(string what)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QuerySingleAsync<long>($"select count(*) from {what}");
    }
}
