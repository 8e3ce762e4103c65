using System.Globalization;

namespace Ecom.Console.Layout;

/// <summary>How numbers and times are written on the pages: UTC, decimal point, thin groups of three.</summary>
internal static class Show
{
    private static readonly NumberFormatInfo _grouped = new() { NumberGroupSeparator = "\u2009" };

    public static string Count(long? value) => value?.ToString("N0", _grouped) ?? "–";

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => "–",
        < 10 => perSecond.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => perSecond.Value.ToString("N0", _grouped),
    };

    public static string Duration(long microseconds) => microseconds switch
    {
        < 1_000 => Invariant($"{microseconds} µs"),
        < 10_000 => Invariant($"{microseconds / 1_000.0:0.00} ms"),
        < 1_000_000 => Invariant($"{microseconds / 1_000.0:0.0} ms"),
        < 60_000_000 => Invariant($"{microseconds / 1_000_000.0:0.00} s"),
        _ => Invariant($"{microseconds / 60_000_000.0:0.0} min"),
    };

    public static string Seconds(double seconds) => Duration((long)(seconds * 1_000_000));

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    public static string DateAndTime(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>"ecom-feature-store" → "feature-store": the prefix is the same for all of ours.</summary>
    public static string Service(string name) =>
        name.StartsWith("ecom-", StringComparison.Ordinal) ? name["ecom-".Length..] : name;

    /// <summary>A number as SVG writes it.</summary>
    public static string Svg(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
