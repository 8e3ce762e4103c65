namespace Ecom.Recommendation.Lists;

/// <summary>Names a visitor in tables and keys: a known customer, or a browser.</summary>
internal static class Visitor
{
    public const string CustomerPrefix = "c:";

    public static string Customer(string customerId) => CustomerPrefix + customerId;

    public static string Anonymous(string anonymousId) => "a:" + anonymousId;

    public static bool IsCustomer(string visitor) => visitor.StartsWith(CustomerPrefix, StringComparison.Ordinal);

    /// <summary>The customer if known, else the browser; null if neither is stated.</summary>
    public static string? Of(string? customerId, string? anonymousId) =>
        customerId is not null ? Customer(customerId)
        : anonymousId is not null ? Anonymous(anonymousId)
        : null;
}
