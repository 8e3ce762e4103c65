using System.Text.Json;
using Ecom.Contracts.Catalogue;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>
/// One product of the catalogue → <see cref="ProductChanged"/>. Its version is given when it is written.
/// </summary>
internal sealed class ProductReader(
    MoneyConverter converter, PersonalData personal, int largestEventBytes, int deepestEvent)
{
    private const int MostAttributes = 50;

    private readonly MoneyReader _money = new(converter);

    /// <param name="json">One well-formed JSON value.</param>
    /// <param name="receipt">What the request says.</param>
    /// <param name="productId">The id that the address states; null to read it from the product.</param>
    public ReadEvent Read(ReadOnlyMemory<byte> json, Receipt receipt, string? productId = null)
    {
        var fault = new Fault();
        if (json.Length > largestEventBytes)
        {
            fault.Set(new Rejection(Reasons.EventTooLarge, "$", $"at most {largestEventBytes} bytes"));
            return Result(default, receipt, fault, null);
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = deepestEvent });
            return Read(document.RootElement, receipt, fault, productId);
        }
        catch (JsonException)
        {
            fault.Set(new Rejection(Reasons.EventTooDeep, "$", $"at most {deepestEvent} levels"));
            return Result(default, receipt, fault, null);
        }
    }

    private ReadEvent Read(JsonElement json, Receipt receipt, Fault fault, string? productId)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            fault.Set(new Rejection(Reasons.NotAnObject, "$"));
            return Result(json, receipt, fault, null);
        }

        var fields = new Fields(json, "$", fault);
        var statedId = fields.Id("product_id") ?? fields.Id("sku");
        if (productId is not null && statedId is not null && statedId != productId)
        {
            fields.Fail(Reasons.OutOfRange, "product_id", "differs from the address");
        }

        var id = productId ?? statedId ?? fields.RequiredId("product_id", Reasons.ProductIdMissing);
        var name = fields.Description("name");
        if (name is null)
        {
            fields.Fail(Reasons.NameMissing, "name");
        }

        var backfill = fields.Flag("backfill") ?? false;
        var (changedAt, reason) = EventClock.Resolve(fields.Time("changed_at"), null, receipt.ReceivedAt, backfill);
        if (reason is not null)
        {
            fields.Fail(reason, "changed_at");
            changedAt = receipt.ReceivedAt;
        }

        var (from, until) = (fields.Time("available_from"), fields.Time("available_until"));
        if (until <= from)
        {
            fields.Fail(Reasons.OutOfRange, "available_until", "must be after available_from");
        }

        var eventId = Guid.CreateVersion7(receipt.ReceivedAt);
        return Result(json, receipt, fault, new ProductChanged
        {
            EventId = eventId,
            ProductId = id,
            Version = 0,
            Name = name ?? "",
            Brand = fields.Description("brand"),
            Category = Categories.Clean(fields.Description("category")),
            Price = _money.Price(fields, "price", changedAt),
            Stock = Stock(fields),
            Active = fields.Flag("active") ?? true,
            AvailableFrom = from,
            AvailableUntil = until,
            Attributes = Attributes(json, fields),
            ChangedAt = changedAt,
            ReceivedAt = receipt.ReceivedAt,
            Backfill = backfill,
            PartitionKey = id,
            TraceParent = receipt.TraceParent,
        });
    }

    private static Dictionary<string, string>? Attributes(JsonElement json, Fields fields)
    {
        var values = fields.Object("attributes");
        if (!fields.IsObject("attributes"))
        {
            return null;
        }

        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in json.GetProperty("attributes").EnumerateObject().Select(member => member.Name).Distinct())
        {
            // A colon stands between name and value where somebody asks for them.
            if (name.Length is 0 or > CleanText.LongestId || name.Contains(':') || attributes.Count == MostAttributes)
            {
                fields.Fail(
                    Reasons.OutOfRange,
                    "attributes",
                    $"at most {MostAttributes}, names of 1 to {CleanText.LongestId} characters without colon");
                return null;
            }

            if (values.Id(name) is { } value)
            {
                attributes[name] = value;
            }
        }

        return attributes.Count == 0 ? null : attributes;
    }

    private static int? Stock(Fields fields)
    {
        var stock = fields.Whole("stock");
        if (stock is < 0)
        {
            fields.Fail(Reasons.OutOfRange, "stock", "0 or more; leave it out if it is unknown");
        }

        return stock;
    }

    private ReadEvent Result(JsonElement json, Receipt receipt, Fault fault, ProductChanged? product)
    {
        var eventId = product?.EventId ?? Guid.CreateVersion7(receipt.ReceivedAt);
        var isRefused = fault.Rejection is not null;
        return new ReadEvent
        {
            EventId = eventId,
            MessageId = eventId.ToString(),
            Client = receipt.Client,
            Kind = nameof(ProductChanged),
            Message = isRefused ? null : product,
            Rejection = fault.Rejection,
            OccurredAt = product?.ChangedAt ?? receipt.ReceivedAt,
            ReceivedAt = receipt.ReceivedAt,
            TraceParent = receipt.TraceParent,
            Backfill = product?.Backfill ?? false,
            Payload = isRefused && json.ValueKind != JsonValueKind.Undefined
                ? Redaction.Redact(json, personal)
                : null,
        };
    }
}
