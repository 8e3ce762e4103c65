using Ecom.Ingestion.Envelopes;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>How an event names its product: by <c>product_id</c>, else by <c>sku</c>.</summary>
internal static class ProductIds
{
    public static string Read(Fields fields) =>
        fields.Id("product_id") ?? fields.Id("sku") ?? fields.RequiredId("product_id", Reasons.ProductIdMissing);
}
