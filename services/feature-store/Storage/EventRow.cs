using Ecom.Features;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>Shop events as rows of <c>shop_events</c>.</summary>
internal static class EventRow
{
    /// <summary>The columns in the order that <see cref="Read"/> expects.</summary>
    public const string Columns = """
        id, line, message_id, kind, at, customer, anonymous, product, reference, category, session, device, ip,
        ip_network, ip_country, card, card_country, billing_country, shipping_country, email, email_domain, succeeded,
        amount, quantity, rating, backfill
        """;

    private const int MessageIdColumn = 2;

    public static Guid MessageId(NpgsqlDataReader row) => row.GetGuid(MessageIdColumn);

    public static ShopEvent Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Line = row.GetInt32(1),
        Kind = Enum.Parse<ShopEventKind>(row.GetString(3)),
        AtMs = new DateTimeOffset(row.GetDateTime(4)).ToUnixTimeMilliseconds(),
        Customer = Text(row, 5),
        Anonymous = Text(row, 6),
        Product = Text(row, 7),
        Reference = Text(row, 8),
        Category = Text(row, 9),
        Session = Text(row, 10),
        Device = Text(row, 11),
        Ip = Text(row, 12),
        IpNetwork = Text(row, 13),
        IpCountry = Text(row, 14),
        Card = Text(row, 15),
        CardCountry = Text(row, 16),
        BillingCountry = Text(row, 17),
        ShippingCountry = Text(row, 18),
        Email = Text(row, 19),
        EmailDomain = Text(row, 20),
        Succeeded = row.IsDBNull(21) ? null : row.GetBoolean(21),
        Amount = Number(row, 22),
        Quantity = Number(row, 23),
        Rating = Number(row, 24),
        Backfill = row.GetBoolean(25),
    };

    /// <summary>The column that holds the id of an entity of a kind.</summary>
    public static string ColumnOf(EntityKind kind) => kind switch
    {
        EntityKind.Customer => "customer",
        EntityKind.Visitor => "anonymous",
        EntityKind.Product => "product",
        EntityKind.Session => "session",
        EntityKind.Device => "device",
        EntityKind.Ip => "ip",
        EntityKind.IpNetwork => "ip_network",
        EntityKind.Card => "card",
        EntityKind.Category => "category",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static string? Text(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Number(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetInt64(column);
}
