using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation;

/// <summary>A variational autoencoder at work: a history is encoded, and its reconstruction scores all items.</summary>
/// <remarks>
/// <para>Source: Liang et al., "Variational autoencoders for collaborative filtering", WWW 2018; encoder of Shenbin et
/// al., "RecVAE", WSDM 2020. It is trained elsewhere (Ecom.Algorithms.Deep); this is the forward pass over its weights
/// in plain code, so that serving needs no library.</para>
/// <para>x = history weights of length 1; h₁ = LN(swish(W₁x)), hₖ = LN(swish(Wₖhₖ₋₁ + h₁ + … + hₖ₋₁)); the mean of the
/// latent vector is affine in the last of them, the scores are affine in the mean. Who is known, new or anonymous is
/// served alike: there is no user in it.</para>
/// <para>Cost of a history: O(history · hidden + layers · hidden² + items · latent). Memory: items · (hidden + latent)
/// + layers · hidden² floats. Deterministic.</para>
/// </remarks>
public sealed class AutoencoderRecommender : IRecommender
{
    internal const string KindName = "vae";

    private const int Steps = 4;

    private readonly string[] _itemIds;
    private readonly AutoencoderWeights _net;

    /// <param name="itemIds">Id of each item.</param>
    /// <param name="weights">What was trained.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public AutoencoderRecommender(IReadOnlyList<string> itemIds, AutoencoderWeights weights)
    {
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(weights);
        weights.Check(itemIds.Count);
        _itemIds = [.. itemIds];
        _net = weights;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>
    /// The log of how many times likelier each item is than one drawn at random: above 0 when the history speaks for
    /// it.
    /// </summary>
    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        if (history.Length == 0)
        {
            scores.Clear();
            return;
        }

        ScoreAll(Encode(history).Mean, scores);
    }

