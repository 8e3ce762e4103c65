using System.Diagnostics.CodeAnalysis;

namespace Ecom.Console.Traces;

/// <summary>What people paste when they mean a trace.</summary>
internal static class TraceIds
{
    /// <summary>Accepts a trace id in any case, or a whole W3C <c>traceparent</c>.</summary>
    public static bool TryNormalise(string? text, [NotNullWhen(true)] out string? traceId)
    {
        var candidate = text?.Trim() ?? "";
        if (candidate.Split('-') is [{ Length: 2 }, var id, { Length: 16 }, { Length: 2 }])
        {
            candidate = id;
        }

        traceId = candidate.Length == 32 && candidate.All(char.IsAsciiHexDigit)
            ? candidate.ToLowerInvariant()
            : null;
        return traceId is not null;
    }
}
