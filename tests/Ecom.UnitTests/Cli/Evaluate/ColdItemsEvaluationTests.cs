using Ecom.Cli.Evaluate;

namespace Ecom.UnitTests.Cli.Evaluate;

public sealed class ColdItemsEvaluationTests
{
    [Fact]
    public void Planted_kinds_find_cold_items_that_popularity_cannot()
    {
        var (sequences, attributes) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            // 20 kinds of 20 items; each user stays within one kind.
            var random = new Random(1);
            File.WriteAllLines(sequences, Enumerable.Range(0, 200).Select(user =>
                $"u{user} " + string.Join(
                    ' ', Enumerable.Range(0, 8).Select(_ => (user % 20 * 20) + random.Next(20)))));
            File.WriteAllText(attributes, "{" + string.Join(
                ',', Enumerable.Range(0, 400).Select(item => $"\"{item}\": [{item / 20}]")) + "}");

            var rows = ColdItemsEvaluation.Run(sequences, attributes, seed: 1, _ => { });

            var recall = rows.ToDictionary(row => row.Model, row => row.Metrics["recall@20"]);
            Assert.True(recall[ColdItemsEvaluation.Content] > 0.95, $"content {recall[ColdItemsEvaluation.Content]}");
            Assert.InRange(recall["popularity"], 0, 0.5);
        }
        finally
        {
            File.Delete(sequences);
            File.Delete(attributes);
        }
    }
}