    /// <summary>
    /// Integrated gradients (Sundararajan, Taly and Yan, ICML 2017) of the decoder's output on the way from no history
    /// to this one, in four steps: nearly adds up to what the history adds to that output. What all items have in
    /// common, the mean likelihood, is left out.
    /// </summary>
    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        history.Check(_itemIds.Length);
        contributions.Clear();
        var (items, weights) = (history.Items.ToArray(), history.Weights.ToArray());
        var unit = InverseLength(weights);
        var encoding = new Encoding(_net);
        for (var step = 0; step < Steps; step++)
        {
            encoding.Run(items, weights, unit * (step + 0.5f) / Steps);
            var byFirst = encoding.BackToFirst(_net.Decoder.Row(item));
            for (var at = 0; at < items.Length; at++)
            {
                var slope = TensorPrimitives.Dot(Input(items[at]), byFirst.AsSpan());
                contributions[at] += weights[at] * unit * slope / Steps;
            }
        }
    }

    /// <summary>Cosine of the decoder's vectors.</summary>
    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores)
    {
        var own = _net.Decoder.Row(item);
        var length = TensorPrimitives.Norm(own);
        for (var other = 0; other < _itemIds.Length; other++)
        {
            var row = _net.Decoder.Row(other);
            var lengths = length * TensorPrimitives.Norm(row);
            scores[other] = lengths > 0 ? TensorPrimitives.Dot(own, row) / lengths : 0;
        }
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer) => _net.Write(writer);

    internal static AutoencoderRecommender ReadBody(BinaryReader reader, string[] itemIds) =>
        new(itemIds, AutoencoderWeights.Read(reader, itemIds.Length));

    private static float InverseLength(ReadOnlySpan<float> weights)
    {
        var squares = TensorPrimitives.SumOfSquares(weights);
        return squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
    }

    private ReadOnlySpan<float> Input(int item) => _net.Inputs.AsSpan(item * _net.Hidden, _net.Hidden);

    // In ascending order of the items, so that the order of a history changes no bit of a sum.
    private Encoding Encode(History history)
    {
        var items = history.Items.ToArray();
        var weights = history.Weights.ToArray();
        Array.Sort(items, weights);
        var encoding = new Encoding(_net);
        encoding.Run(items, weights, InverseLength(weights));
        return encoding;
    }

    private void ScoreAll(ReadOnlySpan<float> mean, Span<float> scores)
    {
        _net.Decoder.Apply(mean, scores);
        var highest = TensorPrimitives.Max((ReadOnlySpan<float>)scores);
        var sum = 0.0;
        foreach (var score in scores)
        {
            sum += Math.Exp(score - highest);
        }

        TensorPrimitives.Subtract(scores, highest + (float)Math.Log(sum / scores.Length), scores);
    }

    // One encoding: what each layer got, what it gave, and the latent mean.
    private sealed class Encoding(AutoencoderWeights net)
    {
        private readonly int _hidden = net.Hidden;

        // Before the swish, and after the norm, layer by layer.
        private readonly float[] _before = new float[net.NormScales.Count * net.Hidden];
        private readonly float[] _after = new float[net.NormScales.Count * net.Hidden];
        private readonly float[] _sum = new float[net.Hidden];

        public float[] Mean { get; } = new float[net.Mean.Outputs];

        public void Run(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, float scale)
        {
            var first = Before(0);
            net.InputBias.CopyTo(first);
            for (var at = 0; at < items.Length; at++)
            {
                TensorPrimitives.MultiplyAdd(
                    net.Inputs.AsSpan(items[at] * _hidden, _hidden), weights[at] * scale, first, first);
            }

            _sum.AsSpan().Clear();
            for (var layer = 0; layer < net.NormScales.Count; layer++)
            {
                if (layer > 0)
                {
                    net.Deeper[layer - 1].Apply(After(layer - 1), Before(layer));
                    TensorPrimitives.Add(Before(layer), _sum, Before(layer));
                }

                Activate(layer);
                TensorPrimitives.Add(_sum, After(layer), _sum);
            }

            net.Mean.Apply(After(net.NormScales.Count - 1), Mean);
        }

        /// <summary>Gradient of a linear function of the mean by what the first layer gets.</summary>
        public float[] BackToFirst(ReadOnlySpan<float> byMean)
        {
            var byAfter = new float[_hidden];
            var byBefore = new float[_hidden];
            var byAllLater = new float[_hidden];
            net.Mean.AddTransposed(byMean, byAfter);
            for (var layer = net.NormScales.Count - 1; ; layer--)
            {
                BackThroughActivation(layer, byAfter, byBefore);
                if (layer == 0)
                {
                    return byBefore;
                }

                // Each layer stands in the sum that every later one gets.
                TensorPrimitives.Add(byAllLater, byBefore, byAllLater);
                byAllLater.CopyTo(byAfter, 0);
                net.Deeper[layer - 1].AddTransposed(byBefore, byAfter);
            }
        }

        private Span<float> Before(int layer) => _before.AsSpan(layer * _hidden, _hidden);

        private Span<float> After(int layer) => _after.AsSpan(layer * _hidden, _hidden);

        private void Activate(int layer)
        {
            var y = After(layer);
            TensorPrimitives.Sigmoid(Before(layer), y);
            TensorPrimitives.Multiply(y, Before(layer), y);
            TensorPrimitives.Subtract(y, Average(y), y);
            TensorPrimitives.Multiply(y, 1 / MathF.Sqrt(Variance(y) + net.NormEpsilon), y);
            TensorPrimitives.MultiplyAdd(y, net.NormScales[layer], net.NormShifts[layer], y);
        }

        // y = scale · (s − mean) / deviation + shift, s = swish(x).
        private void BackThroughActivation(int layer, ReadOnlySpan<float> byAfter, Span<float> byBefore)
        {
            var x = Before(layer);
            var centred = new float[_hidden];
            TensorPrimitives.Sigmoid(x, centred);
            TensorPrimitives.Multiply(centred, x, centred);
            TensorPrimitives.Subtract(centred, Average(centred), centred);
            var inverse = 1 / MathF.Sqrt(Variance(centred) + net.NormEpsilon);
            TensorPrimitives.Multiply(centred, inverse, centred);
            TensorPrimitives.Multiply(byAfter, net.NormScales[layer], byBefore);
            var (mean, along) = (Average(byBefore), TensorPrimitives.Dot(byBefore, centred) / _hidden);
            for (var at = 0; at < _hidden; at++)
            {
                var bySwish = inverse * (byBefore[at] - mean - (centred[at] * along));
                var sigmoid = 1 / (1 + MathF.Exp(-x[at]));
                byBefore[at] = bySwish * sigmoid * (1 + (x[at] * (1 - sigmoid)));
            }
        }

        private static float Average(ReadOnlySpan<float> values) => TensorPrimitives.Sum(values) / values.Length;

        // Of values whose mean is 0.
        private static float Variance(ReadOnlySpan<float> values) =>
            TensorPrimitives.SumOfSquares(values) / values.Length;
    }
}
