using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// The negative control of the fault test: with <c>ECOM_TEST_INBOX_OFF=1</c> the inbox lets redeliveries pass, so what
/// comes twice counts twice, and the test's recount must find it.
/// </summary>
internal sealed partial class InboxSwitch(ILogger<InboxSwitch> logger) : IHostedService
{
    /// <summary>Whether the inbox is off in this process.</summary>
    public static bool IsOff { get; } = Environment.GetEnvironmentVariable("ECOM_TEST_INBOX_OFF") == "1";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogOff();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        Level = LogLevel.Critical,
        Message = "ECOM_TEST_INBOX_OFF is set: THE INBOX IS OFF, redeliveries count again. For tests only.")]
    private partial void LogOff();
}
