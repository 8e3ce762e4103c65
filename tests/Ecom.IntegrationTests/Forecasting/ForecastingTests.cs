using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Contracts;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Orders;
using Ecom.Forecasting;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Forecasting;

public sealed class ForecastingTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private static readonly Forecast _none =
        new(default, 0, [new ForecastDay(default, double.MaxValue, 0, 0, 0, 0)], new Test(0, 0), []);

    private static readonly DateTimeOffset _lastDay = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private Dictionary<string, string?> _configuration = [];
    private ServiceHost? _service;

    private ServiceHost Service => _service!;

    public async Task InitializeAsync()
    {
        _configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("forecasting")).ConnectionString,
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            ["Forecasting:RefreshInterval"] = "00:00:01",
            ["Forecasting:ReorderInterval"] = "00:00:01",
        };
        _service = await StartAsync();
    }

    public async Task DisposeAsync() => await _service!.DisposeAsync();

    [Fact]
    public async Task Orders_become_a_forecast_with_intervals_and_back_test()
    {
        await SellAsync("tea", days: 70, unitsOn: day => day.DayOfWeek == DayOfWeek.Saturday ? 20 : 5);

        var forecast = await ReadForecastAsync("tea", f => f.HistoryDays == 70);

        Assert.Equal(new DateOnly(2026, 11, 20), forecast.Origin);
        Assert.Equal(28, forecast.Days.Count);
        var saturday = forecast.Days.First(day => day.Day.DayOfWeek == DayOfWeek.Saturday);
        Assert.InRange(saturday.Expected, 15, 25);
        Assert.All(forecast.Days, day =>
        {
            Assert.True(0 <= day.Low95 && day.Low95 <= day.Low80 && day.Low80 <= day.Expected);
            Assert.True(day.Expected <= day.High80 && day.High80 <= day.High95);
        });
        Assert.True(forecast.Backtest.Origins > 0);
        Assert.True(forecast.Backtest.Rmse <= Assert.Single(forecast.OtherBacktests).Rmse);
    }

    [Fact]
    public async Task A_redelivered_order_counts_once_and_a_cancelled_one_not_at_all()
    {
        var order = Order("o1", "tea", 7, _lastDay);
        await PublishAsync(order);
        await PublishAsync(order);
        await PublishAsync(new OrderCancelled
        {
            EventId = Guid.NewGuid(),
            OrderId = "o2",
            CancelledAt = _lastDay,
            ReceivedAt = _lastDay,
            PartitionKey = "o2",
        });
        await PublishAsync(Order("o2", "tea", 100, _lastDay));
        await PublishAsync(Order("o3", "tea", 1, _lastDay.AddDays(-1)));

        Assert.Equal(3, await Eventually.ReadAsync(() => CountAsync("order_lines"), count => count == 3));
        await Eventually.BeTrueAsync(async () => await CountAsync("cancelled_orders") == 1);
        var forecast = await ReadForecastAsync("tea", f => f.Days[0].Expected < 50);
        Assert.InRange(forecast.Days.Average(day => day.Expected), 0.5, 7.5);
    }

    [Fact]
    public async Task Products_of_cancelled_orders_only_do_not_end_a_run_early()
    {
        // More of them than one batch holds, and all sorted before the product that sold.
        for (var product = 0; product < 210; product++)
        {
            await PublishAsync(new OrderCancelled
            {
                EventId = Guid.NewGuid(),
                OrderId = $"void-{product}",
                CancelledAt = _lastDay,
                ReceivedAt = _lastDay,
                PartitionKey = "void",
            });
            await PublishAsync(Order($"void-{product}", $"a{product:000}", 1, _lastDay));
        }

        await SellAsync("tea", days: 20, unitsOn: _ => 4);

        Assert.Equal(20, (await ReadForecastAsync("tea", f => f.HistoryDays == 20)).HistoryDays);
    }

    [Fact]
    public async Task Low_live_stock_is_proposed_once_and_imported_stock_never()
    {
        await SellAsync("tea", days: 30, unitsOn: _ => 10);
        await SellAsync("mug", days: 30, unitsOn: _ => 10);
        await ReadForecastAsync("tea", f => f.HistoryDays == 30);
        await ReadForecastAsync("mug", f => f.HistoryDays == 30);
        await PublishAsync(Stock("mug", 3, backfill: true));
        await PublishAsync(Stock("tea", 3, backfill: false));

        var proposal = Assert.Single(await ReadProposalsAsync(list => list.Count > 0));
        Assert.Equal("tea", proposal.ProductId);
        Assert.InRange(proposal.ReorderPoint, 80 - 1e-6, 90);
        Assert.Equal((int)Math.Ceiling(proposal.OrderUpTo - 3), proposal.Quantity);

        var ops = Service.CreateClient("ops");
        var accepted = await ops.PostAsync($"/v1/reorder-proposals/{proposal.ProposalId}/accept", null);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        var dismissed = await ops.PostAsync($"/v1/reorder-proposals/{proposal.ProposalId}/dismiss", null);
        Assert.Equal(HttpStatusCode.Conflict, dismissed.StatusCode);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Single(await ReadProposalsAsync(_ => true));
    }

    [Fact]
    public async Task Two_replicas_forecast_each_product_once_a_run()
    {
        await using var second = await StartAsync();
        await SellAsync("tea", days: 20, unitsOn: _ => 4);
        await ReadForecastAsync("tea", f => f.HistoryDays == 20);

        var client = second.CreateClient("read");
        var forecast = await client.GetFromJsonAsync<Forecast>("/v1/products/tea/forecast");
        Assert.Equal(20, forecast!.HistoryDays);
        var runs = await Service.CreateClient("ops").GetFromJsonAsync<List<Run>>("/v1/forecast-runs");
        Assert.All(runs!, run => Assert.InRange(run.Products, 0, 1));
    }

    [Fact]
    public async Task An_unknown_product_is_explained()
    {
        var answer = await Service.CreateClient("read").GetAsync("/v1/products/nothing/forecast");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    private Task<ServiceHost> StartAsync() =>
        ServiceHost.StartAsync(app => app.AddForecasting(), app => app.MapForecasting(), _configuration);

    private async Task SellAsync(string product, int days, Func<DateTimeOffset, int> unitsOn)
    {
        for (var back = 0; back < days; back++)
        {
            var day = _lastDay.AddDays(-back);
            await PublishAsync(Order($"{product}-{back}", product, unitsOn(day), day));
        }
    }

    private async Task PublishAsync<T>(T message)
        where T : class =>
        await Service.Services.GetRequiredService<IBus>().Publish(message);

    private Task<Forecast> ReadForecastAsync(string product, Func<Forecast, bool> fits)
    {
        var client = Service.CreateClient("read");
        return Eventually.ReadAsync(
            async () =>
            {
                var answer = await client.GetAsync($"/v1/products/{product}/forecast");
                return answer.IsSuccessStatusCode
                    ? (await answer.Content.ReadFromJsonAsync<Forecast>(JsonSerializerOptions.Web))!
                    : _none;
            },
            fits);
    }

    private Task<List<Proposal>> ReadProposalsAsync(Func<List<Proposal>, bool> fits)
    {
        var client = Service.CreateClient("read");
        return Eventually.ReadAsync(
            async () => (await client.GetFromJsonAsync<List<Proposal>>("/v1/reorder-proposals"))!, fits);
    }

    private async Task<long> CountAsync(string table)
    {
        var database = Service.Services.GetRequiredService<NpgsqlDataSource>();
        await using var command = database.CreateCommand($"select count(*) from {table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static OrderPlaced Order(string orderId, string product, int units, DateTimeOffset at) => new()
    {
        EventId = Guid.NewGuid(),
        OrderId = orderId,
        Lines = [new OrderLine { ProductId = product, Quantity = units, UnitPrice = Pounds(2) }],
        Total = Pounds(2 * units),
        Source = new Source(),
        PlacedAt = at,
        ReceivedAt = at,
        Backfill = true,
        PartitionKey = orderId,
    };

    private static ProductChanged Stock(string product, int stock, bool backfill) => new()
    {
        EventId = Guid.NewGuid(),
        ProductId = product,
        Version = 1,
        Name = product,
        Stock = stock,
        ChangedAt = _lastDay,
        ReceivedAt = _lastDay,
        Backfill = backfill,
        PartitionKey = product,
    };

    private static Money Pounds(long amount) => new()
    {
        Amount = amount * 100,
        Currency = "GBP",
        BaseAmount = amount * 100,
        BaseCurrency = "GBP",
    };

    private sealed record Forecast(
        DateOnly Origin, int HistoryDays, List<ForecastDay> Days, Test Backtest, List<Test> OtherBacktests);

    private sealed record ForecastDay(
        DateOnly Day, double Expected, double Low80, double High80, double Low95, double High95);

    private sealed record Test(int Origins, double? Rmse);

    private sealed record Proposal(
        Guid ProposalId, string ProductId, int Quantity, double ReorderPoint, double OrderUpTo);

    private sealed record Run(long RunId, int Products);
}
