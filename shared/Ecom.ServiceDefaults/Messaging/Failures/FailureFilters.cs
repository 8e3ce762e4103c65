using MassTransit;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>What MassTransit does with messages that were not handled.</summary>
internal static class FailureFilters
{
    /// <summary>
    /// Puts aside what fails after the short retries, and what no consumer takes, in place of MassTransit's error and
    /// skipped queues.
    /// </summary>
    public static void UseFailedMessages(this IReceiveEndpointConfigurator endpoint, FailedMessages failed)
    {
        endpoint.ConfigureError(pipe => pipe.UseFilter(new Failed(failed)));
        endpoint.ConfigureDeadLetter(pipe => pipe.UseFilter(new Unknown(failed)));
    }

    private sealed class Failed(FailedMessages failed) : IFilter<ExceptionReceiveContext>
    {
        public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
        {
            if (!context.IsFaulted)
            {
                await context.NotifyFaulted(context.Exception);
            }

            await failed.TakeAsync(context, context.Exception);
            await next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("failed");
    }

    private sealed class Unknown(FailedMessages failed) : IFilter<ReceiveContext>
    {
        public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            await failed.TakeAsync(context, new UnknownMessageException());
            await next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("unknown");
    }
}
