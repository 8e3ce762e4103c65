using System.Net;
using System.Text;
using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Testing;
using Ecom.Training.Data;
using Ecom.Training.Runs;
using Ecom.Training.Trainers;

namespace Ecom.UnitTests.Training;

public sealed class RecommenderTrainerTests
{
    private static readonly object _smallAls = new { factors = 8, iterations = 5, regularisation = 2 };

    private static object? Small(string trainer) => trainer switch
    {
        "als" => _smallAls,
        "blend" => new { searchSeconds = 2 },
        _ => null,
    };

    [Theory]
    [InlineData("als")]
    [InlineData("item-knn")]
    [InlineData("blend")]
    public async Task A_personal_trainer_beats_popularity_where_tastes_are_planted(string trainer)
    {
        var (result, _) = await TrainingOf.RunAsync(trainer, Planted(), Small(trainer));

        var popularity = result.Baselines["popularity"];
        Assert.True(result.Metrics["ndcg@10"] > 2 * popularity["ndcg@10"]);
        Assert.True(result.Metrics["ndcg@10.low"] > popularity["ndcg@10.high"]);
        Assert.InRange(result.Metrics["ndcg@10"], result.Metrics["ndcg@10.low"], result.Metrics["ndcg@10.high"]);
    }

    [Fact]
    public async Task The_blend_is_measured_beside_popularity_and_item_neighbours()
    {
        var (result, artefact) = await TrainingOf.RunAsync("blend", Planted(), Small("blend"));

        Assert.Equal(["item-knn", "popularity"], result.Baselines.Keys.Order());
        Assert.Equal("blend", RecommenderFormat.Read(new MemoryStream(artefact)).Kind);
    }

    [Theory]
    [InlineData("popularity")]
    [InlineData("item-knn")]
    [InlineData("als")]
    [InlineData("blend")]
    public async Task Same_data_and_seed_give_the_same_bytes_in_whatever_order_rows_come(string trainer)
    {
        var lines = PlantedTastes.Lines();
        var options = Small(trainer);
        var (first, bytes) = await TrainingOf.RunAsync(
            trainer, StubDataSource.With(PlantedTastes.ToBody(lines)), options);
        var (second, bytesOfReversed) = await TrainingOf.RunAsync(
            trainer, StubDataSource.With(PlantedTastes.ToBody(lines.Reverse())), options, threads: 2);

        Assert.Equal(bytes, bytesOfReversed);
        Assert.Equal(first.DataSet, second.DataSet);
        Assert.Equal(first.Metrics, second.Metrics);
    }

