using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Ecom.Cli.Commands;
using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli.Evaluate;

/// <summary>The command <c>evaluate recommend</c> as it is called: on tiny files, good and bad.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private static readonly string[] _metrics = ["ndcg@10", "hr@10", "recall@20", "ndcg@20", "coverage@20"];
    private readonly string _directory = Directory.CreateTempSubdirectory("ecom-evaluate").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_tiny_shop_gives_a_table_with_the_baselines_and_the_documented_json()
    {
        var json = Path.Combine(_directory, "result.json");
        var (code, text) = await RunAsync(
            "--train", Write("train", TwoTastes(0)),
            "--valid", Write("valid", TwoTastes(4)),
            "--test", Write("test", TwoTastes(5)),
            "--threads", "1", "--seed", "7", "--minutes", "1", "--json", json);

        Assert.True(code == 0, text);
        Assert.All(
            ["popularity", "item-knn", "blend", "ndcg@20", "coverage@20", "fit s", "CPU s", "GFLOP/s"],
            word => Assert.Contains(word, text, StringComparison.Ordinal));
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        var root = document.RootElement;
        Assert.Equal(("recommend", 1, 7, "blend"), (
            root.GetProperty("task").GetString(),
            root.GetProperty("threads").GetInt32(),
            root.GetProperty("seed").GetInt32(),
            root.GetProperty("default").GetString()));
        Assert.False(string.IsNullOrEmpty(root.GetProperty("dataset").GetString()));
        var rows = root.GetProperty("results").EnumerateArray().ToArray();
        Assert.Contains(rows, row => row.GetProperty("model").GetString() == "popularity");
        Assert.All(rows, row =>
        {
            Assert.Equal(
                ["fitCpuSeconds", "fitWallSeconds", "metrics", "model", "parameters", "peakMiB", "scoreWallSeconds"],
                row.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
            Assert.All(
                _metrics, key => Assert.InRange(row.GetProperty("metrics").GetProperty(key).GetDouble(), 0, 1));
        });
        var best = rows.Single(row => row.GetProperty("model").GetString() == "blend").GetProperty("metrics");
        Assert.True(best.GetProperty("hr@10").GetDouble() > 0.9, text);
    }

    [Theory]
    [InlineData("u a", "u b")]
    [InlineData("u a a a\nu a\n\nv\n", "u b b")]
    [InlineData("u 1\tan item with blanks", "u 1\tb")]
    public async Task One_user_one_item_repeated_pairs_and_empty_rows_are_evaluated(string train, string test)
    {
        var json = Path.Combine(_directory, "result.json");

        await InvokeAsync(
            "--train", Write("train", train), "--valid", Write("valid", test), "--test", Write("test", test),
            "--threads", "1", "--minutes", "1", "--json", json);

        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        Assert.All(document.RootElement.GetProperty("results").EnumerateArray(), row => Assert.All(
            row.GetProperty("metrics").EnumerateObject(),
            metric => Assert.True(double.IsFinite(metric.Value.GetDouble()))));
    }

    [Theory]
    [InlineData("1 1 5\n1 2 NaN\n", "line 2")]
    [InlineData("1,1,5\n\n2,2,\n", "line 3")]
    [InlineData("1 1 5\n1 2 inf\n", "line 2")]
    [InlineData("1 1\n", "line 1")]
    [InlineData("", "no ratings")]
    public async Task A_wrong_rating_ends_with_file_and_line(string ratings, string where)
    {
        var file = Write("ratings.csv", ratings);

        var failure = await Assert.ThrowsAsync<SetupException>(() => InvokeAsync("--ratings", file));

        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        Assert.Contains(where, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_input_ends_with_code_1_and_one_line_that_names_file_and_line()
    {
        var train = Write("train", $"u1 a b\nu2 {new string('x', 101)}\n");

        var (code, text) = await RunAsync("--train", train, "--test", train);

        Assert.Equal(1, code);
        Assert.Contains($"{train}, line 2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_named()
    {
        var gone = Path.Combine(_directory, "gone.txt");
        var missing = await Assert.ThrowsAsync<SetupException>(() => InvokeAsync("--train", gone, "--test", gone));
        Assert.Contains($"{gone}: no such file", missing.Message, StringComparison.Ordinal);

        await Assert.ThrowsAsync<SetupException>(() => InvokeAsync());
        await Assert.ThrowsAsync<SetupException>(() => InvokeAsync("--train", gone, "--test", gone, "--threads", "0"));
    }

    // Ten users a taste; each took five products of their own ten, and takes a sixth and a seventh.
    private static string TwoTastes(int step) => string.Join('\n', Enumerable.Range(0, 40).Select(user =>
    {
        var steps = step == 0 ? Enumerable.Range(0, 4) : [step];
        return $"u{user} {string.Join(' ', steps.Select(at => $"i{(user % 2 * 10) + ((user + at) % 10)}"))}";
    }));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task InvokeAsync(params string[] options)
    {
        var root = new RootCommand { EvaluateCommand.Create() };
        var code = await root.Parse(["evaluate", "recommend", .. options])
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        Assert.Equal(0, code);
    }

    // The program itself, with what it prints.
    private static async Task<(int Code, string Text)> RunAsync(params string[] options)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "ecom-cli.dll"), "evaluate", "recommend", .. options,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var program = Process.Start(start)!;
        var errors = program.StandardError.ReadToEndAsync();
        var text = await program.StandardOutput.ReadToEndAsync();
        await program.WaitForExitAsync();
        return (program.ExitCode, text + await errors);
    }
}
