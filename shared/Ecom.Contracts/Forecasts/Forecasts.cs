namespace Ecom.Contracts.Forecasts;

/// <summary>New demand forecasts, up to 100 products in one message. Published by forecasting.</summary>
public sealed record DemandForecasted
{
    /// <summary>1 to 100 products.</summary>
    public required IReadOnlyList<ProductDemand> Products { get; init; }

    /// <summary>Last day of sales that the forecasts know (UTC date).</summary>
    public required DateOnly Origin { get; init; }

    /// <summary>When they were made, UTC.</summary>
    public required DateTimeOffset ForecastedAt { get; init; }
}

/// <summary>Expected demand of one product.</summary>
public sealed record ProductDemand
{
    /// <summary>Product id.</summary>
    public required string ProductId { get; init; }

    /// <summary>Method chosen by back-test, for example "theta".</summary>
    public required string Method { get; init; }

    /// <summary>Expected units in the next 7 days.</summary>
    public required double Next7Days { get; init; }

    /// <summary>Expected units in the next 28 days.</summary>
    public required double Next28Days { get; init; }
}

/// <summary>A new price forecast. Published by forecasting.</summary>
public sealed record PriceForecasted
{
    /// <summary>Product id.</summary>
    public required string ProductId { get; init; }

    /// <summary>Expected unit price in minor units of the base currency.</summary>
    public required long ExpectedPrice { get; init; }

    /// <summary>Own-price elasticity of demand; null if it could not be estimated.</summary>
    public double? Elasticity { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset ForecastedAt { get; init; }
}

/// <summary>Stock will not last: order now. Published by forecasting, never for imported history.</summary>
public sealed record ReorderRecommended
{
    /// <summary>Deterministic id: the same product, day and policy give the same id.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Product id.</summary>
    public required string ProductId { get; init; }

    /// <summary>Units to order, at least 1.</summary>
    public required int Quantity { get; init; }

    /// <summary>Units on hand when it was decided.</summary>
    public required int Stock { get; init; }

    /// <summary>Stock level at or below which an order is due.</summary>
    public required double ReorderPoint { get; init; }

    /// <summary>Lead time in days that was assumed.</summary>
    public required int LeadTimeDays { get; init; }

    /// <summary>Cycle service level aimed at, in (0, 1).</summary>
    public required double ServiceLevel { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset RecommendedAt { get; init; }
}
