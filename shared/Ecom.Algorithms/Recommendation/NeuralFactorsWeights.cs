namespace Ecom.Algorithms.Recommendation;

/// <summary>What a trained neural collaborative filter consists of.</summary>
public sealed record NeuralFactorsWeights
{
    /// <summary>
    /// Length of the part of a vector that is multiplied; the rest goes through the layers. At least 1.
    /// </summary>
    public required int Factors { get; init; }

    /// <summary>Vector of each item as part of a history, items × 2 · factors.</summary>
    public required float[] History { get; init; }

    /// <summary>Vector of each item as the one that is scored, items × 2 · factors.</summary>
    public required float[] Items { get; init; }

    /// <summary>First layer, from the histories' and the item's second halves.</summary>
    public required DenseLayer First { get; init; }

    /// <summary>Second layer.</summary>
    public required DenseLayer Second { get; init; }

    /// <summary>One output, from the product (factors) and the second layer.</summary>
    public required DenseLayer Output { get; init; }

    /// <summary>Added to the log-odds, so that 0 is an item drawn at random.</summary>
    public required float Shift { get; init; }

    /// <exception cref="ArgumentException">A shape does not fit the others.</exception>
    internal void Check(int items)
    {
        var fits = Factors >= 1
            && History.LongLength == 2L * Factors * items
            && Items.LongLength == History.LongLength
            && First.Inputs == 2 * Factors
            && Second.Inputs == First.Outputs
            && Output.Outputs == 1
            && Output.Inputs == Factors + Second.Outputs;
        if (!fits)
        {
            throw new ArgumentException("The layers of the neural collaborative filter do not fit each other.");
        }
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Factors);
        writer.Write(First.Outputs);
        writer.Write(Second.Outputs);
        writer.Write(Shift);
        RecommenderFormat.WriteArray<float>(writer, History);
        RecommenderFormat.WriteArray<float>(writer, Items);
        First.Write(writer);
        Second.Write(writer);
        Output.Write(writer);
    }

    internal static NeuralFactorsWeights Read(BinaryReader reader, int items)
    {
        var (factors, first, second) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        if (factors < 1 || first < 1 || second < 1)
        {
            throw new InvalidDataException($"{factors} factors, layers of {first} and {second}.");
        }

        return new NeuralFactorsWeights
        {
            Factors = factors,
            Shift = reader.ReadSingle(),
            History = RecommenderFormat.ReadArray<float>(reader, 2L * factors * items),
            Items = RecommenderFormat.ReadArray<float>(reader, 2L * factors * items),
            First = DenseLayer.Read(reader, 2 * factors, first),
            Second = DenseLayer.Read(reader, first, second),
            Output = DenseLayer.Read(reader, factors + second, 1),
        };
    }
}
