namespace Ecom.Algorithms.Classification;

/// <summary>A model of two classes whose log-odds can be taken apart by feature. Immutable and thread-safe.</summary>
public interface IMarginModel
{
    /// <summary>How many values a row has.</summary>
    int Features { get; }

    /// <summary>The log-odds of a row.</summary>
    /// <param name="row">As many values as features; NaN is missing.</param>
    double Margin(ReadOnlySpan<float> row);

    /// <summary>The log-odds of a row, bit for bit as <see cref="Margin"/> gives them, and what made them.</summary>
    /// <param name="row">As many values as features; NaN is missing.</param>
    /// <param name="contributions">Takes what each feature adds to the log-odds of an ordinary row.</param>
    double Explain(ReadOnlySpan<float> row, Span<double> contributions);
}
