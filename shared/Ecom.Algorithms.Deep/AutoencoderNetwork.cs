using Ecom.Algorithms.Recommendation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ecom.Algorithms.Deep;

/// <summary>The autoencoder under training.</summary>
internal sealed class AutoencoderNetwork : Network
{
    // RecVAE's third part of the prior: wide, so that nothing is far from all of it; its variance is e^10.
    private const double WideShare = 0.1;
    private const double WideLogVariance = 10;

    // Fields, since a temporary scalar may be freed while libtorch reads it.
    private static readonly Scalar _half = 0.5;
    private static readonly Scalar _logTwoPi = Math.Log(2 * Math.PI);

    private readonly Interactions _data;
    private readonly VariationalAutoencoderOptions _options;
    private readonly VariationalEncoder _encoder;
    private readonly VariationalEncoder _before;
    private readonly Linear _decoder;
    private readonly Adam _encoderSteps;
    private readonly Adam _decoderSteps;
    private readonly Random _random;
    private readonly Tensor _zero = zeros(1);
    private readonly Tensor _wide = tensor(new[] { (float)WideLogVariance });
    private readonly Scalar _gamma;
    private readonly Scalar _standardShare;
    private readonly Scalar _oldShare;
    private readonly Scalar _wideShare = Math.Log(WideShare);

    public AutoencoderNetwork(Interactions data, VariationalAutoencoderOptions options)
    {
        _data = data;
        _options = options;
        _random = new Random(options.Seed);
        _encoder = new VariationalEncoder(data.ItemCount, options);
        _before = new VariationalEncoder(data.ItemCount, options);
        _before.eval();
        _before.load_state_dict(_encoder.state_dict());
        _decoder = nn.Linear(options.Latent, data.ItemCount);
        _encoderSteps = new Adam(_encoder.parameters(), options.LearningRate);
        _decoderSteps = new Adam(_decoder.parameters(), options.LearningRate);
        _gamma = options.Gamma;
        _standardShare = Math.Log(1 - WideShare - options.OldPosteriorShare);
        _oldShare = Math.Log(Math.Max(options.OldPosteriorShare, double.Epsilon));
    }

    /// <inheritdoc/>
    public override void RunEpoch(CancellationToken cancellation)
    {
        _encoder.train();
        for (var pass = 0; pass < _options.EncoderPasses; pass++)
        {
            ForEachBatch(_encoderSteps, EncoderLoss, cancellation);
        }

        _encoder.eval();
        _before.load_state_dict(_encoder.state_dict());
        ForEachBatch(_decoderSteps, DecoderLoss, cancellation);
    }

    /// <inheritdoc/>
    public override Tensor Scores(ReadOnlySpan<int> users)
    {
        _encoder.eval();
        return _decoder.forward(_encoder.forward(DenseRows.Normalised(DenseRows.Of(_data, users))).Mean);
    }

    /// <inheritdoc/>
    public override IRecommender Export(IReadOnlyList<string> itemIds)
    {
        using var scope = NewDisposeScope();
        var layers = Enumerable.Range(0, _options.HiddenLayers).ToArray();
        return new AutoencoderRecommender(itemIds, new AutoencoderWeights
        {
            Inputs = DenseRows.ToArray(_encoder.Layers[0].weight!.t()),
            InputBias = DenseRows.ToArray(_encoder.Layers[0].bias!),
            Deeper = [.. layers.Skip(1).Select(layer => DenseRows.ToLayer(_encoder.Layers[layer]))],
            NormScales = [.. layers.Select(layer => DenseRows.ToArray(_encoder.Norms[layer].weight!))],
            NormShifts = [.. layers.Select(layer => DenseRows.ToArray(_encoder.Norms[layer].bias!))],
            NormEpsilon = (float)VariationalEncoder.NormEpsilon,
            Mean = DenseRows.ToLayer(_encoder.Mean),
            Decoder = DenseRows.ToLayer(_decoder),
        });
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _encoder.Dispose();
        _before.Dispose();
        _decoder.Dispose();
        _zero.Dispose();
        _wide.Dispose();
    }

    private void ForEachBatch(Adam steps, Func<Tensor, Tensor> loss, CancellationToken cancellation)
    {
        foreach (var users in Batches(_data, _options.BatchSize, _random))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            steps.ZeroGradients();
            loss(DenseRows.Of(_data, users)).backward();
            steps.Step();
        }
    }

    private Tensor EncoderLoss(Tensor rows)
    {
        var input = DenseRows.Normalised(rows);
        var (mean, logVariance) = _encoder.forward(input);
        var latent = Sample(mean, logVariance);
        var likelihood = LogLikelihood(latent, rows);
        var divergence = (LogNormal(latent, mean, logVariance) - LogPrior(latent, input)).sum(1);
        return (divergence * (rows.sum(1) * _gamma) - likelihood).mean();
    }

    // The encoder rests: it would learn to help this decoder instead of the next one.
    private Tensor DecoderLoss(Tensor rows)
    {
        Tensor latent;
        using (no_grad())
        {
            var (mean, logVariance) = _encoder.forward(DenseRows.Normalised(rows));
            latent = Sample(mean, logVariance);
        }

        return LogLikelihood(latent, rows).neg().mean();
    }

    private Tensor LogLikelihood(Tensor latent, Tensor rows) =>
        (nn.functional.log_softmax(_decoder.forward(latent), 1) * rows).sum(1);

    private static Tensor Sample(Tensor mean, Tensor logVariance) =>
        mean + (randn_like(mean) * (logVariance * _half).exp());

    private Tensor LogPrior(Tensor latent, Tensor input)
    {
        var standard = LogNormal(latent, _zero, _zero);
        if (_options.OldPosteriorShare == 0)
        {
            return standard;
        }

        Tensor mean, logVariance;
        using (no_grad())
        {
            (mean, logVariance) = _before.forward(input);
        }

        Tensor[] parts =
        [
            standard + _standardShare,
            LogNormal(latent, mean, logVariance) + _oldShare,
            LogNormal(latent, _zero, _wide) + _wideShare,
        ];
        return stack(parts, -1).logsumexp(-1);
    }

    private static Tensor LogNormal(Tensor value, Tensor mean, Tensor logVariance)
    {
        var distance = value - mean;
        return ((logVariance + _logTwoPi + (distance * distance / logVariance.exp())) * _half).neg();
    }
}
