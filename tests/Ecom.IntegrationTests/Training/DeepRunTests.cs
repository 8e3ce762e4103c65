using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Training;

public sealed class DeepRunTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_training_process_makes_deep_models_that_need_no_libtorch()
    {
        await using var training = await TrainingFixture.StartAsync(backends);

        var version = await training.TrainAsync(
            "vae", new { hidden = 16, latent = 4, batchSize = 50, epochs = 10, learningRate = 0.01 });

        var metrics = version.GetProperty("metrics");
        var popularity = version.GetProperty("baselines").GetProperty("popularity");
        Assert.True(Ndcg(metrics) > Ndcg(popularity));
        await using var artefact = File.OpenRead(
            training.ArtefactFile("recommendation", version.GetProperty("version").GetInt32()));
        Assert.Equal("vae", RecommenderFormat.Read(artefact).Kind);
    }

    [Fact]
    public async Task Where_libtorch_does_not_load_a_deep_run_says_so_and_all_others_go_on()
    {
        var broken = Directory.CreateTempSubdirectory("ecom-torch-").FullName;
        await File.WriteAllTextAsync(Path.Combine(broken, "libLibTorchSharp.so"), "not a library");
        await using var training = await TrainingFixture.StartAsync(backends, ("Training:TorchPath", broken));

        var failed = await training.WaitForAsync(await training.StartRunAsync("ncf"), "failed");
        await training.TrainAsync("item-knn");

        var error = failed.GetProperty("error").GetString();
        Assert.Contains("libtorch, which cannot be loaded here", error, StringComparison.Ordinal);
        Assert.Contains("Training:TorchPath", error, StringComparison.Ordinal);
        Directory.Delete(broken, recursive: true);
    }

    private static double Ndcg(JsonElement metrics) => metrics.GetProperty("ndcg@10").GetDouble();
}
