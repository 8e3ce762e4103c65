using Ecom.Algorithms.Recommendation;
using static TorchSharp.torch;

namespace Ecom.Algorithms.Deep;

/// <summary>Between sparse histories, dense tensors and plain arrays.</summary>
internal static class DenseRows
{
    // A field, since a temporary scalar may be freed while libtorch reads it.
    private static readonly TorchSharp.Scalar _tiny = 1e-12f;

    /// <summary>Rows of a matrix as a tensor, users × items.</summary>
    /// <param name="interactions">The matrix.</param>
    /// <param name="users">Which rows.</param>
    /// <param name="binary">1 instead of each weight.</param>
    public static Tensor Of(Interactions interactions, ReadOnlySpan<int> users, bool binary = false)
    {
        var values = new float[users.Length * interactions.ItemCount];
        for (var row = 0; row < users.Length; row++)
        {
            var items = interactions.ItemsOf(users[row]);
            var weights = interactions.WeightsOf(users[row]);
            for (var at = 0; at < items.Length; at++)
            {
                values[(row * interactions.ItemCount) + items[at]] = binary ? 1 : weights[at];
            }
        }

        return tensor(values, users.Length, interactions.ItemCount);
    }

    /// <summary>Each row divided by its length; rows of zeros stay.</summary>
    public static Tensor Normalised(Tensor rows) =>
        rows / (rows * rows).sum(1, keepdim: true).sqrt().clamp_min(_tiny);

    /// <summary>The values, row by row.</summary>
    public static float[] ToArray(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().contiguous().data<float>().ToArray();
    }

    /// <summary>An affine layer in plain arrays.</summary>
    public static DenseLayer ToLayer(TorchSharp.Modules.Linear layer) =>
        new(ToArray(layer.weight!), ToArray(layer.bias!));
}
