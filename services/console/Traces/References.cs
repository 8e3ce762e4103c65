namespace Ecom.Console.Traces;

/// <summary>The business ids that a span is found by, in the form they are indexed in.</summary>
internal static class References
{
    /// <summary>Attribute name → prefix of the reference.</summary>
    public static IReadOnlyDictionary<string, string> Prefixes { get; } = new Dictionary<string, string>
    {
        ["ecom.order.id"] = "order:",
        ["ecom.customer.id"] = "customer:",
    };

    public static string Order(string id) => Prefixes["ecom.order.id"] + id;

    public static string Customer(string id) => Prefixes["ecom.customer.id"] + id;
}
