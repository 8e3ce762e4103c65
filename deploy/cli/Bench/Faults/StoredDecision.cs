using System.Text.Json;

namespace Ecom.Cli.Bench.Faults;

/// <summary>What was decided on a payment, as fraud judges it again from what it stored.</summary>
internal sealed record StoredDecision
{
    public required string PaymentId { get; init; }

    public required string Decision { get; init; }

    public required bool Backfill { get; init; }

    /// <summary>Decided while counters were not whole.</summary>
    public required bool Degraded { get; init; }

    /// <summary>Null if no model was asked.</summary>
    public required int? ModelVersion { get; init; }

    /// <summary>Whether it follows from the stored vector; null if that cannot be told.</summary>
    public required bool? Same { get; init; }

    /// <summary>All decisions, page by page; more than one on a payment if there are more.</summary>
    public static async Task<IReadOnlyList<StoredDecision>> ReadAllAsync(
        TrialSystem trial, CancellationToken cancellation)
    {
        const int Page = 500;
        var decisions = new List<StoredDecision>();
        for (var after = ""; ;)
        {
            var path = $"/v1/decisions/verification?limit={Page}&after={Uri.EscapeDataString(after)}";
            var page = await trial.GetAsync("fraud", path, cancellation);
            var items = page["items"].Deserialize<List<StoredDecision>>(JsonSerializerOptions.Web)!;
            decisions.AddRange(items);
            if (items.Count < Page)
            {
                return decisions;
            }

            after = page["next"]!.GetValue<string>();
        }
    }
}
