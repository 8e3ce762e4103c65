namespace Ecom.Algorithms.Recommendation;

/// <summary>What a trained autoencoder consists of.</summary>
public sealed record AutoencoderWeights
{
    /// <summary>
    /// First vector of each item, items × hidden: the transposed weights of the first layer, so that a history is a sum
    /// of rows.
    /// </summary>
    public required float[] Inputs { get; init; }

    /// <summary>Bias of the first layer; its length is the width of the hidden layers.</summary>
    public required float[] InputBias { get; init; }

    /// <summary>The hidden layers after the first, hidden × hidden each.</summary>
    public required IReadOnlyList<DenseLayer> Deeper { get; init; }

    /// <summary>Scale of the layer norm of each hidden layer.</summary>
    public required IReadOnlyList<float[]> NormScales { get; init; }

    /// <summary>Shift of the layer norm of each hidden layer.</summary>
    public required IReadOnlyList<float[]> NormShifts { get; init; }

    /// <summary>ε of the layer norms, greater than 0.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Mean of the latent vector, latent × hidden.</summary>
    public required DenseLayer Mean { get; init; }

    /// <summary>Scores, items × latent.</summary>
    public required DenseLayer Decoder { get; init; }

    internal int Hidden => InputBias.Length;

    /// <exception cref="ArgumentException">A shape does not fit the others.</exception>
    internal void Check(int items)
    {
        var layers = Deeper.Count + 1;
        var fits = (long)items * Hidden == Inputs.Length
            && Hidden > 0
            && NormEpsilon > 0
            && Deeper.All(layer => layer.Inputs == Hidden && layer.Outputs == Hidden)
            && NormScales.Count == layers && NormScales.All(scale => scale.Length == Hidden)
            && NormShifts.Count == layers && NormShifts.All(shift => shift.Length == Hidden)
            && Mean.Inputs == Hidden
            && Decoder.Outputs == items
            && (items == 0 || Decoder.Inputs == Mean.Outputs);
        if (!fits)
        {
            throw new ArgumentException("The layers of the autoencoder do not fit each other.");
        }
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Hidden);
        writer.Write(Mean.Outputs);
        writer.Write(Deeper.Count + 1);
        writer.Write(NormEpsilon);
        RecommenderFormat.WriteArray<float>(writer, Inputs);
        RecommenderFormat.WriteArray<float>(writer, InputBias);
        foreach (var layer in Deeper)
        {
            layer.Write(writer);
        }

        foreach (var norm in NormScales.Concat(NormShifts))
        {
            RecommenderFormat.WriteArray<float>(writer, norm);
        }

        Mean.Write(writer);
        Decoder.Write(writer);
    }

    internal static AutoencoderWeights Read(BinaryReader reader, int items)
    {
        var (hidden, latent, layers) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        if (hidden < 1 || latent < 1 || layers is < 1 or > 64)
        {
            throw new InvalidDataException($"{layers} layers of {hidden} and a latent vector of {latent}.");
        }

        return new AutoencoderWeights
        {
            NormEpsilon = reader.ReadSingle(),
            Inputs = RecommenderFormat.ReadArray<float>(reader, (long)items * hidden),
            InputBias = RecommenderFormat.ReadArray<float>(reader, hidden),
            Deeper = Repeat(layers - 1, () => DenseLayer.Read(reader, hidden, hidden)),
            NormScales = Repeat(layers, () => RecommenderFormat.ReadArray<float>(reader, hidden)),
            NormShifts = Repeat(layers, () => RecommenderFormat.ReadArray<float>(reader, hidden)),
            Mean = DenseLayer.Read(reader, hidden, latent),
            Decoder = DenseLayer.Read(reader, latent, items),
        };
    }

    private static T[] Repeat<T>(int count, Func<T> read)
    {
        var all = new T[count];
        for (var at = 0; at < count; at++)
        {
            all[at] = read();
        }

        return all;
    }
}
