using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.Recommendation.Lists;

/// <summary>The served generation and its model in memory, followed every second by each replica.</summary>
internal sealed partial class CurrentModel(
    GenerationStore generations,
    RedisEpoch epochs,
    ArtefactCache artefacts,
    Catalogue catalogue,
    ILogger<CurrentModel> logger)
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
            _isLost = generation is not null && generation.Epoch != CompactList.InEpoch(epoch);
        }

        if (generation is null || generation.Number == _served?.Generation.Number)
        {
            return;
        }

        var model = _served is { } served && served.Generation.ArtefactSha256 == generation.ArtefactSha256
            ? served.Model
            : await ModelWithIds.LoadAsync(artefacts, generation, cancellation);
        _served = new ServedModel(generation, model, [.. model.ProductIds.Select(catalogue.Intern)]);
        LogServing(generation.ModelVersion, generation.Trainer, generation.Number);
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Serving model {Version} ({Trainer}), generation {Generation}")]
    private partial void LogServing(int version, string trainer, long generation);
}

/// <summary>What is served.</summary>
/// <param name="Generation">Which set of lists.</param>
/// <param name="Model">What they were made with.</param>
/// <param name="Products">The model's products: positions in lists are positions here.</param>
internal sealed record ServedModel(Generation Generation, ModelWithIds Model, Product[] Products)
{
    /// <summary>
    /// Similar products by position, as they were read: within a generation they never change, so they are kept.
    /// </summary>
    public byte[]?[] Similar { get; } = new byte[]?[Products.Length];

    /// <summary>The trainer's name as UTF-8 of JSON.</summary>
    public byte[] Trainer { get; } = JsonSerializer.SerializeToUtf8Bytes(Generation.Trainer);
}

/// <summary>A recommender that speaks product ids instead of indexes.</summary>
internal sealed class ModelWithIds
{
    private readonly IRecommender _recommender;
    private readonly Dictionary<string, int> _indexes;

    /// <param name="recommender">The model.</param>
    /// <param name="learnt">What it learnt that kinds of event count; null if it learnt none.</param>
    public ModelWithIds(IRecommender recommender, IReadOnlyDictionary<string, double>? learnt = null)
    {
        LearntWeights = learnt;
        _recommender = recommender;
        _indexes = recommender.ItemIds.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
    }

    public IReadOnlyList<string> ProductIds => _recommender.ItemIds;

    /// <summary>What kinds of event count, see ModelPromoted; null if the model learnt none.</summary>
    public IReadOnlyDictionary<string, double>? LearntWeights { get; }

    /// <exception cref="InvalidDataException">The artefact is damaged or of another kind.</exception>
    public static async Task<ModelWithIds> LoadAsync(
        ArtefactCache artefacts, Generation generation, CancellationToken cancellation)
    {
        await using var stream = await artefacts.OpenAsync(
            generation.ArtefactPath, generation.ArtefactSha256, cancellation);
        return new ModelWithIds(
            RecommenderFormat.Read(stream),
            generation.EventWeights is { } weights
                ? JsonSerializer.Deserialize<Dictionary<string, double>>(weights)
                : null);
    }

    /// <summary>Position of a product; -1 if the model does not know it.</summary>
    public int PositionOf(string productId) => _indexes.GetValueOrDefault(productId, -1);

    /// <summary>
    /// The best products for a history, the newest last, each with its weight; products that the model does not know
    /// are ignored.
    /// </summary>
    public IReadOnlyList<ModelItem> Recommend(
        IReadOnlyCollection<(string Product, float Weight)> history, IReadOnlyCollection<string> exclude, int count)
    {
        var known = history.Where(one => _indexes.ContainsKey(one.Product)).ToArray();
        var weighed = History.Of(
            Array.ConvertAll(known, one => _indexes[one.Product]), Array.ConvertAll(known, one => one.Weight));
        return [.. _recommender.Recommend(weighed, count, IndexesOf(exclude)).Select(item =>
            new ModelItem(item.Item, item.Score, item.Because))];
    }

    /// <summary>The products most similar to one of <see cref="ProductIds"/>, by its position there.</summary>
    public IReadOnlyList<ModelItem> SimilarTo(int index, int count) =>
        [.. _recommender.SimilarItems(index, count).Select(item => new ModelItem(item.Item, item.Score, -1))];

    private int[] IndexesOf(IReadOnlyCollection<string> products) =>
        [.. products.Where(_indexes.ContainsKey).Select(product => _indexes[product])];
}
