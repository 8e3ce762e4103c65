namespace Ecom.Cli.Services;

/// <summary>
/// The queues that must exist before a service publishes: RabbitMQ confirms also what no queue receives. A unit test
/// compares them with the consumers in the code.
/// </summary>
internal static class Subscribers
{
    private static readonly string[] _ofIngestion =
    [
        .. Queues("feature-store", "interactions-recorded", "order-placed", "order-cancelled", "order-refunded",
            "payment-attempted", "payment-disputed", "product-changed", "customer-identified", "customer-erased"),
        .. Queues("recommendation", "interactions-recorded", "order-placed", "product-changed", "customer-identified",
            "customer-erased"),
        .. Queues("training", "product-changed"),
        .. Queues("forecasting", "order-placed", "order-cancelled", "product-changed"),
        .. Queues("profiling", "interactions-recorded", "order-placed", "order-cancelled", "order-refunded",
            "product-changed", "customer-identified", "customer-erased"),
        .. Queues("fraud", "interactions-recorded", "order-placed", "payment-attempted", "payment-disputed",
            "customer-identified", "customer-erased"),
    ];

    private static readonly string[] _ofTraining =
    [
        .. Queues("recommendation", "model-promoted"), .. Queues("profiling", "model-promoted"),
        .. Queues("fraud", "model-promoted"),
    ];

    private static readonly string[] _ofProfiling =
        [.. Queues("recommendation", "customer-profile-changed", "segments-assigned")];

    /// <param name="service">Name of the service that publishes.</param>
    /// <returns>Empty for a service whose messages nobody must have.</returns>
    public static IReadOnlyList<string> Of(string service) => service switch
    {
        "ingestion" => _ofIngestion,
        "training" => _ofTraining,
        "profiling" => _ofProfiling,
        _ => [],
    };

    private static IEnumerable<string> Queues(string service, params string[] messages) =>
        messages.Select(message => $"{service}-{message}");
}
