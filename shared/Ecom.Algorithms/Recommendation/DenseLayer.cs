using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation;

/// <summary>An affine map of a trained network: y = W x + b.</summary>
public sealed class DenseLayer
{
    /// <param name="weights">W, outputs × inputs, row by row.</param>
    /// <param name="bias">b; its length is the number of outputs.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public DenseLayer(float[] weights, float[] bias)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(bias);
        if (bias.Length == 0 ? weights.Length != 0 : weights.Length % bias.Length != 0)
        {
            throw new ArgumentException($"{weights.Length} weights for {bias.Length} outputs.", nameof(weights));
        }

        Weights = weights;
        Bias = bias;
        Inputs = bias.Length == 0 ? 0 : weights.Length / bias.Length;
    }

    /// <summary>W, outputs × inputs, row by row.</summary>
    public float[] Weights { get; }

    /// <summary>b.</summary>
    public float[] Bias { get; }

    /// <summary>Length of x.</summary>
    public int Inputs { get; }

    /// <summary>Length of y.</summary>
    public int Outputs => Bias.Length;

    /// <summary>Row of W that makes one output.</summary>
    public ReadOnlySpan<float> Row(int output) => Weights.AsSpan(output * Inputs, Inputs);

    internal void Apply(ReadOnlySpan<float> x, Span<float> y)
    {
        for (var output = 0; output < y.Length; output++)
        {
            y[output] = TensorPrimitives.Dot(Row(output), x) + Bias[output];
        }
    }

    // x += Wᵀ y: what a change of y's makes of the inputs.
    internal void AddTransposed(ReadOnlySpan<float> y, Span<float> x)
    {
        for (var output = 0; output < y.Length; output++)
        {
            TensorPrimitives.MultiplyAdd(Row(output), y[output], x, x);
        }
    }

    internal void Write(BinaryWriter writer)
    {
        RecommenderFormat.WriteArray<float>(writer, Weights);
        RecommenderFormat.WriteArray<float>(writer, Bias);
    }

    internal static DenseLayer Read(BinaryReader reader, int inputs, int outputs)
    {
        var weights = RecommenderFormat.ReadArray<float>(reader, (long)inputs * outputs);
        return new DenseLayer(weights, RecommenderFormat.ReadArray<float>(reader, outputs));
    }
}
