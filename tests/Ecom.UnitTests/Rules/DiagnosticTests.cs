using System.Text.Json;
using Ecom.Rules;
using Ecom.Rules.Checking;

namespace Ecom.UnitTests.Rules;

/// <summary>What users get wrong is told with its place.</summary>
public sealed class DiagnosticTests
{
    [Theory]
    [InlineData("", 1, 1, "Expected a value, but found the end of the rule.")]
    [InlineData("amount >", 1, 9, "Expected a value, but found the end of the rule.")]
    [InlineData("amount > 1 and\n  or mean > 2", 2, 3, "Expected a value, but found 'or'.")]
    [InlineData("amount > 1 mean", 1, 12, "Expected the end of the rule, but found 'mean'.")]
    [InlineData("(amount > 1", 1, 12, "Expected ')', but found the end of the rule.")]
    [InlineData("1 < amount < 5", 1, 12, "Comparisons do not chain: write 'a < b and b < c'.")]
    [InlineData("amount > 1 AND true", 1, 12, "Expected the end of the rule, but found 'AND'.")]
    [InlineData("NOT true", 1, 1, "Write 'not': keywords are in lower case.")]
    [InlineData("country == 'NG'", 1, 12, "The character ''' has no meaning here. Texts stand in double quotes.")]
    [InlineData("amount > 1 && true", 1, 12, "The character '&' has no meaning here. Write 'and'.")]
    [InlineData("country == \"NG", 1, 12, "The text has no closing quote.")]
    [InlineData(
        "country == \"N\\G\"", 1, 14,
        "The escapes are \\\" \\\\ \\n \\r \\t and \\u with four hexadecimal digits.")]
    [InlineData("country == \"N\nG\"", 1, 14, "A text ends on its line: write \\n for a new line within it.")]
    [InlineData("country == \"\\ud83d\"", 1, 12, "The text holds half of a surrogate pair.")]
    [InlineData("amount > 1x", 1, 10, "This is no number; numbers are written 4, 0.5 or 1e6.")]
    [InlineData("amount > 1e999", 1, 10, "The number is too large.")]
    [InlineData("country in (card)", 1, 13, "Expected a number, a text, true or false, but found 'card'.")]
    [InlineData(
        "country in list(blocked)", 1, 17,
        "Expected the name of a list, in double quotes, but found 'blocked'.")]
    public void A_slip_in_writing_has_a_place(string rule, int line, int column, string message)
    {
        var error = Assert.Single(Vector.Errors(rule));

        Assert.Equal(("syntax", message), (error.Code, error.Message));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Equal($"{line}:{column}: {message}", error.ToString());
    }

    [Theory]
    [InlineData("amuont > 1", "unknown-feature", 0, 6, "There is no feature 'amuont'. Did you mean 'amount'?")]
    [InlineData("quantity > 1", "unknown-feature", 0, 8, "There is no feature 'quantity'.")]
    [InlineData(
        "is_new and amount > country", "type", 11, 16,
        "A number cannot be compared with a text: 'amount' is a number, 'country' is a text.")]
    [InlineData("country > \"A\"", "type", 0, 13, "'>' compares numbers, these are texts: they have == and != only.")]
    [InlineData("amount and is_new", "type", 0, 6, "'and' wants a boolean here, 'amount' is a number.")]
    [InlineData("not country", "type", 4, 7, "'not' wants a boolean here, 'country' is a text.")]
    [InlineData("country + 1 > 2", "type", 0, 7, "'+' wants a number here, 'country' is a text.")]
    [InlineData(
        "amount + 1", "type", 0, 10,
        "A rule must be a condition, this is a number: compare it with something.")]
    [InlineData("country in (\"NG\", 5)", "type", 18, 1, "A text cannot be a number: 'country' is a text.")]
    [InlineData("amount in list(\"x\")", "type", 0, 19, "Lists hold texts, this is a number.")]
    [InlineData("country in list(\"\")", "type", 0, 19, "The list has no name.")]
    [InlineData("min(amount) > 1", "arguments", 0, 11, "'min' takes 2 or more arguments, here are 1.")]
    [InlineData(
        "coalesce(amount, country) == 1", "type", 17, 7,
        "'coalesce' wants a number here, 'country' is a text.")]
    [InlineData("if(is_new, country, 1) == country", "type", 20, 1, "'if' wants a text here, '1' is a number.")]
    public void What_cannot_be_meant_is_refused_at_its_place(
        string rule, string code, int offset, int length, string message)
    {
        var error = Assert.Single(Vector.Errors(rule));

        Assert.Equal((code, message), (error.Code, error.Message));
        Assert.Equal((offset, length), (error.Offset, error.Length));
    }

