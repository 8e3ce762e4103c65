using System.Runtime.InteropServices;
using Ecom.Algorithms.Fraud;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Features.Payments;
using StackExchange.Redis;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>Plays a file through Redis as the fraud service does, and compares with the replay in memory.</summary>
/// <remarks>
/// Payments go in groups whose members share neither customer nor terminal, with each other nor with a label that
/// arrives between them: so one read before the group gives each of them exactly the earlier events.
/// </remarks>
/// <param name="file">The payments.</param>
/// <param name="connection">An empty Redis.</param>
/// <param name="model">Scores both vectors.</param>
internal sealed class OnlineReplay(TransactionFile file, ConnectionMultiplexer connection, FraudModel model)
{
    private const int MostPayments = 200;
    private readonly EventClock _clock = new();

    /// <summary>Plays payments from the first one on.</summary>
    /// <param name="count">How many.</param>
    /// <param name="generation">A generation that is not used yet.</param>
    /// <param name="lost">A payment that never reaches Redis; null for none.</param>
    /// <param name="report">Told of each twentieth.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<OnlineResult> RunAsync(
        int count, int generation, int? lost, Action<string> report, CancellationToken cancellation)
    {
        var store = new RedisFeatureStore(
            connection.GetDatabase(), FraudFeatures.Set, "fraud", generation, _clock);
        var memory = new FeatureMemory(FraudFeatures.Set);
        var group = new Group();
        var (labelled, told, result) = (0, 0, new OnlineResult());
        for (var at = 0; at < count; at++)
        {
            for (; file.AtMs[labelled] + (long)PaymentMatrix.LabelDelay.TotalMilliseconds <= file.AtMs[at]; labelled++)
            {
                group.AddLabel(PaymentMatrix.LabelOf(file, labelled));
            }

            var payment = PaymentMatrix.PaymentOf(file, at);
            if (group.Payments.Count == MostPayments || group.Touches(payment))
            {
                result = await PlayAsync(group, store, memory, lost, result, cancellation);
                group = new Group();
            }

            group.AddPayment(payment);
            if (at - told >= count / 20)
            {
                told = at;
                report($"online: {at:N0} of {count:N0} payments, {result.Differing:N0} vectors differ");
            }
        }

        return await PlayAsync(group, store, memory, lost, result, cancellation);
    }

    private async Task<OnlineResult> PlayAsync(
        Group group,
        RedisFeatureStore store,
        FeatureMemory memory,
        int? lost,
        OnlineResult result,
        CancellationToken cancellation)
    {
        var asked = group.Payments.Select(PaymentMatrix.EntitiesOf).ToArray();
        var read = await store.ReadAsync([.. asked.SelectMany(keys => keys)], cancellation);
        var (vectors, scores, position) = (0, 0, 0);
        foreach (var (payment, keys) in group.Payments.Zip(asked))
        {
            var online = new double[PaymentRisk.Names.Count];
            var offline = new double[PaymentRisk.Names.Count];
            PaymentRisk.Fill(payment, [.. read.Skip(position).Take(keys.Length)], online);
            PaymentRisk.Fill(payment, [.. keys.Select(memory.Find).OfType<EntityState>()], offline);
            position += keys.Length;
            vectors += Same(online, offline) ? 0 : 1;
            scores += Same([Score(online)], [Score(offline)]) ? 0 : 1;
        }

        foreach (var shopEvent in group.Events)
        {
            memory.Add(shopEvent);
        }

        _clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(group.Events[^1].AtMs);
        await store.ApplyAsync(
            FraudFeatures.Set.Fold(
            [
                .. group.Events.Where(e => lost is not { } gone || e.Id != PaymentMatrix.PaymentOf(file, gone).Id)
                    .Select(e => KeyValuePair.Create(e.Id, (IReadOnlyList<ShopEvent>)[e])),
            ]),
            cancellation);
        return result with
        {
            Compared = result.Compared + group.Payments.Count,
            Differing = result.Differing + vectors,
            DifferingScores = result.DifferingScores + scores,
            Groups = result.Groups + 1,
        };
    }

    private double Score(double[] vector)
    {
        var row = new float[PaymentMatrix.Width];
        PaymentMatrix.Select(vector, row);
        return model.Score(row);
    }

    private static bool Same(ReadOnlySpan<double> left, ReadOnlySpan<double> right) =>
        MemoryMarshal.AsBytes(left).SequenceEqual(MemoryMarshal.AsBytes(right));

    // What happens one after the other without one of the payments seeing another event of the group.
    private sealed class Group
    {
        private readonly HashSet<EntityKey> _touched = [];

        /// <summary>In the order of time.</summary>
        public List<ShopEvent> Events { get; } = [];

        public List<ShopEvent> Payments { get; } = [];

        public bool Touches(ShopEvent payment) => PaymentMatrix.EntitiesOf(payment).Any(_touched.Contains);

        public void AddLabel(ShopEvent label)
        {
            Events.Add(label);
            _touched.UnionWith(PaymentMatrix.EntitiesOf(label));
        }

        public void AddPayment(ShopEvent payment)
        {
            AddLabel(payment);
            Payments.Add(payment);
        }
    }

    // Ids of applied messages are forgotten after a week of the file's time.
    private sealed class EventClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

/// <summary>How the vectors from Redis compare with those of the replay.</summary>
internal sealed record OnlineResult
{
    public int Compared { get; init; }

    /// <summary>Vectors of which any bit differs.</summary>
    public int Differing { get; init; }

    public int DifferingScores { get; init; }

    public int Groups { get; init; }
}
