using System.Text;
using Ecom.Algorithms.Classification;

namespace Ecom.Algorithms.Fraud;

/// <summary>A served fraud model: named features in, a calibrated probability and its reasons out.</summary>
/// <remarks>
/// Pure arrays: no library is needed to serve it. The same vector gives the same bits on every machine that rounds as
/// IEEE 754 does, and after it was written and read. Immutable and thread-safe.
/// </remarks>
/// <param name="names">Names of the features in the order of a vector.</param>
/// <param name="trees">The trees.</param>
/// <param name="calibration">From margin to probability.</param>
public sealed class FraudModel(IReadOnlyList<string> names, TreeEnsemble trees, PlattCalibration calibration)
{
    private const uint Magic = 0x4D464345; // "ECFM"
    private const int Version = 1;

    /// <summary>Names of the features in the order of a vector.</summary>
    public IReadOnlyList<string> Names { get; } = names.Count == trees.Features
        ? names : throw new ArgumentException("Each feature of the trees needs a name.", nameof(names));

    /// <summary>The trees.</summary>
    public TreeEnsemble Trees => trees;

    /// <summary>From margin to probability.</summary>
    public PlattCalibration Calibration => calibration;

    /// <summary>The probability that a payment is fraud.</summary>
    /// <param name="vector">As many values as names; NaN is missing.</param>
    public double Score(ReadOnlySpan<float> vector) => calibration.Probability(trees.Margin(vector));

    /// <summary>The same probability, and what each feature adds to the log-odds, in one walk.</summary>
    /// <param name="vector">As many values as names; NaN is missing.</param>
    /// <param name="contributions">Takes as many values as names.</param>
    public double Explain(ReadOnlySpan<float> vector, Span<double> contributions)
    {
        var margin = trees.Explain(vector, contributions);
        for (var at = 0; at < contributions.Length; at++)
        {
            contributions[at] *= calibration.Slope;
        }

        return calibration.Probability(margin);
    }

    /// <summary>Writes the model: "ECFM", version, names, calibration, trees; little-endian.</summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Names.Count);
        foreach (var name in Names)
        {
            writer.Write(name);
        }

        writer.Write(calibration.Slope);
        writer.Write(calibration.Intercept);
        trees.Write(writer);
    }

    /// <summary>Restores what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Not such a model, another version, or cut short.</exception>
    public static FraudModel Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadUInt32() != Magic)
            {
                throw new InvalidDataException("Not a fraud model: the signature is missing.");
            }

            var version = reader.ReadInt32();
            if (version != Version)
            {
                throw new InvalidDataException($"Fraud model format {version} is not known; this is {Version}.");
            }

            var count = reader.ReadInt32();
            if (count is < 1 or > 100_000)
            {
                throw new InvalidDataException($"A fraud model of {count} features is none.");
            }

            var names = new string[count];
            foreach (ref var name in names.AsSpan())
            {
                name = reader.ReadString();
            }

            var calibration = new PlattCalibration(reader.ReadDouble(), reader.ReadDouble());
            var trees = TreeEnsemble.Read(reader);
            return trees.Features == count ? new FraudModel(names, trees, calibration)
                : throw new InvalidDataException("Names and trees do not fit each other.");
        }
        catch (EndOfStreamException cut)
        {
            throw new InvalidDataException("The fraud model is cut short.", cut);
        }
    }
}
