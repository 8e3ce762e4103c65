namespace Ecom.Ingestion.Envelopes;

/// <summary>The closed list of reasons for a rejected event or line; each is explained in docs/cleaning.md.</summary>
internal static class Reasons
{
    // The event as a whole.
    public const string EventTooLarge = "event_too_large";
    public const string EventTooDeep = "event_too_deep";
    public const string NotAnObject = "not_an_object";
    public const string UnknownType = "unknown_type";
    public const string UnknownEvent = "unknown_event";
    public const string EventMissing = "event_missing";
    public const string MissingUser = "missing_user";
    public const string Erased = "erased";

    // Values.
    public const string NotText = "not_text";
    public const string InvalidText = "invalid_text";
    public const string NotANumber = "not_a_number";
    public const string NotAWholeNumber = "not_a_whole_number";
    public const string NotABoolean = "not_a_boolean";
    public const string NotAnArray = "not_an_array";
    public const string IdTooLong = "id_too_long";
    public const string OutOfRange = "out_of_range";

    // Time and money.
    public const string TimestampInvalid = "timestamp_invalid";
    public const string TimestampInFuture = "timestamp_in_future";
    public const string TimestampTooOld = "timestamp_too_old";
    public const string CurrencyUnknown = "currency_unknown";
    public const string NoRate = "no_rate";
    public const string AmountMissing = "amount_missing";
    public const string AmountNotPositive = "amount_not_positive";
    public const string AmountTooLarge = "amount_too_large";

    // What an event must carry.
    public const string ProductIdMissing = "product_id_missing";
    public const string OrderIdMissing = "order_id_missing";
    public const string PaymentIdMissing = "payment_id_missing";
    public const string RecommendationIdMissing = "recommendation_id_missing";
    public const string RatingMissing = "rating_missing";
    public const string QueryMissing = "query_missing";
    public const string UserIdMissing = "user_id_missing";
    public const string NameMissing = "name_missing";

    // Lines of orders and refunds.
    public const string ProductsMissing = "products_missing";
    public const string TooManyLines = "too_many_lines";
    public const string NoValidLine = "no_valid_line";
    public const string NotAProduct = "not_a_product";
    public const string PriceMissing = "price_missing";
    public const string PriceNotPositive = "price_not_positive";
    public const string QuantityNotPositive = "quantity_not_positive";
}

/// <summary>Why something was refused.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Path">JSON path inside the event, "$" for the whole.</param>
/// <param name="Detail">What a person needs to mend it; free of personal data.</param>
internal sealed record Rejection(string Reason, string Path, string? Detail = null);
