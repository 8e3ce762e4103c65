using System.Globalization;
using Ecom.Contracts;
using Ecom.Contracts.Payments;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>
/// Payments of a made-up shop: many customers, some of them often, with cards, devices and addresses of their own; some
/// who have never been seen; a few attackers who try many cards on few devices. The same run, seed and number give the
/// same payment.
/// </summary>
/// <remarks>Customers, shares and rates are such that few payments raise alerts: about one in a hundred.</remarks>
internal sealed class PaymentStream
{
    private const int Customers = 100_000;
    private const int Networks = 20_000;
    private const int Terminals = 500;
    private const int Domains = 200;
    private const int Devices = 200;
    private const double ShareOfNew = 0.1;
    private const double ShareOfAttacks = 0.006;

    // Zipf's law without its head: nobody pays every second.
    private const int Flattening = 20_000;

    private static readonly string[] _countries = ["GB", "FR", "DE", "IE", "US"];
    private readonly string _run;
    private readonly int _seed;
    private readonly double[] _upTo = new double[Customers];

    /// <param name="run">Eight hexadecimal digits in every id, so that runs share nothing.</param>
    /// <param name="seed">Makes the draws.</param>
    public PaymentStream(string run, int seed)
    {
        (_run, _seed) = (run, seed);
        var sum = 0.0;
        for (var customer = 0; customer < Customers; customer++)
        {
            _upTo[customer] = sum += 1.0 / (customer + Flattening);
        }
    }

    /// <summary>First and last possible id of a run's payments, in the order of bytes.</summary>
    public static (string First, string Last) IdsOf(string run) => ($"{run}-", $"{run}-~");

    /// <summary>A payment that is tried now.</summary>
    /// <param name="part">A letter for each part of the run.</param>
    /// <param name="number">Its number in that part.</param>
    /// <param name="at">When.</param>
    public PaymentAttempted Next(char part, long number, DateTimeOffset at)
    {
        var random = new Random(HashCode.Combine(_seed, part, number));
        return random.NextDouble() < ShareOfAttacks
            ? Attack(random, $"{_run}-{part}{number:D9}", at)
            : Ordinary(random, $"{_run}-{part}{number:D9}", at);
    }

    /// <summary>A payment of the last sixty days, which raises nothing.</summary>
    public PaymentAttempted Past(long number, DateTimeOffset now)
    {
        var random = new Random(HashCode.Combine(_seed, 'p', number));
        var at = now.AddDays(-60 * random.NextDouble()).AddHours(-1);
        return Ordinary(random, $"{_run}-p{number:D9}", at) with { Backfill = true };
    }

    private PaymentAttempted Ordinary(Random random, string id, DateTimeOffset at)
    {
        var isNew = random.NextDouble() < ShareOfNew;
        var who = isNew ? Customers + random.Next(1_000_000_000) : Draw(random);
        var card = random.NextDouble() < 0.9 ? who : who + 2_000_000_000L;
        var device = random.NextDouble() < 0.95 ? who : who ^ 1L;
        var country = _countries[random.NextDouble() < 0.92 ? 0 : random.Next(_countries.Length)];
        return Payment(id, at, random, 500 + (long)(4_000 * Math.Exp(random.NextDouble() * 2))) with
        {
            CustomerId = $"{_run}-c{who}",
            CardHash = Hash('a', card),
            CardCountry = country,
            EmailHash = Hash('b', who),
            EmailDomain = $"mail{(int)(Domains * Math.Pow(random.NextDouble(), 3))}.example",
            BillingCountry = country,
            ShippingCountry = country,
            ShippingAddressHash = Hash('c', who / 2),
            BillingAddressHash = Hash('c', who / 2),
            Source = new Source
            {
                DeviceId = $"{_run}-d{device}",
                IpHash = Hash('d', random.NextDouble() < 0.9 ? who : random.Next(1_000_000)),
                IpNetworkHash = Hash('e', who % Networks),
                IpCountry = country,
                SessionId = id,
            },
        };
    }

    // A farm of devices, each time another stolen card and a made-up customer; most are refused.
    private PaymentAttempted Attack(Random random, string id, DateTimeOffset at)
    {
        var device = random.Next(Devices);
        var stolen = random.Next(1_000_000_000);
        return Payment(id, at, random, 100 + random.Next(900)) with
        {
            CustomerId = $"{_run}-f{stolen}",
            CardHash = Hash('f', stolen),
            CardCountry = "US",
            EmailDomain = "mail0.example",
            BillingCountry = "US",
            ShippingCountry = "GB",
            Succeeded = random.NextDouble() < 0.3,
            Source = new Source
            {
                DeviceId = $"{_run}-farm{device}",
                IpHash = Hash('f', device),
                IpNetworkHash = Hash('e', device),
                IpCountry = "GB",
            },
        };
    }

    private static PaymentAttempted Payment(string id, DateTimeOffset at, Random random, long amount) => new()
    {
        EventId = Guid.Empty,
        PaymentId = id,
        OrderId = $"o-{id}",
        Amount = new Money { Amount = amount, Currency = "GBP", BaseAmount = amount, BaseCurrency = "GBP" },
        CardScheme = "visa",
        TerminalId = $"terminal-{(int)(Terminals * Math.Pow(random.NextDouble(), 2))}",
        Succeeded = random.NextDouble() switch { < 0.02 => null, < 0.04 => false, _ => true },
        Source = new Source(),
        AttemptedAt = at,
        ReceivedAt = at,
        PartitionKey = id,
    };

    private int Draw(Random random)
    {
        var at = Array.BinarySearch(_upTo, random.NextDouble() * _upTo[^1]);
        return at < 0 ? Math.Min(~at, Customers - 1) : at;
    }

    // In the form of ingestion's keyed hashes.
    private string Hash(char kind, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{_run}{kind}{number:x23}");
}
