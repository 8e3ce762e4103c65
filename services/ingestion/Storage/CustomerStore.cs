using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Ingestion.Envelopes;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>Who is who: tables identities (anonymous → known) and customers.</summary>
internal static class CustomerStore
{
    /// <summary>Links browsers to customers in the open transaction.</summary>
    /// <returns>The links that are new.</returns>
    public static async Task<IReadOnlySet<(string AnonymousId, string CustomerId)>> LinkAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<(string AnonymousId, string CustomerId)> links,
        DateTimeOffset at,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into identities (anonymous_id, customer_id, linked_at)
            select anonymous_id, customer_id, @at
            from unnest(@Anonymous, @Customers) as i (anonymous_id, customer_id)
            order by anonymous_id, customer_id
            on conflict do nothing
            returning anonymous_id, customer_id
            """;

        if (links.Count == 0)
        {
            return new HashSet<(string, string)>();
        }

        var added = await connection.QueryAsync<(string, string)>(new CommandDefinition(
            Sql,
            new
            {
                Anonymous = links.Select(link => link.AnonymousId).ToArray(),
                Customers = links.Select(link => link.CustomerId).ToArray(),
                at,
            },
            cancellationToken: cancellation));
        return added.ToHashSet();
    }

    /// <summary>
    /// Writes what identify events say, in the open transaction; what they leave out stays as it was.
    /// </summary>
    public static async Task WriteAsync(
        NpgsqlConnection connection, IEnumerable<ReadEvent> identified, CancellationToken cancellation)
    {
        const string Sql = """
            insert into customers as c
                (customer_id, country, email_hash, email_domain, phone_hash, registered_at, changed_at)
            select * from unnest(@Ids, @Countries, @EmailHashes, @EmailDomains, @PhoneHashes, @RegisteredAt, @ChangedAt)
            on conflict (customer_id) do update
            set country = coalesce(excluded.country, c.country),
                email_hash = coalesce(excluded.email_hash, c.email_hash),
                email_domain = coalesce(excluded.email_domain, c.email_domain),
                phone_hash = coalesce(excluded.phone_hash, c.phone_hash),
                registered_at = coalesce(excluded.registered_at, c.registered_at),
                changed_at = greatest(excluded.changed_at, c.changed_at)
            """;

        var rows = identified
            .GroupBy(e => e.CustomerId!)
            .OrderBy(customer => customer.Key, StringComparer.Ordinal)
            .Select(customer => customer.Select(e => ((CustomerIdentified)e.Message!, e.PhoneHash)).ToArray())
            .Select(said => new
            {
                Last = said[^1].Item1,
                Country = said.Select(s => s.Item1.Country).LastOrDefault(value => value is not null),
                EmailHash = said.Select(s => s.Item1.EmailHash).LastOrDefault(value => value is not null),
                EmailDomain = said.Select(s => s.Item1.EmailDomain).LastOrDefault(value => value is not null),
                PhoneHash = said.Select(s => s.PhoneHash).LastOrDefault(value => value is not null),
                RegisteredAt = said.Select(s => s.Item1.RegisteredAt).LastOrDefault(value => value is not null),
            })
            .ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Ids = rows.Select(row => row.Last.CustomerId).ToArray(),
                Countries = rows.Select(row => row.Country).ToArray(),
                EmailHashes = rows.Select(row => row.EmailHash).ToArray(),
                EmailDomains = rows.Select(row => row.EmailDomain).ToArray(),
                PhoneHashes = rows.Select(row => row.PhoneHash).ToArray(),
                RegisteredAt = rows.Select(row => row.RegisteredAt).ToArray(),
                ChangedAt = rows.Select(row => row.Last.IdentifiedAt).ToArray(),
            },
            cancellationToken: cancellation));
    }
}
