using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Storage;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Payments that wait at the same time are decided together, and as if each had come alone.</summary>
public sealed class DecisionGroupTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow().AddMinutes(-30);

    private DecisionStore Decisions => fixture.First.Services.GetRequiredService<DecisionStore>();

    [Fact]
    public async Task Payments_of_one_device_see_those_before_them()
    {
        var decisions = await DecideAsync(Enumerable.Range(0, 12).Select(i => Payment("same", i) with
        {
            Source = Payment("same", i).Source with { DeviceId = "d-same" },
        }));

        Assert.Equal(
            Enumerable.Range(0, 12).Select(i => (double?)i),
            decisions.Select(decision => decision!.Vector["device_payments_1h"]));
        Assert.Equal(12, await ScalarAsync("select count(*) from decisions where payment_id like 'same-%'"));
    }

    [Fact]
    public async Task One_that_cannot_be_stored_keeps_nobody_from_a_decision()
    {
        // No text of PostgreSQL holds a NUL.
        var decisions = await DecideAsync(Enumerable.Range(0, 20).Select(i => i == 9
            ? Payment("bad", i) with { OrderId = "\0" }
            : Payment("bad", i)));

        Assert.Equal([9], decisions.Index().Where(one => one.Item is null).Select(one => one.Index));
        Assert.Equal(19, await ScalarAsync("select count(*) from decisions where payment_id like 'bad-%'"));
        Assert.Equal(0, await ScalarAsync("select count(*) from uncounted where payment_id like 'bad-%'"));
        var again = await DecideAsync(Enumerable.Range(0, 20).Select(i => Payment("bad", i) with
        {
            PaymentId = $"bad-again-{i}",
            AttemptedAt = _now.AddMinutes(20),
        }));
        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => (double?)(i == 9 ? 0 : 1)),
            again.Select(decision => decision!.Vector["customer_payments_1h"]));
    }

    [Fact]
    public async Task Of_an_erased_customer_among_others_nothing_is_kept()
    {
        var erased = new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "mixed-c3",
            RequestedAt = _now,
            PartitionKey = "mixed-c3",
        };
        await fixture.PublishAsync(erased.EventId, erased);
        await Eventually.BeTrueAsync(async () => await ScalarAsync("select count(*) from erased_ids") > 0);

        var decisions = await DecideAsync(Enumerable.Range(0, 8).Select(i => Payment("mixed", i)));

        Assert.All(decisions, Assert.NotNull);
        Assert.Equal([3], decisions.Index().Where(one => one.Item!.CustomerId is null).Select(one => one.Index));
        Assert.Equal(7, await ScalarAsync("select count(*) from decisions where payment_id like 'mixed-%'"));
    }

    // All are waiting before the first is decided; null stands for a failure.
    private Task<Decision?[]> DecideAsync(IEnumerable<PaymentAttempted> payments) =>
        Task.WhenAll(payments.ToArray().Select(async payment =>
        {
            try
            {
                return await Decisions.DecideAsync(payment, Arrival.Bus, CancellationToken.None);
            }
            catch (PostgresException)
            {
                return null;
            }
        }));

    private PaymentAttempted Payment(string name, int i) =>
        FraudFixture.Payment($"{name}-{i}", $"{name}-c{i}", $"{name}-d{i}", _now.AddSeconds(i));

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}
