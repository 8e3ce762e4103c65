using Ecom.Cli.Evaluate;
using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli.Evaluate;

public sealed class SessionsEvaluationTests
{
    [Fact]
    public void On_a_planted_order_the_blend_is_far_above_popularity()
    {
        var (train, test) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            File.WriteAllLines(train, Sessions(300, seed: 1));
            File.WriteAllLines(test, [.. Sessions(50, seed: 2), "i1 never-seen"]);

            var rows = new SessionsEvaluation(2, _ => { }, CancellationToken.None).Run(train, test);

            var (popular, blend) = (rows[0].Metrics["mrr@20"], rows[^1].Metrics["mrr@20"]);
            Assert.Equal(SessionsEvaluation.Blend, rows[^1].Model);
            Assert.InRange(blend, Math.Max(0.8, 2 * popular), 50.0 / 51);
        }
        finally
        {
            File.Delete(train);
            File.Delete(test);
        }
    }

    [Fact]
    public void A_session_of_one_item_is_refused_with_its_line()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "a b\nc\n");

            var refused = Assert.Throws<SetupException>(() => SessionFile.Read(path, new(), grow: true));

            Assert.Contains("line 2", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<string> Sessions(int count, int seed)
    {
        var random = new Random(seed);
        for (var at = 0; at < count; at++)
        {
            var start = random.Next(30);
            yield return string.Join(' ', Enumerable.Range(start, 4).Select(item => $"i{item % 30}"));
        }
    }
}
