namespace Ecom.Simulator;

/// <summary>State of one visit while it runs.</summary>
internal sealed class Session
{
    public required Customer Customer { get; init; }

    public required Dice Dice { get; init; }

    public required DateOnly Day { get; init; }

    public required Visit Visit { get; init; }

    public required DateTimeOffset Clock { get; set; }

    public List<CartLine> Cart { get; } = [];

    public void Wait(double fromSeconds, double untilSeconds) =>
        Clock = Clock.AddMilliseconds(Math.Round(1000 * Dice.Uniform(fromSeconds, untilSeconds)));
}

/// <summary>A product in a cart, at the price of the day.</summary>
internal sealed record CartLine(int Product, int Quantity, decimal Price);

/// <summary>How a payment is made.</summary>
internal sealed record Payer(Card Card, string Email, string BillingCountry, string ShippingCountry);
