using System.Reflection;
using Ecom.ServiceDefaults.Messaging.Failures;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>MassTransit on RabbitMQ as every service uses it.</summary>
public static class MessagingExtensions
{
    /// <summary>
    /// Adds every consumer of the assembly, each with its own quorum queue <c>service-message</c>. A failure is
    /// retried in memory, then later with growing delays, then parked in table <c>parked_messages</c>, which
    /// <c>/v1/errors</c> shows; an <see cref="UnusableMessageException"/> is parked at once. Needs AddPostgres before
    /// it.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="consumers">Assembly with the consumers.</param>
    /// <param name="waitForBroker">
    /// True: the service starts, and is ready, only with the broker. False (ingestion): it serves HTTP without the
    /// broker.
    /// </param>
    public static WebApplicationBuilder AddMessaging(
        this WebApplicationBuilder builder, Assembly consumers, bool waitForBroker = true)
    {
        var types = consumers.GetTypes()
            .Where(type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IConsumer)))
            .ToArray();

        builder.Services.AddOptions<MessagingOptions>()
            .BindConfiguration(MessagingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(host =>
        {
            host.WaitUntilStarted = waitForBroker;
            host.StopTimeout = TimeSpan.FromSeconds(10);
        });
        builder.Services.AddSingleton<Broker>();
        builder.Services.AddSingleton<BrokerWait>();
        builder.Services.AddMassTransit(bus => AddConsumers(bus, types));
        builder.Services.AddSingleton(services => QueuesOf(types, services.GetRequiredService<ServiceIdentity>()));
        builder.Services.AddSingleton<SubscriberGate>();
        builder.Services.AddSingleton<FailureQueues>();
        builder.Services.AddSingleton<FailedMessages>();
        builder.Services.AddSingleton<ParkedMessages>();
        builder.Services.AddSingleton<ParkedCounts>();
        builder.Services.AddSingleton<Replay>();
        builder.Services.AddHostedService<Parking>();
        builder.Services.AddHostedService<OutboxRelay>();
        builder.Services.AddSingleton<OutboxWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OutboxWatch>());
        if (InboxSwitch.IsOff)
        {
            builder.Services.AddHostedService<InboxSwitch>();
        }

        builder.Services.AddHealthChecks()
            .AddCheck<QueueCheck>("queues", tags: waitForBroker ? ["ready"] : ["watch"])
            .AddCheck<OutboxCheck>("outbox", tags: ["watch"]);
        return builder;
    }

    internal static Uri BrokerAddress(IConfiguration configuration) =>
        new(configuration.GetConnectionString("RabbitMq")
            ?? throw new InvalidOperationException("ConnectionStrings:RabbitMq is not configured."));

    /// <summary>Names the queues of a service: <c>feature-store-order-placed</c>.</summary>
    internal static IEndpointNameFormatter QueueNames(ServiceIdentity identity) =>
        new KebabCaseEndpointNameFormatter(prefix: identity.Name, includeNamespace: false);

    private static void AddConsumers(IBusRegistrationConfigurator bus, Type[] types)
    {
        bus.DisableUsageTelemetry();
        foreach (var type in types)
        {
            bus.AddConsumer(type);
        }

        bus.AddConfigureEndpointsCallback((context, name, endpoint) =>
        {
            var gathered = QueuesOf(types.Where(IsGathered), context.GetRequiredService<ServiceIdentity>()).Names;
            var options = context.GetRequiredService<IOptions<MessagingOptions>>().Value;
            var gathers = gathered.Contains(name);
            endpoint.ConcurrentMessageLimit = gathers ? options.GatheredMessages : options.ConcurrentMessages;
            endpoint.PrefetchCount = gathers
                ? (ushort)Math.Max(options.GatheredMessages, options.Prefetch)
                : options.Prefetch;
            endpoint.UseMessageRetry(retry =>
            {
                retry.Ignore<UnusableMessageException>();
                retry.Intervals([.. options.Retries]);
            });
            endpoint.UseFailedMessages(context.GetRequiredService<FailedMessages>());
            if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
            {
                foreach (var argument in FailureQueues.ArgumentsOf(name))
                {
                    queue.SetQueueArgument(argument.Key, argument.Value);
                }
            }
        });
        bus.UsingRabbitMq((context, broker) =>
        {
            var address = BrokerAddress(context.GetRequiredService<IConfiguration>());
            var wait = context.GetRequiredService<BrokerWait>();
            broker.Host(address, host => host.OnRefreshConnectionFactory = _ => wait.UntilListeningAsync(address));
            broker.ConfigureEndpoints(context, QueueNames(context.GetRequiredService<ServiceIdentity>()));
        });
    }

    private static bool IsGathered(Type consumer) => consumer.IsDefined(typeof(GatheredAttribute), inherit: false);

    private static ConsumerQueues QueuesOf(IEnumerable<Type> types, ServiceIdentity identity)
    {
        var names = QueueNames(identity);
        var consumer = typeof(IEndpointNameFormatter).GetMethod(nameof(IEndpointNameFormatter.Consumer))!;
        return new ConsumerQueues([.. types
            .Select(type => (string)consumer.MakeGenericMethod(type).Invoke(names, null)!)
            .Order(StringComparer.Ordinal)]);
    }
}
