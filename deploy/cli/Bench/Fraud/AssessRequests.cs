using System.Text.Json;
using System.Text.Json.Serialization;
using Ecom.Contracts.Payments;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>Asks for decisions over kept connections, as a checkout does.</summary>
internal sealed class AssessRequests : IDisposable
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly Uri _address;
    private readonly string _key;
    private readonly HttpLane[] _lanes;
    private long _answers;

    private AssessRequests(Uri address, string key, HttpLane[] lanes) =>
        (_address, _key, _lanes) = (address, key, lanes);

    /// <summary>Decisions that were answered.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    public static async Task<AssessRequests> OpenAsync(
        Uri address, string key, int lanes, CancellationToken cancellation)
    {
        var connections = new HttpLane[lanes];
        for (var lane = 0; lane < lanes; lane++)
        {
            connections[lane] = await HttpLane.ConnectAsync(address, cancellation);
        }

        return new AssessRequests(address, key, connections);
    }

    /// <summary>Asks at a rate.</summary>
    public Task<LoadRun> RunAsync(
        PaymentStream stream,
        char part,
        double perSecond,
        TimeSpan duration,
        CancellationToken cancellation) =>
        new OpenLoop(_lanes.Length).RunAsync(
            perSecond,
            duration,
            (lane, number, stopped) =>
                AskAsync(lane, stream.Next(part, number, TimeProvider.System.GetUtcNow()), stopped),
            cancellation);

    /// <summary>Asks for one decision on one connection.</summary>
    public async Task AskAsync(int lane, PaymentAttempted payment, CancellationToken cancellation)
    {
        await _lanes[lane].AskAsync(HttpLane.Post(_address, "/v1/assess", _key, BodyOf(payment)), cancellation);
        Interlocked.Increment(ref _answers);
    }

    public void Dispose() => Array.ForEach(_lanes, lane => lane.Dispose());

    private static byte[] BodyOf(PaymentAttempted payment) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            payment.PaymentId,
            payment.OrderId,
            payment.CustomerId,
            payment.Amount.Amount,
            payment.Amount.Currency,
            payment.CardHash,
            payment.CardScheme,
            payment.CardCountry,
            payment.Source.IpHash,
            payment.Source.IpNetworkHash,
            payment.Source.IpCountry,
            payment.Source.DeviceId,
            payment.Source.SessionId,
            payment.EmailHash,
            payment.BillingCountry,
            payment.ShippingCountry,
            payment.BillingAddressHash,
            payment.ShippingAddressHash,
            payment.TerminalId,
            payment.AttemptedAt,
        },
        _json);
}
