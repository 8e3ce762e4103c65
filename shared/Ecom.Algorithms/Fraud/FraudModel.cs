using System.Text;
using Ecom.Algorithms.Classification;

namespace Ecom.Algorithms.Fraud;

/// <summary>A served fraud model: named features in, a calibrated probability and its reasons out.</summary>
/// <remarks>
/// Pure arrays: no library is needed to serve it. The same vector gives the same bits on every machine that rounds as
/// IEEE 754 does, and after it was written and read. Immutable and thread-safe.
/// </remarks>
public sealed class FraudModel
{
    private const uint Magic = 0x4D464345; // "ECFM"
    private const int Version = 2;
    private const int MostFeatures = 10_000;
    private const int LongestName = 1_000;
    private const byte OfTrees = 1;
    private const byte OfTerms = 2;

    private readonly IMarginModel _margins;
    private readonly AnomalyModel? _anomalies;

    /// <summary>Takes the parts of a model.</summary>
    /// <param name="names">Names of the features in the order of a vector.</param>
    /// <param name="margins">A <see cref="TreeEnsemble"/> or <see cref="LogisticTerms"/>.</param>
    /// <param name="calibration">From margin to probability.</param>
    /// <param name="reference">What live payments are compared with.</param>
    /// <param name="trainedOn">What it learnt from.</param>
    /// <param name="anomalies">How odd a payment is; null if the model cannot say.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public FraudModel(
        IReadOnlyList<string> names,
        IMarginModel margins,
        PlattCalibration calibration,
        FraudReference reference,
        TrainedOn trainedOn,
        AnomalyModel? anomalies = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(margins);
        ArgumentNullException.ThrowIfNull(reference);
        if (names.Count != margins.Features || names.Count != reference.Features.Count
            || names.Distinct().Count() != names.Count || anomalies?.Columns.Any(at => at >= names.Count) is true)
        {
            throw new ArgumentException("Each feature needs a name of its own and bins.", nameof(names));
        }

        if (!double.IsFinite(calibration.Slope) || !double.IsFinite(calibration.Intercept))
        {
            throw new ArgumentException("The calibration is not finite.", nameof(calibration));
        }

        (Names, _margins, Calibration, Reference) = (names, margins, calibration, reference);
        (TrainedOn, _anomalies) = (trainedOn, anomalies);
    }

    /// <summary>Names of the features in the order of a vector.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>From margin to probability.</summary>
    public PlattCalibration Calibration { get; }

    /// <summary>What live payments are compared with.</summary>
    public FraudReference Reference { get; }

    /// <summary>What it learnt from.</summary>
    public TrainedOn TrainedOn { get; }

    /// <summary>The probability that a payment is fraud.</summary>
    /// <param name="vector">As many values as names; NaN is missing.</param>
    public double Score(ReadOnlySpan<float> vector) => Calibration.Probability(_margins.Margin(vector));

    /// <summary>The same probability, and what each feature adds to the log-odds, in one walk.</summary>
    /// <param name="vector">As many values as names; NaN is missing.</param>
    /// <param name="contributions">Takes as many values as names.</param>
    public double Explain(ReadOnlySpan<float> vector, Span<double> contributions)
    {
        var margin = _margins.Explain(vector, contributions);
        foreach (ref var contribution in contributions)
        {
            contribution *= Calibration.Slope;
        }

        return Calibration.Probability(margin);
    }

    /// <summary>
    /// How odd a payment is, whatever it was labelled: share of the known payments that are less odd.
    /// </summary>
    /// <param name="vector">As many values as names; NaN is missing.</param>
    /// <returns>0 to 1; null if the model cannot say.</returns>
    public double? Anomaly(ReadOnlySpan<float> vector) => _anomalies?.Share(vector);

    /// <summary>
    /// Writes the model: "ECFM", version, names, range, calibration, reference, margins, anomalies; little-endian.
    /// </summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Names.Count);
        foreach (var name in Names)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }

        writer.Write(TrainedOn.From.ToUnixTimeMilliseconds());
        writer.Write(TrainedOn.To.ToUnixTimeMilliseconds());
        writer.Write(TrainedOn.Rows);
        writer.Write(TrainedOn.Frauds);
        writer.Write(Calibration.Slope);
        writer.Write(Calibration.Intercept);
        foreach (var bins in Reference.Features)
        {
            bins.Write(writer);
        }

        Reference.Score.Write(writer);
        WriteMargins(writer);
        writer.Write(_anomalies is not null);
        _anomalies?.Write(writer);
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
            return version == Version ? ReadParts(reader)
                : throw new InvalidDataException($"Fraud model format {version} is not known; this is {Version}.");
        }
        catch (EndOfStreamException cut)
        {
            throw new InvalidDataException("The fraud model is cut short.", cut);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidDataException($"The fraud model is damaged: {wrong.Message}", wrong);
        }
    }

    private void WriteMargins(BinaryWriter writer)
    {
        switch (_margins)
        {
            case TreeEnsemble trees:
                writer.Write(OfTrees);
                trees.Write(writer);
                break;
            case LogisticTerms terms:
                writer.Write(OfTerms);
                terms.Write(writer);
                break;
            default:
                throw new NotSupportedException($"{_margins.GetType().Name} has no form in this file.");
        }
    }

    private static FraudModel ReadParts(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count is < 1 or > MostFeatures)
        {
            throw new InvalidDataException($"A fraud model of {count} features is none.");
        }

        var names = new List<string>();
        for (var at = 0; at < count; at++)
        {
            names.Add(ReadName(reader));
        }

        var trainedOn = new TrainedOn(
            DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
            DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
            reader.ReadInt64(),
            reader.ReadInt64());
        var calibration = new PlattCalibration(reader.ReadDouble(), reader.ReadDouble());
        var features = new List<ReferenceBins>();
        for (var at = 0; at < count; at++)
        {
            features.Add(ReferenceBins.Read(reader));
        }

        var reference = new FraudReference(features, ReferenceBins.Read(reader));
        IMarginModel margins = reader.ReadByte() switch
        {
            OfTrees => TreeEnsemble.Read(reader),
            OfTerms => LogisticTerms.Read(reader),
            var kind => throw new InvalidDataException($"A fraud model of kind {kind} is not known."),
        };
        var anomalies = reader.ReadBoolean() ? AnomalyModel.Read(reader, count) : null;
        return new FraudModel(names, margins, calibration, reference, trainedOn, anomalies);
    }

    private static string ReadName(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        if (length is < 1 or > LongestName)
        {
            throw new InvalidDataException($"A feature's name of {length} bytes is none.");
        }

        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? Encoding.UTF8.GetString(bytes) : throw new EndOfStreamException();
    }
}
