using System.Globalization;

namespace Ecom.Recommendation.Outcomes;

/// <summary>
/// The id of an answer says what the answer was: an outcome that carries it needs no look-up, however many answers
/// there were and whatever was lost since.
/// </summary>
/// <remarks>
/// Text: <c>guid.placement.model</c>, within an experiment <c>guid.placement.model.experiment.arm.unit</c>, numbers in
/// hex; the guid is of version 7 and holds the time. At most 96 characters. Opaque to storefronts.
/// </remarks>
internal sealed record AnswerId
{
    private const int PartsWithoutExperiment = 3;
    private const int PartsWithExperiment = 6;

    public required string Placement { get; init; }

    /// <summary>0 when no list of a model is in the answer.</summary>
    public required int ModelVersion { get; init; }

    /// <summary>0 outside experiments.</summary>
    public required int Experiment { get; init; }

    public required int Arm { get; init; }

    /// <summary>Whom the experiment counts: a hash of the visitor; 0 outside experiments.</summary>
    public required long Unit { get; init; }

    /// <summary>When the answer was given, to the millisecond.</summary>
    public required DateTimeOffset ServedAt { get; init; }

    /// <summary>What its numbers are added to.</summary>
    public Slice Slice => new(Placement, ModelVersion, Experiment, Arm);

    /// <summary>The text of a new answer's id.</summary>
    public string Write()
    {
        var guid = Guid.CreateVersion7(ServedAt);
        return Experiment == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{guid:N}.{Placement}.{ModelVersion:x}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{guid:N}.{Placement}.{ModelVersion:x}.{Experiment:x}.{Arm:x}.{Unit:x}");
    }

    /// <returns>Null for text that this service did not write.</returns>
    public static AnswerId? TryRead(string? text)
    {
        var parts = text?.Split('.') ?? [];
        if (parts.Length is not (PartsWithoutExperiment or PartsWithExperiment)
            || !Guid.TryParseExact(parts[0], "N", out var guid)
            || guid.Version != 7
            || parts[1].Length == 0
            || !TryHex(parts[2], out var model))
        {
            return null;
        }

        long experiment = 0, arm = 0, unit = 0;
        if (parts.Length == PartsWithExperiment
            && !(TryHex(parts[3], out experiment) && TryHex(parts[4], out arm) && TryHex(parts[5], out unit)))
        {
            return null;
        }

        return (model | experiment | arm) is < 0 or > int.MaxValue
            ? null
            : new AnswerId
            {
                Placement = parts[1],
                ModelVersion = (int)model,
                Experiment = (int)experiment,
                Arm = (int)arm,
                Unit = unit,
                ServedAt = TimeOf(guid),
            };
    }

    private static bool TryHex(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    // RFC 9562: the first 48 bits are milliseconds since 1970.
    private static DateTimeOffset TimeOf(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = 0L;
        foreach (var one in bytes[..6])
        {
            milliseconds = (milliseconds << 8) | one;
        }

        // 48 bits reach beyond the year 10,000, which no date holds.
        return DateTimeOffset.FromUnixTimeMilliseconds(
            Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
    }
}

/// <summary>What numbers are kept for.</summary>
/// <param name="Placement">Name of the placement.</param>
/// <param name="ModelVersion">0 when no list of a model is in the answers.</param>
/// <param name="Experiment">Number of the experiment; 0 outside experiments.</param>
/// <param name="Arm">Index of the arm; 0 outside experiments.</param>
internal readonly record struct Slice(string Placement, int ModelVersion, int Experiment, int Arm);
