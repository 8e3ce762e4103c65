using System.Net;

namespace Ecom.Cli.Bench;

/// <summary>The yard-stick: an endpoint that does nothing, <c>/health/live</c>, asked by the same generator.</summary>
internal static class BareEndpoint
{
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(3);

    /// <param name="address">Of the service.</param>
    /// <param name="perSecond">Requests a second; 0 as fast as answers come.</param>
    /// <param name="lanes">Requests in flight.</param>
    /// <param name="cancellation">Stops the run.</param>
    public static async Task<LoadRun> MeasureAsync(
        Uri address, double perSecond, int lanes, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        var live = new Uri(address, "/health/live");
        return await new OpenLoop(lanes).RunAsync(perSecond, _duration, AskAsync, cancellation);

        async Task AskAsync(int lane, long number, CancellationToken stopped)
        {
            using var answer = await http.GetAsync(live, stopped);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new Infrastructure.SetupException($"{live} says {(int)answer.StatusCode}.");
            }
        }
    }
}
