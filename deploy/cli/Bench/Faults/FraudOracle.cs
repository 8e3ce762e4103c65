using System.Text;
using System.Text.Json.Nodes;

namespace Ecom.Cli.Bench.Faults;

/// <summary>
/// Every payment decided once and for a reason that is stored; every alert raised once; and what fraud remembers.
/// </summary>
internal sealed class FraudOracle(TrialSystem trial, ShopTruth truth)
{
    private const int Page = 500;
    private const int RequestsAtOnce = 8;
    private readonly Findings _findings = new();

    public async Task<Findings> CheckAsync(CancellationToken cancellation)
    {
        var decisions = await ReadDecisionsAsync(cancellation);
        foreach (var payment in truth.Payments.Keys.Where(id => !decisions.ContainsKey(id)))
        {
            _findings.Add(Findings.Off, 1, () => $"payment {payment} was never decided");
        }

        var stray = decisions.Keys.Count(id =>
            !truth.Payments.ContainsKey(id) && !id.StartsWith(Probes.Prefix, StringComparison.Ordinal));
        _findings.Add(Findings.Off, stray, () => $"{stray} decisions on payments that nobody made");
        foreach (var (id, decision) in decisions)
        {
            _findings.Add(
                Findings.NotBitEqual,
                decision.Same == true ? 0 : 1,
                () => $"the decision on {id} does not follow from its vector");
        }

        var alone = decisions.Values.Count(decision => decision.ModelVersion is null);
        _findings.Add(Findings.Off, alone, () => $"{alone} decisions without the model");
        var raising = decisions
            .Where(pair => pair.Value is { Decision: not "Allow", Backfill: false })
            .Select(pair => pair.Key)
            .ToHashSet();
        await CheckAlertsAsync(raising, cancellation);
        await CheckAlertQueueAsync(raising, cancellation);
        await CheckAnnouncedAsync(decisions.Keys, cancellation);
        await CheckMemoryAsync(cancellation);
        return _findings;
    }

    private async Task<Dictionary<string, StoredDecision>> ReadDecisionsAsync(CancellationToken cancellation)
    {
        var decisions = new Dictionary<string, StoredDecision>();
        foreach (var decision in await StoredDecision.ReadAllAsync(trial, cancellation))
        {
            _findings.Add(
                Findings.DecidedTwice,
                decisions.TryAdd(decision.PaymentId, decision) ? 0 : 1,
                () => $"{decision.PaymentId} has two decisions");
        }

        return decisions;
    }

    private async Task CheckAlertsAsync(HashSet<string> raising, CancellationToken cancellation)
    {
        var payments = new HashSet<string>();
        for (long after = 0; ;)
        {
            var page = await trial.GetAsync("fraud", $"/v1/alerts?limit={Page}&after={after}", cancellation);
            var items = page["items"]!.AsArray();
            foreach (var alertId in items.Select(item => item!["raised"]!["alertId"]!.GetValue<Guid>()))
            {
                await CheckPaymentsAsync(alertId, raising, payments, cancellation);
            }

            if (items.Count < Page)
            {
                break;
            }

            after = page["next"]!.GetValue<long>();
        }

        var missing = raising.Count(payment => !payments.Contains(payment));
        _findings.Add(Findings.AlertsLost, missing, () => $"{missing} decisions raised no alert");
    }

    private async Task CheckPaymentsAsync(
        Guid alertId, HashSet<string> raising, HashSet<string> seen, CancellationToken cancellation)
    {
        for (var after = ""; ;)
        {
            var path = $"/v1/alerts/{alertId}/payments?limit={Page}&after={Uri.EscapeDataString(after)}";
            var page = await trial.GetAsync("fraud", path, cancellation);
            var items = page["items"]!.AsArray();
            foreach (var payment in items.Select(item => item!["paymentId"]!.GetValue<string>()))
            {
                _findings.Add(
                    Findings.AlertsDoubled, seen.Add(payment) ? 0 : 1, () => $"{payment} is in two alerts");
                _findings.Add(
                    Findings.Off,
                    raising.Contains(payment) ? 0 : 1,
                    () => $"{payment} has an alert, but no decision that raises one");
            }

            if (items.Count < Page)
            {
                return;
            }

            after = page["next"]!.GetValue<string>();
        }
    }

