using Dapper;
using Ecom.Features;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.FeatureStore.Storage;

/// <summary>Writes events into <c>shop_events</c>, in the connection's open transaction.</summary>
internal static class EventInsert
{
    private const string Sql = $"""
        insert into shop_events ({EventRow.Columns})
        select * from unnest(
            @Ids, @Lines, @Messages, @Kinds, @Times, @Customers, @Anonymous, @Products, @References, @Categories,
            @Sessions, @Devices, @Ips, @Networks, @IpCountries, @Cards, @CardCountries,
            @Billing, @Shipping, @Emails, @Domains,
            @Succeeded, @Amounts, @Quantities, @Ratings, @Backfill)
        on conflict do nothing
        returning id, line
        """;

    private static readonly string[] _kinds = Enum.GetNames<ShopEventKind>();

    /// <summary>Writes a few events; one that is there already stays as it is.</summary>
    /// <returns>The messages, with those of their events that are new.</returns>
    public static async Task<IReadOnlyList<RecordedMessage>> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<RecordedMessage> messages, CancellationToken cancellation)
    {
        var events = messages.SelectMany(message => message.Events).ToArray();
        if (events.Length == 0)
        {
            return messages;
        }

        var parameters = new
        {
            Ids = events.Select(e => e.Id).ToArray(),
            Lines = events.Select(e => e.Line).ToArray(),
            Messages = messages.SelectMany(m => m.Events.Select(_ => m.MessageId)).ToArray(),
            Kinds = events.Select(e => e.Kind.ToString()).ToArray(),
            Times = events.Select(TimeOf).ToArray(),
            Customers = Texts(e => e.Customer),
            Anonymous = Texts(e => e.Anonymous),
            Products = Texts(e => e.Product),
            References = Texts(e => e.Reference),
            Categories = Texts(e => e.Category),
            Sessions = Texts(e => e.Session),
            Devices = Texts(e => e.Device),
            Ips = Texts(e => e.Ip),
            Networks = Texts(e => e.IpNetwork),
            IpCountries = Texts(e => e.IpCountry),
            Cards = Texts(e => e.Card),
            CardCountries = Texts(e => e.CardCountry),
            Billing = Texts(e => e.BillingCountry),
            Shipping = Texts(e => e.ShippingCountry),
            Emails = Texts(e => e.Email),
            Domains = Texts(e => e.EmailDomain),
            Succeeded = events.Select(e => e.Succeeded).ToArray(),
            Amounts = events.Select(e => e.Amount).ToArray(),
            Quantities = events.Select(e => e.Quantity).ToArray(),
            Ratings = events.Select(e => e.Rating).ToArray(),
            Backfill = events.Select(e => e.Backfill).ToArray(),
        };
        var written = (await connection.QueryAsync<(Guid Id, int Line)>(
            new CommandDefinition(Sql, parameters, cancellationToken: cancellation))).ToHashSet();
        return written.Count == events.Length
            ? messages
            : [.. messages.Select(m => m with { Events = [.. m.Events.Where(e => written.Remove((e.Id, e.Line)))] })];

        string?[] Texts(Func<ShopEvent, string?> of) => [.. events.Select(of)];
    }

    /// <summary>
    /// Copies many events: half the cost, but one that is there already (under another message's id) fails all.
    /// </summary>
    public static async Task CopyAsync(
        NpgsqlConnection connection, IReadOnlyList<RecordedMessage> messages, CancellationToken cancellation)
    {
        const string Copy = $"copy shop_events ({EventRow.Columns}) from stdin (format binary)";

        await using var import = await connection.BeginBinaryImportAsync(Copy, cancellation);
        foreach (var message in messages)
        {
            foreach (var shopEvent in message.Events)
            {
                await import.StartRowAsync(cancellation);
                await WriteRowAsync(import, message.MessageId, shopEvent, cancellation);
            }
        }

        await import.CompleteAsync(cancellation);
    }

    private static async Task WriteRowAsync(
        NpgsqlBinaryImporter import, Guid messageId, ShopEvent shopEvent, CancellationToken cancellation)
    {
        await import.WriteAsync(shopEvent.Id, NpgsqlDbType.Uuid, cancellation);
        await import.WriteAsync(shopEvent.Line, NpgsqlDbType.Integer, cancellation);
        await import.WriteAsync(messageId, NpgsqlDbType.Uuid, cancellation);
        await import.WriteAsync(_kinds[(int)shopEvent.Kind], NpgsqlDbType.Text, cancellation);
        await import.WriteAsync(TimeOf(shopEvent), NpgsqlDbType.TimestampTz, cancellation);
        await WriteAsync(shopEvent.Customer);
        await WriteAsync(shopEvent.Anonymous);
        await WriteAsync(shopEvent.Product);
        await WriteAsync(shopEvent.Reference);
        await WriteAsync(shopEvent.Category);
        await WriteAsync(shopEvent.Session);
        await WriteAsync(shopEvent.Device);
        await WriteAsync(shopEvent.Ip);
        await WriteAsync(shopEvent.IpNetwork);
        await WriteAsync(shopEvent.IpCountry);
        await WriteAsync(shopEvent.Card);
        await WriteAsync(shopEvent.CardCountry);
        await WriteAsync(shopEvent.BillingCountry);
        await WriteAsync(shopEvent.ShippingCountry);
        await WriteAsync(shopEvent.Email);
        await WriteAsync(shopEvent.EmailDomain);

        await WriteNullableAsync(import, shopEvent.Succeeded, NpgsqlDbType.Boolean, cancellation);
        await WriteNullableAsync(import, shopEvent.Amount, NpgsqlDbType.Bigint, cancellation);
        await WriteNullableAsync(import, shopEvent.Quantity, NpgsqlDbType.Bigint, cancellation);
        await WriteNullableAsync(import, shopEvent.Rating, NpgsqlDbType.Bigint, cancellation);
        await import.WriteAsync(shopEvent.Backfill, NpgsqlDbType.Boolean, cancellation);

        Task WriteAsync(string? text) => text is null
            ? import.WriteNullAsync(cancellation)
            : import.WriteAsync(text, NpgsqlDbType.Text, cancellation);
    }

    private static Task WriteNullableAsync<T>(
        NpgsqlBinaryImporter import, T? value, NpgsqlDbType type, CancellationToken cancellation)
        where T : struct =>
        value is { } given ? import.WriteAsync(given, type, cancellation) : import.WriteNullAsync(cancellation);

    private static DateTime TimeOf(ShopEvent shopEvent) =>
        DateTimeOffset.FromUnixTimeMilliseconds(shopEvent.AtMs).UtcDateTime;
}
