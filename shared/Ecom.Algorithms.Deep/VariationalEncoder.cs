using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ecom.Algorithms.Deep;

/// <summary>Histories in, mean and log-variance of the latent vector out.</summary>
/// <remarks>
/// Shenbin et al. 2020: densely connected layers, each the layer norm of the swish of an affine map plus all layers
/// before it. One layer is the encoder of Mult-VAE but for the norm and the activation.
/// </remarks>
internal sealed class VariationalEncoder : nn.Module<Tensor, (Tensor Mean, Tensor LogVariance)>
{
    /// <summary>ε of the layer norms; as large as in the authors' code.</summary>
    public const double NormEpsilon = 0.1;

    private readonly double _dropout;

    public VariationalEncoder(int items, VariationalAutoencoderOptions options)
        : base(nameof(VariationalEncoder))
    {
        _dropout = options.Dropout;
        for (var layer = 0; layer < options.HiddenLayers; layer++)
        {
            var width = layer == 0 ? items : options.Hidden;
            Layers.append(nn.Linear(width, options.Hidden));
            Norms.append(nn.LayerNorm(options.Hidden, eps: NormEpsilon));
        }

        Mean = nn.Linear(options.Hidden, options.Latent);
        LogVariance = nn.Linear(options.Hidden, options.Latent);
        RegisterComponents();
    }

    public ModuleList<Linear> Layers { get; } = [];

    public ModuleList<LayerNorm> Norms { get; } = [];

    public Linear Mean { get; }

    public Linear LogVariance { get; }

    /// <param name="input">Histories × items, each row of length 1.</param>
    public override (Tensor Mean, Tensor LogVariance) forward(Tensor input)
    {
        var current = nn.functional.dropout(input, _dropout, training);
        Tensor? before = null;
        for (var layer = 0; layer < Layers.Count; layer++)
        {
            current = Layers[layer].forward(current);
            current = Norms[layer].forward(nn.functional.silu(before is null ? current : current + before));
            before = before is null ? current : before + current;
        }

        return (Mean.forward(current), LogVariance.forward(current));
    }
}