    [Fact]
    public async Task Another_seed_gives_other_vectors()
    {
        var (_, first) = await TrainingOf.RunAsync("als", Planted(), new { factors = 8, iterations = 2, seed = 1 });
        var (_, second) = await TrainingOf.RunAsync("als", Planted(), new { factors = 8, iterations = 2, seed = 2 });
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task The_artefact_is_fitted_on_everything_and_can_be_read()
    {
        var late = PlantedTastes.Lines().Append(Line("c1", "only-at-the-end", PlantedTastes.Start.AddDays(90)));
        var (result, artefact) = await TrainingOf.RunAsync(
            "item-knn", StubDataSource.With(PlantedTastes.ToBody(late)));

        var model = RecommenderFormat.Read(new MemoryStream(artefact));
        Assert.Contains("only-at-the-end", model.ItemIds);
        Assert.True(result.DataSet.Cut < PlantedTastes.Start.AddDays(90));
    }

    [Fact]
    public async Task The_champion_is_measured_by_its_recipe_on_the_same_split()
    {
        var options = TrainingOf.Json(new { neighbours = 5 });
        var champion = new ChampionRecipe { Version = 4, Trainer = "item-knn", Options = options };
        var (challenger, _) = await TrainingOf.RunAsync("als", Planted(), _smallAls, champion);
        var (alone, _) = await TrainingOf.RunAsync("item-knn", Planted(), new { neighbours = 5 });

        Assert.Equal(alone.Metrics, challenger.Champion);
    }

    [Fact]
    public async Task A_champion_blend_is_fitted_from_what_it_settled_on_and_not_searched_for_again()
    {
        // No search of these data would end at one member alone.
        var settled = new SettledRecipe
        {
            Blend = new TunedBlend
            {
                Members = [new Recipe("item-knn", new Dictionary<string, double> { ["neighbours"] = 5 })],
                Weights = [1],
                Recency = 1,
                Ndcg = 0.5,
                Single = [],
            },
        };
        var champion = new ChampionRecipe
        {
            Version = 4, Trainer = "blend", Options = TrainingOf.Json(new { searchSeconds = 30 }),
            Settled = TrainingOf.Json(settled).Deserialize<SettledRecipe>(JsonSerializerOptions.Web),
        };
        var (alone, _) = await TrainingOf.RunAsync("item-knn", Planted(), new { neighbours = 5 });

        var (challenger, _) = await TrainingOf.RunAsync("als", Planted(), _smallAls, champion);

        Assert.Equal(alone.Metrics["ndcg@10"], challenger.Champion!["ndcg@10"]);
    }

    [Fact]
    public async Task What_a_blend_settles_on_comes_with_its_result_and_survives_json()
    {
        var (result, artefact) = await TrainingOf.RunAsync("blend", Planted(), Small("blend"));

        var read = TrainingOf.Json(result.Settled!).Deserialize<SettledRecipe>(JsonSerializerOptions.Web)!.Blend!;
        var blend = Assert.IsType<Blend>(RecommenderFormat.Read(new MemoryStream(artefact)));
        Assert.Equal(blend.Weights, read.Weights);
        Assert.Equal(blend.Members.Select(member => member.Kind), read.Members.Select(member => member.Kind));
    }

    [Fact]
    public async Task Popularity_fades_with_age()
    {
        var lines = Enumerable.Range(0, 60).Select(at => Line($"c{at}", "old", PlantedTastes.Start.AddDays(at % 3)))
            .Concat(Enumerable.Range(0, 50).Select(at => Line($"c{at}", "new", PlantedTastes.Start.AddDays(90))));
        var body = PlantedTastes.ToBody(lines);

        Assert.Equal("new", await FirstAsync(new { }));
        Assert.Equal("old", await FirstAsync(new { halfLifeDays = (double?)null }));

        async Task<string> FirstAsync(object options)
        {
            var (_, artefact) = await TrainingOf.RunAsync("popularity", StubDataSource.With(body), options);
            var model = RecommenderFormat.Read(new MemoryStream(artefact));
            return model.ItemIds[model.Recommend(History.Empty, 1, [])[0].Item];
        }
    }

    [Fact]
    public async Task Time_and_memory_of_what_is_fitted_are_told_before_it_is()
    {
        using var reports = new MemoryStream();
        await TrainingOf.RunAsync("als", Planted(), _smallAls, reports: reports);

        var lines = Encoding.UTF8.GetString(reports.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<TrainingReport>(line, JsonSerializerOptions.Web)!).ToList();
        var told = lines.FindIndex(line => line.Predictions is not null);
        Assert.Equal(["als", "popularity"], lines[told].Predictions!.Select(one => one.Model));
        Assert.All(lines[told].Predictions!, one => Assert.True(one.Megabytes > 0));
        Assert.True(told < lines.FindIndex(line => line.Stage?.Contains("fitting") == true));
        Assert.Contains(lines, line => line.Stage?.StartsWith("als: about", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("als")]
    [InlineData("blend")]
    public async Task What_would_not_fit_into_memory_is_refused_and_says_what_to_do(string trainer)
    {
        var error = await Assert.ThrowsAsync<TrainingException>(
            () => TrainingOf.RunAsync(trainer, Planted(), memoryLimitMegabytes: 1));

        Assert.Contains($"{trainer} would take about", error.Message, StringComparison.Ordinal);
        Assert.Contains("Training:MemoryLimitMegabytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("historyDays", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_few_interactions_fail_and_say_what_to_do()
    {
        var few = StubDataSource.With(PlantedTastes.ToBody(PlantedTastes.Lines().Take(99)));
        var error = await Assert.ThrowsAsync<TrainingException>(() => TrainingOf.RunAsync("als", few));
        Assert.Contains("Only 99 interactions, at least 100", error.Message, StringComparison.Ordinal);
        Assert.Contains("Import a history", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_interactions_and_nothing_to_measure_on_fail_with_their_reasons()
    {
        var none = await Assert.ThrowsAsync<TrainingException>(
            () => TrainingOf.RunAsync("popularity", StubDataSource.With([])));
        Assert.Contains("no interactions yet", none.Message, StringComparison.Ordinal);

        var strangers = Enumerable.Range(0, 200).Select(at => Line($"c{at}", "p", PlantedTastes.Start.AddHours(at)));
        var nobody = await Assert.ThrowsAsync<TrainingException>(() => TrainingOf.RunAsync(
            "popularity", StubDataSource.With(PlantedTastes.ToBody(strangers))));
        Assert.Contains("Nothing to measure on", nobody.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feature_store_that_is_away_refuses_or_sends_rubbish_fails_with_its_reason()
    {
        Assert.Contains("cannot be reached at http://features.test/", await ErrorAsync(StubDataSource.Away()));
        Assert.Contains("key", await ErrorAsync(StubDataSource.With(HttpStatusCode.Forbidden)));
        Assert.Contains("503", await ErrorAsync(StubDataSource.With(HttpStatusCode.ServiceUnavailable)));
        var rubbish = Encoding.UTF8.GetBytes(Line("c", "p", PlantedTastes.Start) + "\n{\"customerId\":\"c\"");
        Assert.Contains("cannot be read", await ErrorAsync(StubDataSource.With(rubbish)));

        static async Task<string> ErrorAsync(DataSource store) =>
            (await Assert.ThrowsAsync<TrainingException>(() => TrainingOf.RunAsync("popularity", store))).Message;
    }

    private static DataSource Planted() =>
        StubDataSource.With(PlantedTastes.ToBody(PlantedTastes.Lines()));

    private static string Line(string customer, string product, DateTimeOffset at) =>
        $$"""{"customerId":"{{customer}}","productId":"{{product}}","kind":"purchase","weight":1,"at":"{{at:O}}"}""";
}