    [Fact]
    public void An_unknown_function_is_told_with_those_that_exist()
    {
        var error = Assert.Single(Vector.Errors("execute(\"rm\")"));

        Assert.Equal("unknown-function", error.Code);
        Assert.Contains("starts_with", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_of_a_rule_come_at_once() =>
        Assert.Equal(
            [("type", 0), ("unknown-feature", 21), ("division-by-zero", 43)],
            Vector.Errors("amount == country or amuont > 2 and mean / 0 > 1")
                .Select(error => (error.Code, error.Offset)));

    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("(2 - 2)")]
    [InlineData("(mean * 0)")]
    [InlineData("(mean - mean)")]
    [InlineData("coalesce(mean, 0)")]
    [InlineData("max(mean, 0)")]
    [InlineData("if(is_new, mean, 0)")]
    [InlineData("abs(-(mean * 0))")]
    [InlineData("floor(0.9)")]
    [InlineData("length(\"\")")]
    public void A_division_by_what_can_be_the_constant_zero_is_refused(string divisor)
    {
        var error = Assert.Single(Vector.Errors($"amount / {divisor} > 1"));

        Assert.Equal("division-by-zero", error.Code);
        Assert.Equal(divisor.StartsWith('(') ? 10 : 9, error.Offset);
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("(mean + 1)")]
    [InlineData("coalesce(mean, 1)")]
    [InlineData("max(mean, 1)")]
    [InlineData("(mean - count)")]
    [InlineData("length(country)")]
    public void A_division_by_what_may_only_happen_to_be_zero_passes(string divisor) =>
        Vector.Compile($"amount / {divisor} > 1");

    [Fact]
    public void What_is_too_expensive_says_its_cost_and_the_limit()
    {
        var dear = string.Join(" or ", Enumerable.Repeat("contains(country, \"x\")", 30));
        var error = Assert.Single(Vector.Errors(dear));

        Assert.Equal("too-expensive", error.Code);
        Assert.Equal("The rule is too expensive: it costs 631, the limit is 500.", error.Message);
    }

    [Fact]
    public void Length_parts_and_depth_are_limited()
    {
        var limits = new RuleLimits { Characters = 60, Nodes = 9, Depth = 4 };
        var wide = string.Join(" or ", Enumerable.Repeat("is_new", 9));

        Assert.Equal(
            "The rule has more than 9 parts, which is the limit.",
            Message(wide[..^10] + " or is_new", limits with { Characters = 99 }));
        Assert.Equal("The rule has 86 characters, the limit is 60.", Message(wide, limits));
        Assert.Equal("The rule is nested more than 4 deep, which is the limit.", Message("((((((is_new))))))", limits));
        Assert.Equal("The rule is too expensive: it is nested 5 deep, the limit is 4.", Message("1+2+3+4 > 1", limits));
        Assert.All(
            [new string('(', 4_000), string.Concat(Enumerable.Repeat("not ", 900)), new string('-', 3_000)],
            deep => Assert.Equal("too-expensive", Vector.Errors(deep)[0].Code));
    }

    [Theory]
    [InlineData("""5""", "$", "Expected an object with a kind.")]
    [InlineData("""{"kind":"script"}""", "$.kind", "The kinds are")]
    [InlineData("""{"kind":"and","of":[{"kind":"boolean","value":true}]}""", "$.of", "at least two")]
    [InlineData("""{"kind":"not","of":{"kind":"boolean","value":1}}""", "$.of.value", "Expected true or false.")]
    [InlineData("""{"kind":"feature","name":"a or true"}""", "$.name", "Expected the name of a feature")]
    [InlineData("""{"kind":"feature","name":"x","run":1}""", "$.run", "There is no such property here.")]
    [InlineData("""{"kind":"text","value":"\ud800"}""", "$.value", "half of a surrogate pair")]
    [InlineData(
        """{"kind":"compare","operator":"~","left":{"kind":"number","value":1},"right":{"kind":"number","value":1}}""",
        "$.operator", "The operators are")]
    [InlineData("""{"kind":"in","value":{"kind":"feature","name":"country"}}""", "$", "items or list")]
    [InlineData("""{"kind":"number","value":1e999}""", "$.value", "Expected a finite number.")]
    public void A_slip_in_json_has_a_path(string json, string path, string message)
    {
        using var document = JsonDocument.Parse(json);

        Assert.False(Vector.Language.TryCompile(document.RootElement, out _, out var diagnostics));

        Assert.Equal(path, Assert.Single(diagnostics).Path);
        Assert.Contains(message, diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_json_is_refused_and_a_wrong_type_in_it_has_a_place_in_its_text()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"kind":"not","of":""", 100))
            + """{"kind":"boolean","value":true}""" + new string('}', 100);
        using var nested = JsonDocument.Parse(deep, new JsonDocumentOptions { MaxDepth = 500 });
        using var wrong = JsonDocument.Parse(
            """{"kind":"not","of":{"kind":"feature","name":"amount"}}""");

        Assert.False(Vector.Language.TryCompile(nested.RootElement, out _, out var diagnostics));
        Assert.Equal("too-expensive", diagnostics[0].Code);
        Assert.False(Vector.Language.TryCompile(wrong.RootElement, out _, out diagnostics));
        Assert.Equal(("type", 4), (diagnostics[0].Code, diagnostics[0].Offset));
    }

    [Theory]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("list")]
    [InlineData("")]
    public void A_schema_takes_no_name_that_rules_cannot_write(string name) =>
        Assert.Throws<ArgumentException>(() => new FeatureSchema([new(name, RuleType.Number)]));

    private static string Message(string rule, RuleLimits limits) => Vector.Errors(rule, limits)[0].Message;
}
