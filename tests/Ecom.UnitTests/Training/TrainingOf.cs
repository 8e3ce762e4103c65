using System.Text.Json;
using Ecom.Training.Data;
using Ecom.Training.Runs;
using Ecom.Training.Trainers;

namespace Ecom.UnitTests.Training;

/// <summary>Runs a trainer as the training process does, without the process.</summary>
internal static class TrainingOf
{
    public static async Task<(TrainingResult Result, byte[] Artefact)> RunAsync(
        string trainer,
        DataSource source,
        object? options = null,
        ChampionRecipe? champion = null,
        int threads = 1,
        int memoryLimitMegabytes = 1_024,
        Stream? reports = null,
        IReadOnlyList<CatalogueProduct>? catalogue = null)
    {
        var task = new TrainingTask
        {
            RunId = Guid.Parse("11111111-1111-1111-1111-111111111111"),
            Trainer = trainer,
            Options = Json(options ?? new { }),
            Champion = champion,
            Catalogue = catalogue ?? [],
            MemoryLimitMegabytes = memoryLimitMegabytes,
            Threads = threads,
            ArtefactFile = string.Empty,
        };
        using var artefact = new MemoryStream();
        var result = await TrainerCatalogue.Find(trainer)!.TrainAsync(
            task, source, artefact, new TrainingProgress(reports ?? Stream.Null), default);
        return (result, artefact.ToArray());
    }

    public static JsonElement Json(object value) =>
        JsonSerializer.SerializeToElement(value, JsonSerializerOptions.Web);
}
