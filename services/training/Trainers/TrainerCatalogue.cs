namespace Ecom.Training.Trainers;

/// <summary>Every trainer, by name.</summary>
internal static class TrainerCatalogue
{
    public static IReadOnlyList<Trainer> All { get; } =
    [
        new PopularityTrainer(),
        new ItemKnnTrainer(),
        new AlsTrainer(),
        new VaeTrainer(),
        new NcfTrainer(),
        new BlendTrainer(),
        new SegmentsTrainer(),
        new FraudTreesTrainer(),
        new FraudLogisticTrainer(),
    ];

    /// <summary>The names, for messages to people.</summary>
    public static string Names => string.Join(", ", All.Select(trainer => trainer.Name));

    public static Trainer? Find(string name) => All.FirstOrDefault(trainer => trainer.Name == name);
}
