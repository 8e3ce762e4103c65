using System.Diagnostics;
using Ecom.Rules;
using Ecom.Rules.Evaluation;
using Ecom.Rules.Syntax;

namespace Ecom.UnitTests.Rules;

/// <summary>What holds of all rules: tried on thousands of them, made from seeds.</summary>
public sealed class PropertyTests
{
    private const int Rules = 6_000;
    private const int VectorsOfRule = 12;
    private static readonly RuleLimits _wide = new() { Nodes = 20_000, Cost = 100_000, Characters = 200_000 };

    [Fact]
    public void The_evaluator_agrees_with_a_plain_reading_of_the_tree()
    {
        var language = new RuleLanguage(Vector.Schema, _wide);
        var (judged, held) = (0, 0);
        for (var seed = 0; seed < Rules; seed++)
        {
            var random = new RandomRules(seed);
            var tree = random.Condition(depth: 1 + (seed % 4));
            if (!language.TryCompile(ExpressionText.Write(tree), out var rule, out var diagnostics))
            {
                Assert.All(diagnostics, diagnostic => Assert.Equal("division-by-zero", diagnostic.Code));
                continue;
            }

            for (var i = 0; i < VectorsOfRule; i++)
            {
                var vector = random.Vector();
                var holds = rule.Holds(vector.ToFeatures());
                Assert.True(
                    ReferenceEvaluator.Holds(tree, vector) == holds,
                    $"Seed {seed}: {ExpressionText.Write(tree)} should not be {holds}.");
                Assert.Equal(holds, rule.Explain(vector.ToFeatures()).Holds);
                judged++;
                held += holds ? 1 : 0;
            }
        }

        // Both answers must be common, or the agreement would say little.
        Assert.True(judged > Rules * VectorsOfRule / 2, $"Only {judged} were judged.");
        Assert.InRange((double)held / judged, 0.2, 0.8);
    }

    [Fact]
    public void Text_and_json_are_two_forms_of_one_tree()
    {
        for (var seed = 0; seed < Rules; seed++)
        {
            var tree = new RandomRules(seed).Condition(depth: 1 + (seed % 4));
            var text = ExpressionText.Write(tree);
            var json = ExpressionJson.ToElement(tree);

            Assert.True(Parser.TryParse(text, _wide, out var fromText, out var error), $"{text}: {error}");
            Assert.Equal(json.GetRawText(), ExpressionJson.ToElement(fromText).GetRawText());
            Assert.Equal(text, ExpressionText.Write(fromText));

            Assert.True(JsonParser.TryParse(json, _wide, out var fromJson, out error), $"{json}: {error}");
            Assert.Equal(text, ExpressionText.Write(fromJson));
            Assert.Equal(json.GetRawText(), ExpressionJson.ToElement(fromJson).GetRawText());
        }
    }

    [Fact]
    public void No_text_whatever_throws()
    {
        string[] words =
        [
            "amount", "country", "and", "or", "not", "in", "list", "(", ")", ",", "==", "<", "-", "+", "/", "*", "4",
            "0", "\"NG\"", "\"", "\\", "if", "min", "coalesce", "true", "'", "!", "1e999", "é", "\n", ".", "\ud800",
        ];
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Join(
                random.Next(2) == 0 ? " " : "",
                Enumerable.Range(0, random.Next(12)).Select(_ => words[random.Next(words.Length)]));
            var isRule = Vector.Language.TryCompile(text, out _, out var diagnostics);
            Assert.Equal(isRule, diagnostics.Count == 0);
            Assert.All(diagnostics, diagnostic =>
            {
                Assert.InRange(diagnostic.Offset, 0, text.Length);
                Assert.InRange(diagnostic.Offset + diagnostic.Length, 0, text.Length);
                var before = text[..diagnostic.Offset];
                Assert.Equal(before.Count(character => character == '\n') + 1, diagnostic.Line);
                Assert.Equal(diagnostic.Offset - before.LastIndexOf('\n'), diagnostic.Column);
            });
        }
    }

    [Fact]
    public void Fifty_rules_of_three_conditions_are_judged_in_microseconds_and_without_garbage()
    {
        var rules = Enumerable.Range(0, 50)
            .Select(i => Vector.Compile(
                $"amount / mean > {i} and country not in (\"NG\", \"RO\") and count <= {i + 9}"))
            .ToArray();
        var features = new Vector().With("amount", 500).With("mean", 7).With("count", 3).With("country", "GB")
            .ToFeatures();
        Judge(rules, features, 2_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            Judge(rules, features, 100);
            fastest = TimeSpan.FromTicks(Math.Min(fastest.Ticks, (Stopwatch.GetElapsedTime(began) / 100).Ticks));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.InRange(fastest.TotalMicroseconds, 0, 200);
    }

    private static int Judge(CompiledRule[] rules, in FeatureVector features, int times)
    {
        var held = 0;
        for (var i = 0; i < times; i++)
        {
            foreach (var rule in rules)
            {
                held += rule.Holds(features) ? 1 : 0;
            }
        }

        return held;
    }
}
