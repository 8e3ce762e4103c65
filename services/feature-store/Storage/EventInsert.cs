using Dapper;
using Ecom.Features;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>Writes events into <c>shop_events</c>, all of a message in one statement.</summary>
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

    /// <summary>Writes in the connection's open transaction; an event that is there already stays as it is.</summary>
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
            Times = events.Select(e => DateTimeOffset.FromUnixTimeMilliseconds(e.AtMs).UtcDateTime).ToArray(),
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
}
