using System.Text.Json.Nodes;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Ecom.Simulator;

namespace Ecom.Cli.Demo;

/// <summary>Asks every service for what the summary shows.</summary>
internal sealed class DemoAnswers(SystemClient client)
{
    private const int CustomersLookedAt = 60;

    public async Task<DemoSummary> CollectAsync(
        ImportReport history,
        ImportReport onTop,
        ImportedShop shop,
        Func<double> elapsedSeconds,
        CancellationToken cancellation)
    {
        var customer = await PickCustomerAsync(shop, cancellation);
        var id = Uri.EscapeDataString(customer);
        return new DemoSummary
        {
            History = history,
            OnTop = onTop,
            Customer = customer,
            Ingestion = await client.GetAsync("ingestion", "/v1/summary", cancellation),
            Features = await client.GetAsync("feature-store", $"/v1/features/customer/{id}", cancellation),
            Champions = await VersionsAsync(model => model["champion"], cancellation),
            Challengers = await VersionsAsync(
                model => model["champion"] is null ? model["challenger"] : null, cancellation),
            Recommendations = await client.GetAsync(
                "recommendation", $"/v1/recommendations?placement=home&customerId={id}&count=10", cancellation),
            Profile = await client.GetAsync("profiling", $"/v1/customers/{id}/profile", cancellation),
            Segments = await client.GetAsync("profiling", "/v1/segments", cancellation),
            Forecasts = await RowsAsync("forecasting", "/v1/forecasts?limit=3", cancellation),
            Rules = await RowsAsync("profiling", "/v1/rules?sort=lift&limit=5", cancellation),
            ReorderProposals = await RowsAsync("forecasting", "/v1/reorder-proposals?state=open&limit=5", cancellation),
            FraudAlerts = await RowsAsync("fraud", "/v1/alerts?limit=5", cancellation),
            Console = client.Address("console"),
            KeyFile = Path.GetRelativePath(
                Repository.Root, ApiKeyFile.ClearPath(new InstanceDirectory(Repository.MainInstance))),
            Seconds = elapsedSeconds(),
        };
    }

    private async Task<IReadOnlyList<JsonNode>> VersionsAsync(
        Func<JsonNode, JsonNode?> versionOf, CancellationToken cancellation)
    {
        var versions = new List<JsonNode>();
        foreach (var model in await RowsAsync("training", "/v1/models", cancellation))
        {
            if (versionOf(model) is { } number
                && await client.GetAsync(
                    "training", $"/v1/models/{model["name"]}/versions/{number}", cancellation) is { } version)
            {
                versions.Add(version);
            }
        }

        return versions;
    }

    private async Task<IReadOnlyList<JsonNode>> RowsAsync(
        string service, string path, CancellationToken cancellation) =>
        (await client.GetAsync(service, path, cancellation)).Rows();

    // One with several personal recommendations tells more than one who came once.
    private async Task<string> PickCustomerAsync(ImportedShop shop, CancellationToken cancellation)
    {
        foreach (var customer in shop.CustomerIds.Take(CustomersLookedAt))
        {
            var answer = await client.GetAsync(
                "recommendation",
                $"/v1/recommendations?placement=home&customerId={Uri.EscapeDataString(customer)}&count=10",
                cancellation);
            if (answer?["items"].Rows() is [var first, ..] && first["source"]?.GetValue<string>() == "personal")
            {
                return customer;
            }
        }

        return shop.CustomerIds[0];
    }
}
