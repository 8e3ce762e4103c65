namespace Ecom.Cli.Services;

/// <summary>What is known of a service without running it.</summary>
/// <param name="Name">Kebab case: folder below <c>services/</c>, process name, log file.</param>
/// <param name="Key">
/// Its name in configuration, for example <c>Services:FeatureStore</c>; the assembly is <c>Ecom.</c> + this.
/// </param>
internal sealed record ServiceDefinition(string Name, string Key)
{
    /// <summary>All services, in the order in which they are listed.</summary>
    public static readonly IReadOnlyList<ServiceDefinition> All =
    [
        new("ingestion", "Ingestion"),
        new("feature-store", "FeatureStore"),
        new("training", "Training"),
        new("recommendation", "Recommendation"),
        new("forecasting", "Forecasting"),
        new("profiling", "Profiling"),
        new("fraud", "Fraud"),
        new("console", "Console"),
    ];

    public string Assembly => "Ecom." + Key;

    public string Schema => Name.Replace('-', '_');

    public string Role => "ecom_" + Schema;
}
