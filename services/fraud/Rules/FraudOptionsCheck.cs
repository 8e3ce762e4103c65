using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Rules;

/// <summary>Refuses a start with rules that could not work, and says which.</summary>
internal sealed class FraudOptionsCheck : IValidateOptions<FraudOptions>
{
    private static readonly TimeSpan _training = TimeSpan.FromDays(7);

    public ValidateOptionsResult Validate(string? name, FraudOptions options)
    {
        var failures = options.Rules.SelectMany(rule => Failures(rule.Key, rule.Value)).ToList();
        if (!(options.ReviewAt > 0 && options.ReviewAt <= options.BlockAt && options.BlockAt <= 1))
        {
            failures.Add("Fraud:ReviewAt must be above 0 and at most Fraud:BlockAt, which is at most 1.");
        }

        if (options.Model.MaxAge <= options.LabelMaturity + _training)
        {
            failures.Add("Fraud:Model:MaxAge must be a week more than Fraud:LabelMaturity at least: a model learns "
                + "from payments whose labels have matured.");
        }

        if (options.Countries is { } file && !File.Exists(file))
        {
            failures.Add($"Fraud:Countries: there is no file {file}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(string code, RuleOptions rule)
    {
        if (!RuleCode.IsRight(code))
        {
            yield return $"Fraud:Rules:{code}: {RuleCode.Wanted}";
        }

        foreach (var (field, problems) in rule.ToDefinition().Problems(out _))
        {
            foreach (var problem in problems)
            {
                yield return $"Fraud:Rules:{code}:{field}: {problem}";
            }
        }
    }
}
