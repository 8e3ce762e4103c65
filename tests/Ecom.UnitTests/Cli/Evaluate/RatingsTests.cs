using System.IO.Compression;
using System.Text;
using Ecom.Cli.Evaluate;
using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli.Evaluate;

public sealed class RatingsTests
{
    [Theory]
    [InlineData("anna lamp 4 881250949\nben lamp 3.5\n")]
    [InlineData("anna\tlamp\t4\t881250949\nben\tlamp\t3.5\n")]
    [InlineData("user,item,rating,time\nanna,lamp,4,881250949\n\nben,lamp,3.5,1\n")]
    [InlineData("anna::lamp::4::881250949\nben::lamp::3.5::1")]
    public void Lines_are_read_whatever_separates_their_fields(string text)
    {
        var file = Read(Encoding.UTF8.GetBytes(text));

        Assert.Equal([0, 1], file.Users);
        Assert.Equal([0, 0], file.Items);
        Assert.Equal([4, 3.5f], file.Values);
        Assert.Equal((2, 1), (file.UserCount, file.ItemCount));
    }

    [Fact]
    public void Gzip_is_recognised_and_ids_may_hold_blanks_where_a_comma_separates()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write("anna b,red lamp,4\nanna b,green lamp,1\n"u8);
        }

        var file = Read(packed.ToArray());

        Assert.Equal([0, 0], file.Users);
        Assert.Equal([0, 1], file.Items);
    }

    [Theory]
    [InlineData("a b 4\na b NaN\n", "line 2")]
    [InlineData("a b 4\n\na b Infinity\n", "line 3")]
    [InlineData("a b 4\na b\n", "line 2")]
    [InlineData("a b good\n", "line 1")]
    [InlineData("", "no ratings")]
    public void Bad_lines_are_refused_with_their_number(string text, string expected)
    {
        var refused = Assert.Throws<SetupException>(() => Read(Encoding.UTF8.GetBytes(text)));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_that_know_more_have_smaller_errors_on_planted_ratings()
    {
        var rows = RatingsEvaluation.Run(Planted(), seed: 1, _ => { }, folds: 3);

        Assert.Equal(
            [
                RatingsEvaluation.GlobalMean, RatingsEvaluation.Biases, RatingsEvaluation.Factorisation,
                RatingsEvaluation.WithImplicit,
            ],
            rows.Select(row => row.Model));
        var errors = rows.Select(row => row.Metrics["rmse"]).ToArray();
        Assert.True(errors[1] < 0.9 * errors[0], $"biases {errors[1]}, mean {errors[0]}");
        Assert.True(errors[2] < 0.9 * errors[1], $"factors {errors[2]}, biases {errors[1]}");
        Assert.All(rows, row => Assert.InRange(row.Metrics["mae"], 0.01, row.Metrics["rmse"]));
    }

    // Two tastes, that of users with even numbers and the other: what one likes the other does not.
    private static RatingsFile Planted()
    {
        var random = new Random(1);
        var (users, items, values) = (new List<int>(), new List<int>(), new List<float>());
        for (var user = 0; user < 90; user++)
        {
            foreach (var item in Enumerable.Range(0, 40).OrderBy(_ => random.Next()).Take(15))
            {
                users.Add(user);
                items.Add(item);
                values.Add(3 + (item % 5 * 0.6f) + ((user + item) % 2 == 0 ? 0.8f : -0.8f) + random.NextSingle());
            }
        }

        return new RatingsFile([.. users], [.. items], [.. values], 90, 40);
    }

    private static RatingsFile Read(byte[] content)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, content);
            return RatingsFile.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
