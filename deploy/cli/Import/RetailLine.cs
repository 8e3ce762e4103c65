namespace Ecom.Cli.Import;

/// <summary>One line of an Online Retail file. Two lines are duplicates if all eight fields are equal.</summary>
internal sealed record RetailLine
{
    private const int StemDigits = 5;

    public required string InvoiceNo { get; init; }

    /// <summary>Upper case: "85123a" and "85123A" are one product.</summary>
    public required string StockCode { get; init; }

    /// <summary>Empty if absent.</summary>
    public required string Description { get; init; }

    public required int Quantity { get; init; }

    /// <summary>The file states no zone: its time is taken as UTC.</summary>
    public required DateTime InvoiceDate { get; init; }

    public required decimal UnitPrice { get; init; }

    /// <summary>Empty if the invoice has no customer.</summary>
    public required string CustomerId { get; init; }

    public required string Country { get; init; }

    public bool IsCancellation => InvoiceNo.StartsWith('C');

    /// <summary>Codes without a stem of five digits are postage, fees, vouchers and corrections.</summary>
    public bool IsProduct =>
        StockCode.Length >= StemDigits && !StockCode.AsSpan(0, StemDigits).ContainsAnyExceptInRange('0', '9');

    public bool IsSale => IsProduct && !IsCancellation && Quantity > 0 && UnitPrice > 0;
}
