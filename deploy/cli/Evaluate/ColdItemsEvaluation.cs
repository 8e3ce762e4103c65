using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>
/// How well items are found that nobody has touched: a fifth of the items is taken out of training, and for each user
/// who took some of these up, they are ranked by what they are.
/// </summary>
/// <remarks>
/// Metrics: <c>recall@20</c> and <c>hr@20</c> among the cold items; <c>recall@20-all</c> among all items but those of
/// the history. Users without any other item are left out: there is nothing to go by.
/// </remarks>
internal static class ColdItemsEvaluation
{
    public const string Content = "content";
    private const int Places = 20;
    private const double ColdShare = 0.2;

    private delegate void Score(int[] history, float[] scores);

    /// <param name="sequences">Lines <c>user item item …</c>.</param>
    /// <param name="attributes">JSON, item to list of attribute ids.</param>
    /// <param name="seed">Of the choice of cold items and of the random baseline.</param>
    /// <param name="report">Told of each row.</param>
    /// <exception cref="SetupException">A file is missing or not in the format.</exception>
    public static IReadOnlyList<EvaluatedModel> Run(
        string sequences, string attributes, int seed, Action<string> report)
    {
        var (ids, users) = ReadSequences(sequences);
        var matrix = ReadAttributes(attributes, ids);
        var random = new Random(seed);
        var cold = Array.ConvertAll(new bool[ids.Count], _ => random.NextDouble() < ColdShare);
        var known = users.ConvertAll(items => Array.FindAll(items, item => !cold[item]));
        var counts = Counts(known, ids.Count);
        var noise = Array.ConvertAll(counts, _ => random.NextSingle());
        // What popularity could reach if it knew the future: it sees what is held out, no model does.
        var hidden = Array.ConvertAll(Counts(users, ids.Count), count => (float)count);
        var byAttribute = AttributePopularity(matrix, counts, cold);
        var meter = new Meter();
        var content = ContentSimilarity.Fit(matrix, ids.Ids);
        var (wall, cpu) = (meter.WallSeconds, meter.CpuSeconds);
        return
        [
            Row("random", (_, scores) => noise.CopyTo(scores, 0), 0, 0),
            Row("popularity", (_, scores) => Array.ConvertAll(counts, count => (float)count).CopyTo(scores, 0), 0, 0),
            Row("popularity with the hidden part", (_, scores) => hidden.CopyTo(scores, 0), 0, 0),
            Row("popularity of attributes", (_, scores) => byAttribute.CopyTo(scores, 0), 0, 0),
            Row(Content, (history, scores) => content.Score(history, scores), wall, cpu),
        ];

        EvaluatedModel Row(string name, Score score, double fitWall, double fitCpu)
        {
            var scored = new Meter();
            var metrics = Measure(users, known, cold, noise, score);
            report($"{name}: recall@20 {metrics["recall@20"]:0.0000}");
            return new EvaluatedModel(name, metrics, fitWall, fitCpu, scored.WallSeconds);
        }
    }

    private static Dictionary<string, double> Measure(
        List<int[]> users, List<int[]> known, bool[] cold, float[] noise, Score score)
    {
        var scores = new float[cold.Length];
        var (recall, hits, overall, count) = (0.0, 0.0, 0.0, 0);
        for (var user = 0; user < users.Count; user++)
        {
            var targets = Array.FindAll(users[user], item => cold[item]).Distinct().ToArray();
            if (targets.Length == 0 || known[user].Length == 0)
            {
                continue;
            }

            score(known[user], scores);
            HashSet<int> seen = [.. known[user]];
            var found = targets.Count(target => Rank(target, item => cold[item]) <= Places);
            recall += (double)found / targets.Length;
            hits += found > 0 ? 1 : 0;
            overall += (double)targets.Count(target => Rank(target, item => !seen.Contains(item)) <= Places)
                / targets.Length;
            count++;
        }

        var divisor = Math.Max(1, count);
        return new Dictionary<string, double>
        {
            ["recall@20"] = recall / divisor,
            ["hr@20"] = hits / divisor,
            ["recall@20-all"] = overall / divisor,
        };

        // Equal scores in a random order: a baseline that cannot tell items apart gets what chance gives.
        int Rank(int target, Func<int, bool> stands)
        {
            var rank = 1;
            for (var item = 0; item < scores.Length && rank <= Places; item++)
            {
                var before = scores[item] > scores[target]
                    || (scores[item] == scores[target] && noise[item] > noise[target]);
                rank += before && stands(item) ? 1 : 0;
            }

            return rank;
        }
    }

    private static int[] Counts(List<int[]> users, int items)
    {
        var counts = new int[items];
        foreach (var item in users.SelectMany(user => user))
        {
            counts[item]++;
        }

        return counts;
    }

    // The mean popularity of the known items with an attribute, averaged over an item's attributes.
    private static float[] AttributePopularity(Interactions matrix, int[] counts, bool[] cold)
    {
        var (sums, holders) = (new double[matrix.ItemCount], new int[matrix.ItemCount]);
        for (var item = 0; item < counts.Length; item++)
        {
            foreach (var attribute in cold[item] ? [] : matrix.ItemsOf(item))
            {
                sums[attribute] += counts[item];
                holders[attribute]++;
            }
        }

        var scores = new float[counts.Length];
        for (var item = 0; item < counts.Length; item++)
        {
            var own = matrix.ItemsOf(item);
            foreach (var attribute in own)
            {
                scores[item] += (float)(sums[attribute] / Math.Max(1, holders[attribute]) / own.Length);
            }
        }

        return scores;
    }

    private static (IdIndex Ids, List<int[]> Users) ReadSequences(string path)
    {
        var (ids, users) = (new IdIndex(), new List<int[]>());
        foreach (var (number, line) in TextLines.Read(path))
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            users.Add(fields.Length > 1
                ? Array.ConvertAll(fields[1..], ids.Add)
                : throw new SetupException($"{path} line {number}: a line is 'user item item …', this is '{line}'."));
        }

        return (ids, users);
    }

    private static Interactions ReadAttributes(string path, IdIndex ids)
    {
        var lists = Parse(path);
        var index = new IdIndex();
        var (items, attributes) = (new List<int>(), new List<int>());
        foreach (var (id, own) in lists)
        {
            var item = ids.Find(id);
            foreach (var attribute in item < 0 ? [] : own)
            {
                items.Add(item);
                attributes.Add(index.Add(attribute.ToString()));
            }
        }

        return Interactions.Create(ids.Count, index.Count, [.. items], [.. attributes]);
    }

    private static Dictionary<string, JsonElement[]> Parse(string path)
    {
        var text = string.Join('\n', TextLines.Read(path).Select(line => line.Text));
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, JsonElement[]>>(text) ?? [];
        }
        catch (JsonException broken)
        {
            throw new SetupException(
                $"{path} line {broken.LineNumber + 1}: not a JSON object of item to list ({broken.Message}).", broken);
        }
    }
}
