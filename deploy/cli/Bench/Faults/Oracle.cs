using System.Text.Json.Nodes;

namespace Ecom.Cli.Bench.Faults;

/// <summary>Compares what the system promised with what its services say in the end.</summary>
internal sealed class Oracle(TrialSystem trial, Ledger ledger)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Reads and recounts; services that follow by jobs have half a minute to agree.</summary>
    /// <param name="report">Told each part.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Findings> CheckAsync(Action<string> report, CancellationToken cancellation)
    {
        report("oracle: the raw log");
        var findings = new Findings();
        findings.Add(Findings.Unanswered, ledger.Unanswered, () => $"{ledger.Unanswered} events got no answer");
        findings.Add(Findings.Misjudged, ledger.Misjudged, () => $"{ledger.Misjudged} events were judged wrongly");
        findings.Add(
            Findings.Doubled, ledger.Contradictions, () => $"{ledger.Contradictions} events have two ids");
        await CheckLogAsync(findings, cancellation);

        var truth = new ShopTruth(ledger.Facts);
        report($"oracle: {truth.Customers.Count:N0} customers, {truth.Products.Count:N0} products");
        findings.AddAll(await SettleAsync(() => CountAsync(truth, cancellation), cancellation));

        report($"oracle: {truth.Payments.Count:N0} payments");
        findings.AddAll(await new FraudOracle(trial, truth).CheckAsync(cancellation));
        return findings;
    }

    private async Task CheckLogAsync(Findings findings, CancellationToken cancellation)
    {
        var promised = ledger.Promised;
        var seen = new HashSet<Guid>();
        string? cursor = null;
        for (var caughtUp = false; !caughtUp;)
        {
            var path = $"/v1/log?limit=5000{(cursor is null ? "" : $"&after={Uri.EscapeDataString(cursor)}")}";
            var page = await trial.GetAsync("ingestion", path, cancellation);
            cursor = page["next"]!.GetValue<string>();
            caughtUp = page["caughtUp"]!.GetValue<bool>();
            foreach (var eventId in page["messages"]!.AsArray().SelectMany(EventIdsOf))
            {
                findings.Add(Findings.Doubled, seen.Add(eventId) ? 0 : 1, () => $"{eventId} is in the log twice");
                findings.Add(
                    Findings.Doubled,
                    promised.Contains(eventId) ? 0 : 1,
                    () => $"{eventId} is in the log, and was never accepted");
            }
        }

        findings.Add(
            Findings.Lost,
            promised.Count(id => !seen.Contains(id)),
            () => $"{promised.First(id => !seen.Contains(id))} was accepted and is not in the log");
    }

    private static IEnumerable<Guid> EventIdsOf(JsonNode? message)
    {
        var body = message!["body"]!;
        return body["interactions"] is JsonArray interactions
            ? interactions.Select(interaction => interaction!["eventId"]!.GetValue<Guid>())
            : [body["eventId"]!.GetValue<Guid>()];
    }

    private async Task<Findings> CountAsync(ShopTruth truth, CancellationToken cancellation)
    {
        var findings = new Findings();
        var counters = new CounterOracle(trial, truth, findings);
        await counters.CheckFeaturesAsync(cancellation);
        await counters.CheckProfilesAsync(cancellation);
        await counters.CheckTablesAsync(cancellation);
        return findings;
    }

    private static async Task<Findings> SettleAsync(Func<Task<Findings>> check, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromSeconds(2))
        {
            var findings = await check();
            if (findings.IsClean || waited > _patience)
            {
                return findings;
            }

            await Task.Delay(TimeSpan.FromSeconds(2), cancellation);
        }
    }
}
