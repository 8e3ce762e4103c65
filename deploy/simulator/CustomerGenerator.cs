namespace Ecom.Simulator;

/// <summary>Invents people.</summary>
internal sealed class CustomerGenerator(int seed, Catalogue catalogue, DateTimeOffset start, DateTimeOffset end)
{
    // Home market first: index 0 is drawn for most customers.
    private static readonly string[] _countries =
        ["GB", "GB", "GB", "GB", "GB", "GB", "GB", "IE", "DE", "FR", "NL", "ES", "BE", "US"];

    private static readonly string[] _schemes = ["visa", "visa", "mastercard", "mastercard", "amex"];

    private static readonly string[] _domains = ["mail.example", "post.example", "inbox.example", "web.example"];

    private static readonly string[] _userAgents =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    ];

    public Customer Registered(int index)
    {
        var dice = new Dice(seed, "customer", index);
        var kind = dice.Uniform() switch
        {
            < 0.14 => CustomerKind.Loyal,
            < 0.50 => CustomerKind.Occasional,
            < 0.66 => CustomerKind.BargainHunter,
            < 0.80 => CustomerKind.New,
            _ => CustomerKind.Churned,
        };
        return Person(dice, $"c-{index + 1:00000}", kind, Rate(kind) * dice.LogNormal(1, 0.3));
    }

    /// <summary>A customer of an imported shop: registered long ago, never churned.</summary>
    public Customer Known(int index, string id, double visitsPerDay)
    {
        var dice = new Dice(seed, "known:" + id, index);
        var kind = dice.Chance(0.3) ? CustomerKind.Loyal : CustomerKind.Occasional;
        var customer = Person(dice, id, kind, visitsPerDay);
        customer.RegisteredAt = start.AddDays(-dice.Int(30, 400));
        return customer;
    }

    public Customer Anonymous(int index, double visitsPerDay) =>
        Person(new Dice(seed, "anonymous", index), null, CustomerKind.Occasional, visitsPerDay);

    public static Device NewDevice(Dice dice, string ipCountry) =>
        new($"d-{dice.Hex(10)}", $"a-{dice.Hex(12)}", NewIp(dice), dice.Pick(_userAgents), ipCountry);

    // 198.18.0.0/15 is set aside for benchmarks: nobody's address.
    public static string NewIp(Dice dice) => $"198.{dice.Int(18, 20)}.{dice.Int(0, 256)}.{dice.Int(1, 255)}";

    public static Card NewCard(Dice dice, string country) =>
        new($"card-{dice.Hex(14)}", dice.Pick(_schemes), country);

    private static double Rate(CustomerKind kind) => kind switch
    {
        CustomerKind.Loyal => 0.16,
        CustomerKind.Occasional => 0.035,
        CustomerKind.BargainHunter => 0.045,
        CustomerKind.New => 0.07,
        _ => 0.08,
    };

    private Customer Person(Dice dice, string? id, CustomerKind kind, double visitsPerDay)
    {
        var country = dice.Pick(_countries);
        var first = dice.Int(0, catalogue.Categories);
        var second = catalogue.AnyCategory(dice);
        var days = (end - start).TotalDays;
        return new Customer
        {
            Id = id,
            Kind = kind,
            Email = $"{id ?? dice.Hex(8)}@{dice.Pick(_domains)}",
            Country = country,
            Devices = [.. Enumerable.Range(0, dice.Int(1, 3)).Select(_ => NewDevice(dice, country))],
            Cards = [.. Enumerable.Range(0, dice.Chance(0.2) ? 2 : 1).Select(_ => NewCard(dice, country))],
            Favourites = [first, first, second],
            FavouriteBrand = dice.Chance(0.6) ? dice.Pick(catalogue.Products).Brand : null,
            VisitsPerDay = visitsPerDay,
            ActiveFrom = kind == CustomerKind.New ? end.AddDays(-dice.Uniform(1, Math.Min(40, days))) : start,
            ChurnedAt = kind == CustomerKind.Churned ? start.AddDays(days * dice.Uniform(0.25, 0.75)) : null,
        };
    }
}
