using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Neural collaborative filtering at work: a learned function of a history and an item.</summary>
/// <remarks>
/// <para>Source: He et al., "Neural collaborative filtering", WWW 2017 (NeuMF: a product of vectors beside two layers).
/// The vector of a user is not learned but made of the history's items, as in Xue et al., "Deep item-based
/// collaborative filtering for top-N recommendation", TOIS 2019: Σ w a / ‖w‖. So who is new or anonymous is served like
/// who is known, and an event counts at once. Trained in Ecom.Algorithms.Deep.</para>
/// <para>Cost of a history: O(history · factors + items · (factors · width + width · second)): a few milliseconds for
/// thousands of items. Memory: items · (4 · factors + width) floats. Deterministic.</para>
/// </remarks>
public sealed class NeuralFactors : IRecommender
{
    internal const string KindName = "ncf";

    private readonly string[] _itemIds;
    private readonly NeuralFactorsWeights _net;

    // What the item's half adds to the first layer, items × width; and the two halves of that layer's weights.
    private readonly float[] _itemFirst;

    /// <param name="itemIds">Id of each item.</param>
    /// <param name="weights">What was trained.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public NeuralFactors(IReadOnlyList<string> itemIds, NeuralFactorsWeights weights)
    {
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(weights);
        weights.Check(itemIds.Count);
        _itemIds = [.. itemIds];
        _net = weights;
        var width = weights.First.Outputs;
        _itemFirst = new float[itemIds.Count * width];
        for (var item = 0; item < itemIds.Count; item++)
        {
            for (var unit = 0; unit < width; unit++)
            {
                _itemFirst[(item * width) + unit] = TensorPrimitives.Dot(
                    weights.First.Row(unit)[weights.Factors..], Vector(weights.Items, item)[weights.Factors..]);
            }
        }
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Log-odds that the item comes next, against those of an item drawn at random.</summary>
    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        if (history.Length == 0)
        {
            return;
        }

        var pass = new Pass(_net, User(history));
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = pass.Run(Vector(_net.Items, item), ItemFirst(item));
        }
    }

    /// <summary>
    /// Gradient of the score by the weight of each history item, times that weight: shares of the tangent, comparable
    /// with each other; they do not add up to the score.
    /// </summary>
    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        history.Check(_itemIds.Length);
        var pass = new Pass(_net, User(history));
        pass.Run(Vector(_net.Items, item), ItemFirst(item));
        var byUser = pass.BackToUser(Vector(_net.Items, item));
        var scale = InverseLength(history.Weights);
        for (var at = 0; at < history.Length; at++)
        {
            var slope = TensorPrimitives.Dot(Vector(_net.History, history.Items[at]), byUser);
            contributions[at] = history.Weights[at] * scale * slope;
        }
    }

    /// <summary>Cosine of the vectors of the items as scored ones.</summary>
    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores)
    {
        var own = Vector(_net.Items, item);
        var length = TensorPrimitives.Norm(own);
        for (var other = 0; other < _itemIds.Length; other++)
        {
            var vector = Vector(_net.Items, other);
            var lengths = length * TensorPrimitives.Norm(vector);
            scores[other] = lengths > 0 ? TensorPrimitives.Dot(own, vector) / lengths : 0;
        }
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer) => _net.Write(writer);

    internal static NeuralFactors ReadBody(BinaryReader reader, string[] itemIds) =>
        new(itemIds, NeuralFactorsWeights.Read(reader, itemIds.Length));

    private static float InverseLength(ReadOnlySpan<float> weights)
    {
        var squares = TensorPrimitives.SumOfSquares(weights);
        return squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
    }

    private ReadOnlySpan<float> Vector(float[] vectors, int item) =>
        vectors.AsSpan(item * 2 * _net.Factors, 2 * _net.Factors);

    private ReadOnlySpan<float> ItemFirst(int item) =>
        _itemFirst.AsSpan(item * _net.First.Outputs, _net.First.Outputs);

    // In ascending order of the items, so that the order of a history changes no bit of a sum.
    private float[] User(History history)
    {
        var (items, weights) = (history.Items.ToArray(), history.Weights.ToArray());
        Array.Sort(items, weights);
        var scale = InverseLength(weights);
        var user = new float[2 * _net.Factors];
        for (var at = 0; at < items.Length; at++)
        {
            TensorPrimitives.MultiplyAdd(Vector(_net.History, items[at]), weights[at] * scale, user, user);
        }

        return user;
    }

    // The layers for one user, item by item.
    private sealed class Pass
    {
        private readonly NeuralFactorsWeights _net;
        private readonly float[] _userProduct;
        private readonly float[] _userFirst;
        private readonly float[] _first;
        private readonly float[] _second;

        public Pass(NeuralFactorsWeights net, float[] user)
        {
            _net = net;
            _first = new float[net.First.Outputs];
            _second = new float[net.Second.Outputs];
            _userProduct = new float[net.Factors];
            TensorPrimitives.Multiply(user.AsSpan(0, net.Factors), ByProduct, _userProduct);
            _userFirst = [.. net.First.Bias];
            for (var unit = 0; unit < _userFirst.Length; unit++)
            {
                _userFirst[unit] += TensorPrimitives.Dot(net.First.Row(unit)[..net.Factors], user.AsSpan(net.Factors));
            }
        }

        private ReadOnlySpan<float> ByProduct => _net.Output.Row(0)[.._net.Factors];

        private ReadOnlySpan<float> BySecond => _net.Output.Row(0)[_net.Factors..];

        public float Run(ReadOnlySpan<float> item, ReadOnlySpan<float> itemFirst)
        {
            TensorPrimitives.Add(_userFirst, itemFirst, _first);
            TensorPrimitives.Max(_first, 0f, _first);
            _net.Second.Apply(_first, _second);
            TensorPrimitives.Max(_second, 0f, _second);
            return TensorPrimitives.Dot(_userProduct, item[.._net.Factors])
                + TensorPrimitives.Dot(BySecond, _second) + _net.Output.Bias[0] + _net.Shift;
        }

        // After Run.
        public float[] BackToUser(ReadOnlySpan<float> item)
        {
            var bySecond = new float[_second.Length];
            for (var unit = 0; unit < bySecond.Length; unit++)
            {
                bySecond[unit] = _second[unit] > 0 ? BySecond[unit] : 0;
            }

            var byFirst = new float[_first.Length];
            _net.Second.AddTransposed(bySecond, byFirst);
            for (var unit = 0; unit < byFirst.Length; unit++)
            {
                byFirst[unit] = _first[unit] > 0 ? byFirst[unit] : 0;
            }

            var byInput = new float[2 * _net.Factors];
            _net.First.AddTransposed(byFirst, byInput);
            var byUser = new float[2 * _net.Factors];
            TensorPrimitives.Multiply(ByProduct, item[.._net.Factors], byUser.AsSpan(0, _net.Factors));
            byInput.AsSpan(0, _net.Factors).CopyTo(byUser.AsSpan(_net.Factors));
            return byUser;
        }
    }
}