    // The team's queue may hold an event twice, but then under the same id and word for word.
    private async Task CheckAlertQueueAsync(HashSet<string> raising, CancellationToken cancellation)
    {
        var bodies = new Dictionary<string, (string? MessageId, string Body)>();
        foreach (var message in await BusTap.EmptyAsync(trial.Broker, BusTap.Alerts, cancellation))
        {
            var body = Encoding.UTF8.GetString(message.Body.Span);
            var told = JsonNode.Parse(body)!;
            if (told["paymentId"]?.GetValue<string>() is not { } payment)
            {
                continue;
            }

            var known = bodies.TryAdd(payment, (message.MessageId, body)) ? default : bodies[payment];
            var isRaised = told["change"] is null;
            var differs = (isRaised && message.MessageId != told["alertId"]!.GetValue<string>())
                || (known.Body is not null && known != (message.MessageId, body));
            _findings.Add(
                Findings.AlertsDoubled, differs ? 1 : 0, () => $"alerts on {payment} under different ids or words");
        }

        var missing = raising.Count(payment => !bodies.ContainsKey(payment));
        _findings.Add(Findings.AlertsLost, missing, () => $"{missing} alerts are not in the team's queue");
    }

    private async Task CheckAnnouncedAsync(IReadOnlyCollection<string> decided, CancellationToken cancellation)
    {
        var announced = new Dictionary<string, string>();
        foreach (var message in await BusTap.EmptyAsync(trial.Broker, BusTap.Scored, cancellation))
        {
            var scored = JsonNode.Parse(message.Body.Span)!["message"]!;
            var payment = scored["paymentId"]!.GetValue<string>();
            var content = scored.ToJsonString();
            var twice = !announced.TryAdd(payment, content) && announced[payment] != content;
            _findings.Add(
                Findings.DecidedTwice, twice ? 1 : 0, () => $"two different decisions on {payment} were announced");
        }

        var silent = decided.Count(payment => !announced.ContainsKey(payment));
        _findings.Add(Findings.Lost, silent, () => $"{silent} decisions were never announced");
    }

    // A question about one entity alone shows what is remembered of it.
    private async Task CheckMemoryAsync(CancellationToken cancellation)
    {
        var payments = truth.Payments.Values;
        var asked = payments.GroupBy(payment => payment.Customer)
            .Select(one => new Asked("customerId", one.Key, "customer_payments_365d", one.Count()))
            .Concat(payments.GroupBy(payment => payment.Device)
                .Select(one => new Asked("deviceId", one.Key, "device_payments_1d", one.Count(IsRecent))))
            .Concat(payments.GroupBy(payment => payment.Card)
                .Select(one => new Asked("cardFingerprint", one.Key, "card_payments_1d", one.Count(IsRecent))));
        await Parallel.ForEachAsync(
            asked,
            new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellation },
            async (one, token) =>
            {
                var payment = new Dictionary<string, object>
                {
                    ["paymentId"] = $"{Probes.Prefix}{one.Id}",
                    ["amount"] = 100,
                    ["currency"] = "GBP",
                    [one.Field] = one.Id,
                };
                var answer = await trial.TryPostAsync("fraud", "/v1/assess", payment, token);
                lock (_findings)
                {
                    _findings.Compare(
                        $"fraud's {one.Feature} of {one.Id}",
                        one.Expected,
                        answer?["features"]?[one.Feature]?.GetValue<double>());
                }
            });
    }

    private static bool IsRecent(KnownPayment payment) => !payment.Late;

    private sealed record Asked(string Field, string Id, string Feature, int Expected);
}
