using System.Text.Json.Nodes;
using Npgsql;

namespace Ecom.Cli.Bench.Faults;

/// <summary>Counters of customers, browsers and products, in every service that counts them.</summary>
internal sealed class CounterOracle(TrialSystem trial, ShopTruth truth, Findings findings)
{
    private const int EntitiesAtOnce = 250;
    private const int RequestsAtOnce = 8;

    /// <summary>The feature store's values, as a decision would read them.</summary>
    public async Task CheckFeaturesAsync(CancellationToken cancellation)
    {
        foreach (var ids in truth.Customers.Chunk(EntitiesAtOnce))
        {
            foreach (var (id, values) in ids.Zip(await ReadAsync("customer", ids, cancellation)))
            {
                var doings = truth.WithBrowsers(id);
                Compare(id, values, "customer_views_30d", doings.Views);
                Compare(id, values, "customer_carts_30d", doings.Carts);
                Compare(id, values, "customer_orders_365d", doings.Orders);
                Compare(id, values, "customer_spend_365d", doings.Spent);
                Compare(id, values, "customer_refunds_365d", doings.Refunds);
            }
        }

        foreach (var ids in truth.Products.Keys.Chunk(EntitiesAtOnce))
        {
            foreach (var (id, values) in ids.Zip(await ReadAsync("product", ids, cancellation)))
            {
                Compare(id, values, "product_units_30d", truth.Products[id].Units);
            }
        }

        var devices = truth.Payments.Values.GroupBy(payment => payment.Device)
            .ToDictionary(device => device.Key, device => device.Count(payment => !payment.Late));
        foreach (var ids in devices.Keys.Chunk(EntitiesAtOnce))
        {
            foreach (var (id, values) in ids.Zip(await ReadAsync("device", ids, cancellation)))
            {
                Compare(id, values, "device_payments_1d", devices[id]);
            }
        }
    }

    /// <summary>Profiles, as they are served.</summary>
    public Task CheckProfilesAsync(CancellationToken cancellation) => Parallel.ForEachAsync(
        truth.Customers,
        new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellation },
        async (id, token) =>
        {
            var profile = await trial.TryGetAsync("profiling", $"/v1/customers/{id}/profile", token);
            var doings = truth.OfCustomer(id);
            var (orders, spent) = truth.Standing(id);
            lock (findings)
            {
                Compare("views", doings.Views);
                Compare("carts", doings.Carts);
                Compare("orders", orders);
                Compare("spent", spent);
                Compare("refunded", doings.Refunded);
            }

            void Compare(string name, long expected) => findings.Compare(
                $"profile of {id}: {name}", expected, profile?[name]?.GetValue<double>());
        });

    /// <summary>What has no API: recorded sales of forecasting, daily counts of recommendation.</summary>
    public async Task CheckTablesAsync(CancellationToken cancellation)
    {
        const string Sales = """
            select product_id, count(*), sum(units), sum(revenue) from forecasting.order_lines group by product_id
            """;
        const string Days = """
            select product_id, sum(views), sum(carts), sum(orders) from recommendation.product_days group by product_id
            """;
        const string Cancelled = "select 'all', count(*), 0, 0 from forecasting.cancelled_orders";

        await using var connection = await trial.OpenDatabaseAsync(cancellation);
        var sales = await QueryAsync(connection, Sales, cancellation);
        var days = await QueryAsync(connection, Days, cancellation);
        foreach (var (id, dealings) in truth.Products)
        {
            var (lines, units, revenue) = sales.GetValueOrDefault(id);
            findings.Compare($"sales of {id}: lines", dealings.Orders, lines);
            findings.Compare($"sales of {id}: units", dealings.Units, units);
            findings.Compare($"sales of {id}: revenue", dealings.Revenue, revenue);
            var (views, carts, orders) = days.GetValueOrDefault(id);
            findings.Compare($"recommendation of {id}: views", dealings.Views, views);
            findings.Compare($"recommendation of {id}: carts", dealings.Carts, carts);
            findings.Compare($"recommendation of {id}: orders", dealings.Orders, orders);
        }

        var cancelled = await QueryAsync(connection, Cancelled, cancellation);
        findings.Compare("forecasting: cancelled orders", truth.CancelledOrders, cancelled["all"].First);
    }

    private static async Task<Dictionary<string, (double First, double Second, double Third)>> QueryAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        var rows = new Dictionary<string, (double, double, double)>();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows[reader.GetString(0)] = (Number(1), Number(2), Number(3));
        }

        return rows;

        double Number(int column) => Convert.ToDouble(
            reader.GetValue(column), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<IEnumerable<JsonNode?>> ReadAsync(
        string entity, IEnumerable<string> ids, CancellationToken cancellation)
    {
        var asked = new { entities = ids.Select(id => new { entity, id }) };
        return (await trial.Client.PostAsync("feature-store", "/v1/features/read", asked, cancellation))!.AsArray();
    }

    private void Compare(string id, JsonNode? read, string name, long expected)
    {
        var feature = read?["features"]?.AsArray()
            .FirstOrDefault(one => one?["name"]?.GetValue<string>() == name);
        findings.Compare($"{name} of {id}", expected, feature?["value"]?.GetValue<double>());
    }
}
