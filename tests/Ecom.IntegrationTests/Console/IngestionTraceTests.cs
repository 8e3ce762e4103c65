using System.Net.Http.Json;
using System.Text.Json;
using Ecom.IntegrationTests.Ingestion;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Xunit;

namespace Ecom.IntegrationTests.Console;

public sealed class IngestionTraceTests(ConsoleFixture console, IngestionFixture ingestion)
    : IClassFixture<ConsoleFixture>, IClassFixture<IngestionFixture>
{
    [Fact]
    public async Task A_batch_sent_to_ingestion_is_found_in_the_console_by_each_order_and_its_customer()
    {
        var (service, database) = await ingestion.StartAloneAsync(
            null,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", console.Host.Address.ToString()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_HEADERS", $"X-Api-Key={ServiceHost.KeyOf(Scopes.Ingest)}"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"));
        await using var closingDatabase = database;
        await using var closingService = service;

        var reply = await IngestionFixture.SendAsync(
            service, "/v1/batch", IngestionFixture.Batch(Order("traced-1"), Order("traced-2")));

        var traceId = reply.Body.GetProperty("traceId").GetString();
        using var ops = console.Host.CreateClient(Scopes.Ops);
        foreach (var query in new[] { "orderId=traced-1", "orderId=traced-2", "customerId=traced-customer" })
        {
            await Eventually.BeTrueAsync(async () =>
            {
                var found = await ops.GetFromJsonAsync<JsonElement>($"/v1/traces?{query}");
                return found.GetProperty("traces").EnumerateArray()
                    .Any(trace => trace.GetProperty("traceId").GetString() == traceId);
            });
        }
    }

    private static string Order(string orderId) => $$"""
        {
          "type": "track", "event": "Order Completed", "userId": "traced-customer", "messageId": "m-{{orderId}}",
          "timestamp": "{{DateTimeOffset.UtcNow:O}}",
          "properties": {
            "order_id": "{{orderId}}", "currency": "GBP",
            "products": [{ "product_id": "85123A", "price": 2.5, "quantity": 1 }]
          }
        }
        """;
}
