namespace Ecom.Rules.Checking;

/// <summary>How many arguments a function takes, of which types.</summary>
internal enum Signature
{
    /// <summary>One number, to a number.</summary>
    Number,

    /// <summary>Two numbers or more, to a number.</summary>
    Numbers,

    /// <summary>A text, to a number.</summary>
    TextToNumber,

    /// <summary>Two texts, to a boolean.</summary>
    Texts,

    /// <summary>Anything, to a boolean.</summary>
    Anything,

    /// <summary>Two values or more of one type, to that type.</summary>
    Alike,

    /// <summary>A condition and two values of one type, to that type.</summary>
    Choice,
}

/// <summary>A function that rules can call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Signature">What it takes and gives.</param>
/// <param name="Cost">What calling it costs, beside its arguments.</param>
internal sealed record Function(string Name, Signature Signature, int Cost)
{
    private static readonly Dictionary<string, Function> _all = new[]
    {
        new Function("abs", Signature.Number, 1),
        new Function("floor", Signature.Number, 1),
        new Function("ceil", Signature.Number, 1),
        new Function("round", Signature.Number, 1),
        new Function("sqrt", Signature.Number, 2),
        new Function("log", Signature.Number, 4),
        new Function("min", Signature.Numbers, 1),
        new Function("max", Signature.Numbers, 1),
        new Function("length", Signature.TextToNumber, 1),
        new Function("starts_with", Signature.Texts, 3),
        new Function("ends_with", Signature.Texts, 3),
        new Function("contains", Signature.Texts, 20),
        new Function("is_missing", Signature.Anything, 1),
        new Function("coalesce", Signature.Alike, 1),
        new Function("if", Signature.Choice, 1),
    }.ToDictionary(function => function.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Names => _all.Keys;

    public static Function? Find(string name) => _all.GetValueOrDefault(name);
}
