namespace Ecom.Simulator;

/// <summary>A product of the shop, with what only the simulator knows about it.</summary>
public sealed record ShopProduct
{
    /// <summary>Id, 1–100 characters.</summary>
    public required string ProductId { get; init; }

    /// <summary>Display name; null if unknown.</summary>
    public string? Name { get; init; }

    /// <summary>Brand; null if unknown.</summary>
    public string? Brand { get; init; }

    /// <summary>Category; null if unknown.</summary>
    public string? Category { get; init; }

    /// <summary>List price of one unit in major units, positive.</summary>
    public required decimal Price { get; init; }

    /// <summary>Units on hand at the end; 0 or more.</summary>
    public int Stock { get; init; }

    /// <summary>How often it is looked at, relative to the others; positive. If imported: its units sold.</summary>
    public required double Popularity { get; init; }

    /// <summary>Day of the year, 1–365, on which demand is highest.</summary>
    public int PeakDayOfYear { get; init; } = 1;

    /// <summary>0 = no yearly season; 0.8 = demand swings between 0.2 and 1.8 of its mean.</summary>
    public double SeasonStrength { get; init; }

    /// <summary>Mean rating of its reviews, 1–5.</summary>
    public double Quality { get; init; } = 4;

    /// <summary>Season of the day relative to the year's mean of 1.</summary>
    /// <param name="day">Any day.</param>
    public double Season(DateOnly day) =>
        1 + (SeasonStrength * Math.Cos(2 * Math.PI * (day.DayOfYear - PeakDayOfYear) / 365.25));
}
