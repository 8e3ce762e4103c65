using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.Recommendation.Lists;

/// <summary>The served generation and its model in memory, followed every second by each replica.</summary>
internal sealed partial class CurrentModel(
    GenerationStore generations, RedisEpoch epochs, ArtefactCache artefacts, ILogger<CurrentModel> logger)
    : Follower("the model", TimeSpan.FromSeconds(1), logger)
{
    private volatile ServedModel? _served;
    private volatile bool _isLost;

    /// <summary>Null until a first model was promoted and its lists were made.</summary>
    public ServedModel? Served => _served;

    /// <summary>Whether Redis lost something of the served lists, and they are being made anew.</summary>
    public bool IsLost => _isLost;

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var generation = await generations.ReadCurrentAsync(cancellation);
        if (await epochs.TryReadAsync() is { } epoch)
        {
            _isLost = generation is not null && generation.Epoch != epoch;
        }

        if (generation is null || generation.Number == _served?.Generation.Number)
        {
            return;
        }

        if (_served is { } served && served.Generation.ArtefactSha256 == generation.ArtefactSha256)
        {
            _served = served with { Generation = generation };
            return;
        }

        _served = new ServedModel(
            generation, await ModelWithIds.LoadAsync(artefacts, generation, cancellation));
        LogServing(generation.ModelVersion, generation.Trainer, generation.Number);
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Serving model {Version} ({Trainer}), generation {Generation}")]
    private partial void LogServing(int version, string trainer, long generation);
}

/// <summary>What is served.</summary>
internal sealed record ServedModel(Generation Generation, ModelWithIds Model);

/// <summary>A recommender that speaks product ids instead of indexes.</summary>
internal sealed class ModelWithIds
{
    private readonly IRecommender _recommender;
    private readonly Dictionary<string, int> _indexes;

    public ModelWithIds(IRecommender recommender)
    {
        _recommender = recommender;
        _indexes = recommender.ItemIds.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
    }

    public IReadOnlyList<string> ProductIds => _recommender.ItemIds;

    /// <exception cref="InvalidDataException">The artefact is damaged or of another kind.</exception>
    public static async Task<ModelWithIds> LoadAsync(
        ArtefactCache artefacts, Generation generation, CancellationToken cancellation)
    {
        await using var stream = await artefacts.OpenAsync(
            generation.ArtefactPath, generation.ArtefactSha256, cancellation);
        return new ModelWithIds(RecommenderFormat.Read(stream));
    }

    /// <summary>The best products for a history; products that the model does not know are ignored.</summary>
    public IReadOnlyList<ListItem> Recommend(
        IReadOnlyCollection<string> history, IReadOnlyCollection<string> exclude, int count) =>
        [.. _recommender.Recommend(IndexesOf(history), count, IndexesOf(exclude)).Select(item => new ListItem(
            ProductIds[item.Item], item.Score, item.Because < 0 ? null : ProductIds[item.Because]))];

    /// <summary>The products most similar to one of <see cref="ProductIds"/>, by its position there.</summary>
    public IReadOnlyList<ListItem> SimilarTo(int index, int count) =>
        [.. _recommender.SimilarItems(index, count).Select(item => new ListItem(
            ProductIds[item.Item], item.Score, ProductIds[index]))];

    private int[] IndexesOf(IReadOnlyCollection<string> products) =>
        [.. products.Where(_indexes.ContainsKey).Select(product => _indexes[product])];
}
