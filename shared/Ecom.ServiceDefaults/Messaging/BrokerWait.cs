using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Holds MassTransit's connection attempts until the broker listens: an attempt that fails is repeated only after up to
/// half a minute, which a broker that was restarted needs not wait for.
/// </summary>
internal sealed partial class BrokerWait(IHostApplicationLifetime lifetime, ILogger<BrokerWait> logger)
{
    private const int PlainPort = 5672;
    private const int SecurePort = 5671;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(250);

    // Somewhere else the attempt itself says better what is wrong.
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(10);

    public async Task UntilListeningAsync(Uri broker)
    {
        var port = broker.Port > 0 ? broker.Port : broker.Scheme == "amqps" ? SecurePort : PlainPort;
        for (var waited = TimeSpan.Zero; waited < _longest; waited += _poll)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(broker.Host, port, lifetime.ApplicationStopping);
                return;
            }
            catch (SocketException absent)
            {
                if (waited == TimeSpan.Zero)
                {
                    LogWaiting(broker.Host, port, absent.Message);
                }

                await Task.Delay(_poll, lifetime.ApplicationStopping);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the broker at {Host}:{Port}: {Reason}")]
    private partial void LogWaiting(string host, int port, string reason);
}
