namespace Ecom.Recommendation.Outcomes;

/// <summary>What came of a day's answers of one slice; outcomes count for the day of their answer.</summary>
internal sealed record PlacementDay
{
    /// <summary>Day in UTC.</summary>
    public required string Day { get; init; }

    public required string Placement { get; init; }

    /// <summary>0 when no list of a model is in the answers.</summary>
    public required int ModelVersion { get; init; }

    /// <summary>Number of the experiment; 0 outside experiments.</summary>
    public required int Experiment { get; init; }

    /// <summary>Index of the arm; 0 outside experiments.</summary>
    public required int Arm { get; init; }

    public required long Answers { get; init; }

    /// <summary>Products shown, each answer's counted.</summary>
    public required long Impressions { get; init; }

    /// <summary>Answers without any product.</summary>
    public required long Empty { get; init; }

    public required long Degraded { get; init; }

    /// <summary>Answers that took longer than <c>Recommendation:SlowAnswer</c>.</summary>
    public required long Slow { get; init; }

    /// <summary>Products of an answer that were clicked.</summary>
    public required long Clicks { get; init; }

    public required long Carts { get; init; }

    /// <summary>Order lines attributed.</summary>
    public required long Orders { get; init; }

    /// <summary>Their value in minor units of the base currency.</summary>
    public required long Revenue { get; init; }

    /// <summary>Different products shown.</summary>
    public required long ProductsShown { get; init; }

    /// <summary>Products that the shop sells now.</summary>
    public required long Catalogue { get; init; }

    /// <summary>Clicks by product shown.</summary>
    public double ClickRate => Share(Clicks, Impressions);

    public double CartRate => Share(Carts, Impressions);

    public double BuyRate => Share(Orders, Impressions);

    /// <summary>Different products shown, as a share of the catalogue.</summary>
    public double Coverage => Math.Min(1, Share(ProductsShown, Catalogue));

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
