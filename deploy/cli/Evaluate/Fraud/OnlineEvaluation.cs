using System.Globalization;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>
/// Whether what the fraud service would have served is bit for bit what the evaluation computes, and whether one lost
/// event would be noticed.
/// </summary>
internal static class OnlineEvaluation
{
    private const int LeastControl = 20_000;

    /// <returns>Whether every vector and score was the same, and those of the control were not.</returns>
    public static async Task<bool> RunAsync(
        FraudOptions options, Action<string> report, CancellationToken cancellation)
    {
        var file = TransactionFile.Read(options.Transactions);
        var evaluation = new FraudEvaluation(options, report, cancellation);
        var model = evaluation.FitDefault(file);
        await using var redis = await TransientRedis.StartAsync(report, cancellation);
        var replay = new OnlineReplay(file, redis.Connection, model);
        var count = options.Payments is { } most ? Math.Min(most, file.Count) : file.Count;
        var (meter, before) = (new Meter(), await CpuSecondsAsync(redis));
        var result = await replay.RunAsync(count, 1, lost: null, report, cancellation);
        var server = await CpuSecondsAsync(redis) - before;
        report(string.Create(CultureInfo.InvariantCulture,
            $"{result.Compared:N0} vectors compared in {result.Groups:N0} groups, {meter.WallSeconds:F0} s, "
            + $"{meter.CpuSeconds:F0} CPU s and {server:F0} of Redis: {result.Differing:N0} vectors and "
            + $"{result.DifferingScores:N0} scores differ"));
        report(await SizesAsync(redis));
        var control = await replay.RunAsync(
            Math.Min(count, LeastControl), 2, lost: Math.Min(count, LeastControl) / 20, _ => { }, cancellation);
        report($"control, one payment lost: {control.Differing:N0} of {control.Compared:N0} vectors and "
            + $"{control.DifferingScores:N0} scores differ");
        return result is { Differing: 0, DifferingScores: 0 } && control.Differing > 0;
    }

    private static async Task<double> CpuSecondsAsync(TransientRedis redis)
    {
        var info = await redis.Connection.GetServers()[0].InfoAsync("cpu");
        return info.SelectMany(section => section)
            .Where(pair => pair.Key is "used_cpu_user" or "used_cpu_sys")
            .Sum(pair => double.Parse(pair.Value, CultureInfo.InvariantCulture));
    }

    // Of each kind of key: how many, and how large they are in memory.
    private static async Task<string> SizesAsync(TransientRedis redis)
    {
        var database = redis.Connection.GetDatabase();
        var sizes = new Dictionary<string, List<long>>();
        await foreach (var key in redis.Connection.GetServers()[0].KeysAsync(pattern: "fraud:g1:*"))
        {
            var name = key.ToString();
            var kind = name.Split('{', ':')[3] + (name.EndsWith(":applied", StringComparison.Ordinal) ? " ids" : "");
            (sizes.TryGetValue(kind, out var held) ? held : sizes[kind] = [])
                .Add((long)await database.ExecuteAsync("MEMORY", "USAGE", key, "SAMPLES", "0"));
        }

        return "bytes a key: " + string.Join("; ", sizes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(
            pair => string.Create(CultureInfo.InvariantCulture,
                $"{pair.Key} {pair.Value.Average():N0}, at most {pair.Value.Max():N0}, {pair.Value.Count:N0} keys")));
    }
}
