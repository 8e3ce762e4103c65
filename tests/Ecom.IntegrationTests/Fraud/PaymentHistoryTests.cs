using System.Net;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Payments;
using Ecom.Features.Payments;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Payments as training reads them. Each test has a year of its own.</summary>
public sealed class PaymentHistoryTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    private DecisionStore Decisions => fixture.First.Services.GetRequiredService<DecisionStore>();

    private LabelStore Labels => fixture.First.Services.GetRequiredService<LabelStore>();

    [Fact]
    public async Task Payments_come_in_the_order_of_time_with_vector_score_and_card_after_the_names()
    {
        await DecideAsync(Payment("late", Day(2001, 3)) with { CardHash = "one" });
        await DecideAsync(Payment("early", Day(2001, 1)) with { CardHash = "two", Backfill = true });
        await DecideAsync(Payment("bare", Day(2001, 2)) with { CardHash = null, CustomerId = null, AnonymousId = "v" });
        await DecideAsync(Payment("last", Day(2001, 4)) with { CardHash = "two" });

        var (head, lines) = await ReadAsync(2001);

        Assert.Equal(PaymentVector.Names, head.Names);
        Assert.Equal(PaymentRisk.Unlabelled.Count + RingFeatures.Names.Count, head.Unlabelled.Count);
        Assert.All(head.Unlabelled, name => Assert.DoesNotContain("fraud", name, StringComparison.Ordinal));
        Assert.Equal(30, head.LabelMaturityDays);
        Assert.Equal([Day(2001, 1), Day(2001, 2), Day(2001, 3), Day(2001, 4)], lines.Select(line => line.At));
        Assert.Equal([0, 1, 2, 0], lines.Select(line => line.Card));
        foreach (var (line, id) in lines.Zip(["early", "bare", "late", "last"]))
        {
            var decision = (await Decisions.FindAsync(id, CancellationToken.None))!;
            Assert.Equal(decision.Score, line.Score);
            Assert.Equal(head.Names.Select(name => decision.Vector[name]), line.Values);
        }

        Assert.Contains(null, lines[1].Values);
        var (_, between) = await ReadAsync($"?from={Day(2001, 2).UtcDateTime:O}&to={Day(2001, 4).UtcDateTime:O}");
        Assert.Equal([Day(2001, 2), Day(2001, 3)], between.Select(line => line.At));
    }

    [Fact]
    public async Task Vectors_of_earlier_releases_lack_what_was_not_known_then()
    {
        var decision = await DecideAsync(Payment("old", Day(2002, 1)));
        var then = new Dictionary<string, double?>(decision.Vector) { ["gone"] = 1 };
        then.Remove("amount");
        await ExecuteAsync($"""
            update decisions set packed_vector = null, vector = '{JsonSerializer.Serialize(then)}'
            where payment_id = 'old'
            """);

        var (head, lines) = await ReadAsync(2002);

        var amount = head.Names.ToList().IndexOf("amount");
        Assert.Null(Assert.Single(lines).Values[amount]);
        Assert.NotNull(lines[0].Values[head.Names.ToList().IndexOf("is_night")]);
    }

    [Fact]
    public async Task The_score_is_that_of_the_rules_whatever_a_model_said()
    {
        var decision = await DecideAsync(Payment("asked", Day(2008, 1)) with
        {
            CardCountry = "FR",
            BillingCountry = "GB",
        });
        Assert.InRange(decision.Score, 0.1, 0.9);
        await ExecuteAsync("""
            update decisions
            set model_version = 7, model_score = 0.97, model_anomaly = 1, model_decision = 'Block', score = 0.97
            where payment_id = 'asked'
            """);

        var (_, lines) = await ReadAsync(2008);

        Assert.Equal(decision.Score, Assert.Single(lines).Score);
    }

    [Fact]
    public async Task Labels_of_people_and_disputes_come_with_their_arrival_and_silence_is_none()
    {
        foreach (var id in new[] { "silent", "turned" })
        {
            await DecideAsync(Payment(id, Day(2003, 1)));
        }

        await LabelAsync("turned", fraud: false, Day(2003, 9));
        await LabelAsync("turned", fraud: true, Day(2003, 5));
        await MatureAsync("silent");

        var (_, lines) = await ReadAsync(2003);

        Assert.Empty(lines[0].Labels);
        Assert.Equal([new(Day(2003, 5), true), new(Day(2003, 9), false)], lines[1].Labels);
    }

    [Fact]
    public async Task What_was_never_paid_comes_only_with_a_label_and_never_matures()
    {
        foreach (var (id, succeeded) in new (string, bool?)[]
        {
            ("blocked", null), ("blocked-known", null), ("blocked-paid", true), ("declined", false), ("paid", true),
        })
        {
            await DecideAsync(Payment(id, Day(2004, 1)) with { Succeeded = succeeded });
        }

        await ExecuteAsync("update decisions set decision = 'Block' where payment_id like 'blocked%'");
        await LabelAsync("blocked-known", fraud: true, Day(2004, 3));
        await MatureAsync("blocked", "blocked-known", "blocked-paid", "declined", "paid");

        var (_, lines) = await ReadAsync(2004);

        Assert.Equal([true, false, false], lines.Select(line => line.Refused));
        Assert.Equal(new PastLabel(Day(2004, 3), true), Assert.Single(lines[0].Labels));
        Assert.Equal(["blocked-paid", "paid"], await MaturedAsync());
    }

    [Fact]
    public async Task What_was_decided_without_its_history_is_left_out()
    {
        await DecideAsync(Payment("blind", Day(2009, 1)));
        await DecideAsync(Payment("seeing", Day(2009, 2)));
        await ExecuteAsync("update decisions set degraded = true where payment_id = 'blind'");

        var (_, lines) = await ReadAsync(2009);

        Assert.Equal(Day(2009, 2), Assert.Single(lines).At);
    }

    [Fact]
    public async Task An_erased_customer_has_left_it()
    {
        await DecideAsync(Payment("gone", Day(2005, 1)) with { CustomerId = "leaver" });
        await DecideAsync(Payment("stays", Day(2005, 2)));

        await fixture.PublishAsync(Guid.NewGuid(), new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "leaver",
            RequestedAt = Day(2005, 3),
            PartitionKey = "leaver",
        });
        await Eventually.BeTrueAsync(async () => (await ReadAsync(2005)).Lines.Count == 1);

        Assert.Equal(Day(2005, 2), (await ReadAsync(2005)).Lines[0].At);
    }

    [Fact]
    public async Task Many_pages_are_of_one_instant()
    {
        await DecideAsync(Payment("many", Day(2006, 1)));
        await CopyAsync("many", 2_499);
        var history = fixture.First.Services.GetRequiredService<PaymentHistory>();
        var times = new List<DateTimeOffset>();
        await foreach (var line in history.ReadAsync(Day(2006, 1), Day(2007, 1), default).OfType<PastPaymentLine>())
        {
            times.Add(line.At);
            if (times.Count == 1)
            {
                await CopyAsync("many", 100, from: 5_000);
            }
        }

        Assert.Equal(2_500, times.Count);
        Assert.Equal(times.Order(), times);
        Assert.Equal(2_600, (await ReadAsync(2006)).Lines.Count);
    }

    [Theory]
    [InlineData(Scopes.Read, "", HttpStatusCode.Forbidden)]
    [InlineData(Scopes.Ingest, "", HttpStatusCode.Forbidden)]
    [InlineData(null, "", HttpStatusCode.Unauthorized)]
    [InlineData(Scopes.Ops, "?from=2001-01-02T00:00:00Z&to=2001-01-02T00:00:00Z", HttpStatusCode.BadRequest)]
    [InlineData(Scopes.Ops, "?from=yesterday", HttpStatusCode.BadRequest)]
    public async Task Who_may_not_and_who_asks_wrongly_gets_nothing(string? scope, string query, HttpStatusCode status)
    {
        using var client = fixture.First.CreateClient(scope);
        using var answer = await client.GetAsync($"/v1/history/payments{query}");
        Assert.Equal(status, answer.StatusCode);
    }

    private static DateTimeOffset Day(int year, int day) => new DateTimeOffset(year, 1, 1, 12, 0, 0, TimeSpan.Zero)
        .AddDays(day);

    private static PaymentAttempted Payment(string id, DateTimeOffset at) =>
        FraudFixture.Payment(id, $"c-{id}", $"d-{id}", at);

    private Task<Decision> DecideAsync(PaymentAttempted payment) =>
        Decisions.DecideAsync(payment, Arrival.Request, CancellationToken.None);

    private Task LabelAsync(string paymentId, bool fraud, DateTimeOffset knownAt) => Labels.RecordAsync(
        new NewLabel(Guid.NewGuid(), paymentId, fraud, "dispute", null, knownAt), CancellationToken.None);

    private async Task MatureAsync(params string[] payments)
    {
        var ids = string.Join(',', payments.Select(id => $"'{id}'"));
        await ExecuteAsync($"update decisions set decided_at = now() - interval '2 hours' where payment_id in ({ids})");
        await Labels.MatureAsync(TimeSpan.FromDays(30), 1_000, CancellationToken.None);
        Assert.Equal(payments.Length, await QueryAsync<long>(
            $"select count(*) from decisions where matured and payment_id in ({ids})"));
    }

    private async Task<IEnumerable<string>> MaturedAsync()
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QueryAsync<string>("""
            select payment_id from labels
            where source = 'maturity' and (payment_id like '%blocked%' or payment_id in ('declined', 'paid'))
            order by payment_id
            """);
    }

    private Task CopyAsync(string paymentId, int count, int from = 0) => ExecuteAsync($"""
        insert into decisions (payment_id, amount, currency, base_amount, base_currency, vector, decision, score,
            reasons, decided_by, arrival, backfill, attempted_at, decided_at, texts, listed, shadow)
        select payment_id || '-' || i, amount, currency, base_amount, base_currency, vector, decision, score,
            reasons, decided_by, arrival, backfill, attempted_at + i % 3 * interval '1 hour', decided_at, texts,
            listed, shadow
        from decisions, generate_series({from + 1}, {from + count}) as i
        where payment_id = '{paymentId}'
        """);

    private Task<(PaymentHistoryHead Head, List<PastPaymentLine> Lines)> ReadAsync(int year) =>
        ReadAsync($"?from={year}-01-01T00:00:00Z&to={year + 1}-01-01T00:00:00Z");

    private async Task<(PaymentHistoryHead Head, List<PastPaymentLine> Lines)> ReadAsync(string query)
    {
        using var client = fixture.First.CreateClient(Scopes.Ops);
        using var answer = await client.GetAsync($"/v1/history/payments{query}");
        answer.EnsureSuccessStatusCode();
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (
            JsonSerializer.Deserialize<PaymentHistoryHead>(lines[0], JsonSerializerOptions.Web)!,
            [.. lines.Skip(1).Select(line =>
                JsonSerializer.Deserialize<PastPaymentLine>(line, JsonSerializerOptions.Web)!)]);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        await connection.ExecuteAsync(sql);
    }

    private async Task<T> QueryAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QuerySingleAsync<T>(sql);
    }
}
