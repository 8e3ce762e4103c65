using Ecom.Rules.Evaluation;

namespace Ecom.Fraud.Rules;

/// <summary>A rule that is judged by without effect.</summary>
/// <param name="Name">As decisions name it: code@version.</param>
/// <param name="Rule">The condition.</param>
internal sealed record ShadowRule(string Name, CompiledRule Rule)
{
    /// <param name="named">A rule without problems.</param>
    public static ShadowRule Of(NamedRule named) => named.Rule.Problems(out var compiled).Count == 0
        ? new ShadowRule(named.Name, compiled!)
        : throw new ArgumentException($"The rule {named.Name} is wrong.", nameof(named));
}
