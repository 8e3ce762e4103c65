using System.Diagnostics;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench.Faults;

/// <summary>What a run of faults came to.</summary>
internal sealed record FaultReport
{
    public required IReadOnlyList<FaultOutcome> Faults { get; init; }

    public required Findings Findings { get; init; }

    public required int Events { get; init; }

    public required int Rejected { get; init; }

    /// <summary>Requests that got no answer at first.</summary>
    public required int Retries { get; init; }

    /// <summary>Bus messages that were delivered several times.</summary>
    public required int Messages { get; init; }

    public required double Seconds { get; init; }

    /// <summary>All of them, those on probes' questions too.</summary>
    public required IReadOnlyList<StoredDecision> Decisions { get; init; }

    /// <summary>Null if no clean run was asked for.</summary>
    public DecisionComparison? Comparison { get; init; }

    public bool IsClean =>
        Findings.IsClean && Faults.All(fault => fault.Failure is null) && Comparison?.IsClose != false;
}

/// <summary>
/// Breaks the system under load, part by part, and recounts afterwards: nothing accepted is lost, nothing counts twice.
/// </summary>
/// <remarks>
/// The stream is cut into one part for each fault and one before them. A fault happens while its part is under way; the
/// next part begins when the fault is over and little is waiting, so that each recovery is measured by itself.
/// </remarks>
internal sealed class FaultBench(FaultOptions options, TimeProvider clock)
{
    private const int LittleWaiting = 200;
    private const int QuietReads = 3;
    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longestDrain = TimeSpan.FromMinutes(4);
    private readonly TimeSpan _longestWait = TimeSpan.FromSeconds(Math.Max(90, options.MostSeconds));

    /// <summary>When the stream begins, by its own time.</summary>
    public DateTimeOffset Start { get; init; } = clock.GetUtcNow();

    /// <summary>
    /// Brings a system up, breaks it, recounts, and takes it down again; then, if asked, another that is not broken.
    /// </summary>
    /// <exception cref="SetupException">The system does not start, or does not come to rest.</exception>
    public async Task<FaultReport> RunAsync(Action<string> report, CancellationToken cancellation)
    {
        var broken = await RunOnceAsync(report, cancellation);
        if (!options.Clean)
        {
            return broken;
        }

        report("once more, with nothing broken");
        var whole = options with { Faults = [], Deliveries = 1, InboxOff = false };
        var clean = await new FaultBench(whole, clock) { Start = Start }.RunOnceAsync(
            line => report($"clean run: {line}"), cancellation);
        broken.Findings.AddAll(clean.Findings);
        return broken with { Comparison = DecisionComparison.Of(broken.Decisions, clean.Decisions) };
    }

    private async Task<FaultReport> RunOnceAsync(Action<string> report, CancellationToken cancellation)
    {
        try
        {
            report($"starting a system of its own in {options.Folder}");
            using var trial = await TrialSystem.StartAsync(options, _ => { }, cancellation);
            try
            {
                return await RunAsync(trial, report, cancellation);
            }
            finally
            {
                KeepLogs(trial);
            }
        }
        finally
        {
            if (!options.Keep)
            {
                report("removing the system");
                await TrialSystem.RemoveAsync(options.Folder, CancellationToken.None);
            }
        }
    }

    private async Task<FaultReport> RunAsync(
        TrialSystem trial, Action<string> report, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        await BusTap.PrepareAsync(trial.Broker, cancellation);
        await new TrialModel(trial.Instance, trial.Broker, trial.Client, clock).ServeAsync(
            TrialModel.Make(options.Seed, Start, cancellation), cancellation);
        var ledger = new Ledger();
        using var sender = new EventSender(trial, ledger, options.Seed);
        var probes = new Probes(trial, sender, clock);
        await using var copies = new BusCopies(trial, options.Deliveries - 1, options.Seed);
        var stop = new TaskCompletionSource();
        var following = copies.FollowAsync(stop.Task, cancellation);

        var stream = new ShopStream(options.Seed, options.Events, options.Rate, Start);
        var share = options.Events / (options.Faults.Count + 1);
        report($"{share:N0} events at {options.Rate:N0} a second, nothing broken yet");
        await sender.OfferAsync(Batches(stream, share), options.Rate, cancellation);
        var outcomes = new List<FaultOutcome>();
        foreach (var fault in options.Faults.Select(name => Fault.All.Single(one => one.Name == name)))
        {
            await SettleAsync(trial, report, cancellation);
            outcomes.Add(await BreakAsync(fault, trial, sender, probes, Batches(stream, share), report, cancellation));
        }

        await copies.PoisonAsync(cancellation);
        stop.SetResult();
        await following;
        report($"{ledger.Sent:N0} events sent, {copies.Messages:N0} bus messages delivered {options.Deliveries} times");
        var findings = new Findings();
        await DrainAsync(trial, findings, report, cancellation);
        findings.AddAll(await new Oracle(trial, ledger).CheckAsync(report, cancellation));
        await ParkedMessages.CheckAsync(trial, copies.Poison, findings, cancellation);
        return new FaultReport
        {
            Faults = outcomes,
            Findings = findings,
            Events = ledger.Sent,
            Rejected = ledger.Rejected,
            Retries = ledger.Retries,
            Messages = copies.Messages,
            Seconds = watch.Elapsed.TotalSeconds,
            Decisions = await StoredDecision.ReadAllAsync(trial, cancellation),
        };
    }

