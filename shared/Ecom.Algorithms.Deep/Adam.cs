using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace Ecom.Algorithms.Deep;

/// <summary>Steps of a length that each weight's own gradients set.</summary>
/// <remarks>
/// Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015. In plain code over the tensors'
/// memory: TorchSharp's own makes temporary scalars that the garbage collector may free while libtorch reads them
/// (now and then a step failed), and needs ten passes where this needs one.
/// </remarks>
internal sealed class Adam(IEnumerable<Parameter> parameters, double learningRate)
{
    private const float MeanDecay = 0.9f;
    private const float SquareDecay = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly State[] _states = [.. parameters.Select(one => new State(one))];
    private int _steps;

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var state in _states)
        {
            state.Parameter.grad?.zero_();
        }
    }

    /// <summary>Moves all weights that have a gradient.</summary>
    public void Step()
    {
        _steps++;
        var (meanShare, squareShare) = (1 - Math.Pow(MeanDecay, _steps), 1 - Math.Pow(SquareDecay, _steps));
        var length = (float)(learningRate * Math.Sqrt(squareShare) / meanShare);
        var epsilon = Epsilon * (float)Math.Sqrt(squareShare);
        foreach (var state in _states)
        {
            using var gradient = state.Parameter.grad?.contiguous();
            if (gradient is not null)
            {
                state.Move(Floats(gradient), Floats(state.Parameter), length, epsilon);
            }
        }
    }

    private static Span<float> Floats(TorchSharp.torch.Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private sealed class State(Parameter parameter)
    {
        // A part that stays in the first cache.
        private const int Part = 1024;

        private readonly float[] _means = new float[parameter.numel()];
        private readonly float[] _squares = new float[parameter.numel()];

        public Parameter Parameter => parameter;

        public void Move(ReadOnlySpan<float> gradient, Span<float> weights, float length, float epsilon)
        {
            Span<float> space = stackalloc float[Part];
            for (var from = 0; from < weights.Length; from += Part)
            {
                var count = Math.Min(Part, weights.Length - from);
                var g = gradient.Slice(from, count);
                var w = weights.Slice(from, count);
                var step = space[..count];
                var mean = _means.AsSpan(from, count);
                var square = _squares.AsSpan(from, count);
                TensorPrimitives.Subtract(g, mean, step);
                TensorPrimitives.MultiplyAdd(step, 1 - MeanDecay, mean, mean);
                TensorPrimitives.Multiply(g, g, step);
                TensorPrimitives.Subtract(step, square, step);
                TensorPrimitives.MultiplyAdd(step, 1 - SquareDecay, square, square);
                TensorPrimitives.Sqrt(square, step);
                TensorPrimitives.Add(step, epsilon, step);
                TensorPrimitives.Divide(mean, step, step);
                TensorPrimitives.MultiplyAdd(step, -length, w, w);
            }
        }
    }
}
