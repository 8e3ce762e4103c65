using Ecom.Fraud.Payments;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Rules;

/// <summary>Refuses a start with rules that could not work, and says which.</summary>
internal sealed class FraudOptionsCheck : IValidateOptions<FraudOptions>
{
    public ValidateOptionsResult Validate(string? name, FraudOptions options)
    {
        var failures = options.Rules.SelectMany(rule => Failures(rule.Key, rule.Value)).ToList();
        if (!(options.ReviewAt > 0 && options.ReviewAt <= options.BlockAt && options.BlockAt <= 1))
        {
            failures.Add("Fraud:ReviewAt must be above 0 and at most Fraud:BlockAt, which is at most 1.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(string code, RuleOptions rule)
    {
        var conditions = rule.Also.Select(also => (also.Feature, also.Comparison, also.Threshold))
            .Prepend((rule.Feature, rule.Comparison, rule.Threshold));
        foreach (var (feature, comparison, threshold) in conditions)
        {
            if (!PaymentVector.Names.Contains(feature))
            {
                yield return $"Fraud:Rules:{code}: there is no feature '{feature}'. "
                    + $"There are: {string.Join(", ", PaymentVector.Names)}.";
            }

            if (!double.IsFinite(threshold))
            {
                yield return $"Fraud:Rules:{code}: the threshold of '{feature}' is no finite number.";
            }

            if (!Enum.IsDefined(comparison))
            {
                yield return $"Fraud:Rules:{code}: unknown comparison {comparison}.";
            }
        }

        if (!(rule.Weight > 0 && rule.Weight <= 1))
        {
            yield return $"Fraud:Rules:{code}: the weight must be above 0 and at most 1.";
        }

        if (!Enum.IsDefined(rule.Action))
        {
            yield return $"Fraud:Rules:{code}: unknown action {rule.Action}.";
        }

        if (string.IsNullOrWhiteSpace(rule.Text))
        {
            yield return $"Fraud:Rules:{code}: it needs a text that people can read.";
        }
    }
}