    // Of the run that is broken: what a clean one wrote says little.
    private void KeepLogs(TrialSystem trial)
    {
        if (options.Faults.Count > 0)
        {
            trial.KeepLogs();
        }
    }

    private IReadOnlyList<IReadOnlyList<PlannedEvent>> Batches(ShopStream stream, int count) =>
        [.. stream.Take(count).Chunk(options.BatchSize)];

    private async Task<FaultOutcome> BreakAsync(
        Fault fault,
        TrialSystem trial,
        EventSender sender,
        Probes probes,
        IReadOnlyList<IReadOnlyList<PlannedEvent>> batches,
        Action<string> report,
        CancellationToken cancellation)
    {
        var load = sender.OfferAsync(batches, options.Rate, cancellation);
        await Task.Delay(TimeSpan.FromSeconds(Math.Min(2, options.Events / 4.0 / options.Rate)), cancellation);
        report($"{fault.Name}: killed");
        var watch = Stopwatch.StartNew();
        await trial.KillAsync(fault.Process, cancellation);
        if (fault.LosesData)
        {
            trial.LoseRedis();
        }

        var starting = trial.StartAgainAsync(fault.Process, cancellation);
        var serving = await MeasureAsync(watch, limit => probes.WaitAsync(fault, limit), cancellation);
        report($"{fault.Name}: {(serving is null ? "does not serve" : $"serves after {serving:N1} s")}");
        await starting;
        var whole = await MeasureAsync(watch, probes.WaitUntilWholeAsync, cancellation) - Probes.Stable.TotalSeconds;
        report($"{fault.Name}: {(whole is null ? "is not whole" : $"whole after {whole:N1} s")}");
        await load;
        return new FaultOutcome
        {
            Fault = fault.Name,
            Seconds = Math.Round(serving ?? _longestWait.TotalSeconds, 1),
            WholeSeconds = Math.Round(whole ?? _longestWait.TotalSeconds, 1),
            Failure = serving is null || whole is null
                ? $"no recovery within {_longestWait.TotalSeconds:N0} s.\n{trial.Instance.LogTail(fault.Process)}"
                : serving > options.MostSeconds ? $"{serving:N1} s, allowed are {options.MostSeconds}" : null,
        };
    }

    // Null if it did not come in time.
    private async Task<double?> MeasureAsync(
        Stopwatch watch, Func<CancellationToken, Task> wait, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_longestWait);
        try
        {
            await wait(limit.Token);
            return watch.Elapsed.TotalSeconds;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task SettleAsync(TrialSystem trial, Action<string> report, CancellationToken cancellation)
    {
        var backlog = new Backlog(trial.Client);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < _longestWait && await backlog.CountAsync(cancellation) > LittleWaiting)
        {
            await Task.Delay(_poll, cancellation);
            report(await Waiting.DescribeAsync(trial, cancellation));
        }
    }

    private static async Task DrainAsync(
        TrialSystem trial, Findings findings, Action<string> report, CancellationToken cancellation)
    {
        var backlog = new Backlog(trial.Client);
        var watch = Stopwatch.StartNew();
        for (var quiet = 0; quiet < QuietReads;)
        {
            var left = await backlog.CountAsync(cancellation);
            quiet = left == 0 ? quiet + 1 : 0;
            if (watch.Elapsed > _longestDrain)
            {
                var where = await Waiting.DescribeAsync(trial, cancellation);
                findings.Add(Findings.Lost, Math.Max(1, left), () => $"for ever under way: {where}");
                return;
            }

            await Task.Delay(_poll, cancellation);
            if (left > 0)
            {
                report(await Waiting.DescribeAsync(trial, cancellation));
            }
        }
    }
}
