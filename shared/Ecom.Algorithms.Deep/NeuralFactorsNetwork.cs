using Ecom.Algorithms.Recommendation;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ecom.Algorithms.Deep;

/// <summary>Neural collaborative filtering under training.</summary>
internal sealed class NeuralFactorsNetwork : Network
{
    private const float StartDeviation = 0.05f;

    private readonly Interactions _data;
    private readonly NeuralCollaborativeFilteringOptions _options;
    private readonly Parameter _history;
    private readonly Parameter _items;
    private readonly Linear _first;
    private readonly Linear _second;
    private readonly Linear _output;
    private readonly Adam _steps;
    private readonly Random _random;

    public NeuralFactorsNetwork(Interactions data, NeuralCollaborativeFilteringOptions options)
    {
        _data = data;
        _options = options;
        _random = new Random(options.Seed);
        _history = new Parameter(Start(data.ItemCount));
        _items = new Parameter(Start(data.ItemCount));
        _first = nn.Linear(2 * options.Factors, 2 * options.Factors);
        _second = nn.Linear(2 * options.Factors, options.Factors);
        _output = nn.Linear(2 * options.Factors, 1);
        Parameter[] vectors = [_history, _items];
        _steps = new Adam(
            [.. vectors, .. _first.parameters(), .. _second.parameters(), .. _output.parameters()],
            options.LearningRate);
    }

    /// <inheritdoc/>
    public override void RunEpoch(CancellationToken cancellation)
    {
        foreach (var users in Batches(_data, _options.BatchSize, _random))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            _steps.ZeroGradients();
            Loss(users).backward();
            _steps.Step();
        }
    }

    /// <inheritdoc/>
    public override Tensor Scores(ReadOnlySpan<int> users)
    {
        var all = DenseRows.Normalised(DenseRows.Of(_data, users)).mm(_history);
        var rows = new Tensor[users.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            using var scope = NewDisposeScope();
            rows[row] = LogOdds(all[row].unsqueeze(0).expand(_data.ItemCount, -1), _items).MoveToOuterDisposeScope();
        }

        return stack(rows);
    }

    /// <inheritdoc/>
    public override IRecommender Export(IReadOnlyList<string> itemIds) =>
        new NeuralFactors(itemIds, new NeuralFactorsWeights
        {
            Factors = _options.Factors,
            History = DenseRows.ToArray(_history),
            Items = DenseRows.ToArray(_items),
            First = DenseRows.ToLayer(_first),
            Second = DenseRows.ToLayer(_second),
            Output = DenseRows.ToLayer(_output),
            Shift = MathF.Log(_options.Negatives),
        });

    /// <inheritdoc/>
    public override void Dispose()
    {
        _history.Dispose();
        _items.Dispose();
        _first.Dispose();
        _second.Dispose();
        _output.Dispose();
    }

    // From our own random numbers: libtorch's normal_ makes temporary scalars.
    private Tensor Start(int count)
    {
        var values = new float[count * 2 * _options.Factors];
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = ((_random.NextSingle() * 2) - 1) * StartDeviation;
        }

        return tensor(values, count, 2 * _options.Factors);
    }

    private Tensor Loss(int[] users)
    {
        var pairs = new Pairs(_data, users, _options.Negatives, _random);
        var histories = DenseRows.Of(_data, users).mm(_history);
        var items = tensor(pairs.Items);
        // The item that is asked for is no part of the history that answers.
        var own = _history.index_select(0, items) * tensor(pairs.OwnWeights).unsqueeze(1);
        var vectors = histories.index_select(0, tensor(pairs.Rows)) - own;
        var logOdds = LogOdds(vectors * tensor(pairs.Scales).unsqueeze(1), _items.index_select(0, items));
        return nn.functional.binary_cross_entropy_with_logits(logOdds, tensor(pairs.Labels));
    }

    private Tensor LogOdds(Tensor users, Tensor items)
    {
        var factors = _options.Factors;
        var product = users.narrow(1, 0, factors) * items.narrow(1, 0, factors);
        var deep = cat([users.narrow(1, factors, factors), items.narrow(1, factors, factors)], 1);
        deep = _second.forward(_first.forward(deep).relu()).relu();
        return _output.forward(cat([product, deep], 1)).squeeze(1);
    }

    /// <summary>Users of a batch beside items that they took up and items drawn at random.</summary>
    private sealed class Pairs
    {
        public Pairs(Interactions data, int[] users, int negatives, Random random)
        {
            var count = users.Sum(user => data.ItemsOf(user).Length) * (1 + negatives);
            (Rows, Items) = (new long[count], new long[count]);
            (OwnWeights, Scales, Labels) = (new float[count], new float[count], new float[count]);
            var at = 0;
            for (var row = 0; row < users.Length; row++)
            {
                var items = data.ItemsOf(users[row]);
                var weights = data.WeightsOf(users[row]);
                var squares = 0f;
                foreach (var weight in weights)
                {
                    squares += weight * weight;
                }

                for (var place = 0; place < items.Length; place++)
                {
                    var left = squares - (weights[place] * weights[place]);
                    Set(at++, row, items[place], weights[place], items.Length > 1 ? left : 0, label: 1);
                    for (var draw = 0; draw < negatives; draw++)
                    {
                        Set(at++, row, Stranger(items, data.ItemCount, random), own: 0, squares, label: 0);
                    }
                }
            }
        }

        public long[] Rows { get; }

        public long[] Items { get; }

        public float[] OwnWeights { get; }

        public float[] Scales { get; }

        public float[] Labels { get; }

        private void Set(int at, int row, int item, float own, float squares, float label)
        {
            Rows[at] = row;
            Items[at] = item;
            OwnWeights[at] = own;
            Scales[at] = squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
            Labels[at] = label;
        }

        // Ten draws: a customer who took up everything has no stranger.
        private static int Stranger(ReadOnlySpan<int> history, int items, Random random)
        {
            var item = random.Next(items);
            for (var draw = 1; draw < 10 && history.BinarySearch(item) >= 0; draw++)
            {
                item = random.Next(items);
            }

            return item;
        }
    }
}
