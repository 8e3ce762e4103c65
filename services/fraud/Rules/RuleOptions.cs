namespace Ecom.Fraud.Rules;

/// <summary>A rule of the configuration. Its key is its code, which alerts show.</summary>
internal sealed class RuleOptions
{
    /// <summary>Whether it is used. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The condition, in the language of docs/rules.md; <c>GET /v1/rules</c> lists the features.</summary>
    public string When { get; set; } = "";

    /// <summary>How much suspicion it adds, from 0 to 1: the score is 1 − ∏(1 − weight).</summary>
    public double Weight { get; set; }

    /// <summary>What it does beside. Default: nothing, the score decides.</summary>
    public RuleAction Action { get; set; }

    /// <summary>
    /// One sentence for people. <c>{value}</c> and <c>{threshold}</c> are the sides of the first comparison of numbers
    /// that holds, and the name of a feature in braces is its value.
    /// </summary>
    public string Text { get; set; } = "";

    public RuleDefinition ToDefinition() => new() { When = When, Weight = Weight, Action = Action, Text = Text };
}
