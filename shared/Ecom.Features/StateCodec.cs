using System.Globalization;

namespace Ecom.Features;

/// <summary>How a field of a stored state takes a delta.</summary>
internal enum FieldMerge
{
    /// <summary>64-bit integers are added.</summary>
    Add,

    /// <summary>The greater text, byte by byte, stays.</summary>
    Greatest,

    /// <summary>The greater time in milliseconds stays.</summary>
    Newest,
}

/// <summary>One field of a stored state.</summary>
internal readonly record struct StateField(string Name, FieldMerge Merge, string Value);

/// <summary>States as the fields of a hash.</summary>
/// <remarks>
/// <c>name:n:d20417</c> count, <c>name:s:h489999</c> sum, <c>name:x:m29399999</c> extreme (level letter and tile
/// number),
/// <c>name:m:member</c> member with its newest time, <c>name:z</c> last value, <c>~newest</c> newest event time,
/// <c>~link:m:id</c> anonymous id. The names of definitions hold no colon, so the second colon ends the head.
/// Fields of definitions that the set does not know are passed over.
/// </remarks>
internal static class StateCodec
{
    public const string NewestField = "~newest";
    public const string SizeField = "~size";
    private const string LinkHead = "~link:m:";
    private const string Levels = "mhd";

    public static IEnumerable<StateField> Fields(EntityState state)
    {
        state.Prune();
        yield return new StateField(NewestField, FieldMerge.Newest, Text(state.NewestMs));
        foreach (var (anonymous, atMs) in state.Links)
        {
            yield return new StateField(LinkHead + anonymous, FieldMerge.Newest, Text(atMs));
        }

        foreach (var (slot, definition) in state.Set.DefinitionsOf(state.Kind).Index())
        {
            if (state.PartialAt(slot) is { } partial)
            {
                foreach (var field in Fields(definition.Name, partial))
                {
                    yield return field;
                }
            }
        }
    }

    public static string MemberField(string name, string member) => $"{name}:m:{member}";

    public static string LinkField(string anonymous) => LinkHead + anonymous;

    /// <exception cref="FormatException">A field is none that <see cref="Fields(EntityState)"/> writes.</exception>
    public static void Decode(EntityState state, IEnumerable<KeyValuePair<string, string>> fields)
    {
        foreach (var (name, value) in fields)
        {
            if (name == NewestField)
            {
                state.SeeAt(Number(value));
            }
            else if (name.StartsWith(LinkHead, StringComparison.Ordinal))
            {
                state.Link(name[LinkHead.Length..], Number(value));
            }
            else if (name != SizeField)
            {
                DecodePartial(state, name, value);
            }
        }

        state.Prune();
    }

    private static IEnumerable<StateField> Fields(string name, Partial partial)
    {
        foreach (var (tile, count) in partial.Counts)
        {
            yield return new StateField(TileField(name, 'n', tile), FieldMerge.Add, Text(count));
        }

        foreach (var (tile, sum) in partial.Sums)
        {
            yield return new StateField(TileField(name, 's', tile), FieldMerge.Add, Text(sum));
        }

        foreach (var (tile, register) in partial.Extremes)
        {
            yield return new StateField(TileField(name, 'x', tile), FieldMerge.Greatest, register.Encode());
        }

        foreach (var (member, atMs) in partial.Members)
        {
            yield return new StateField(MemberField(name, member), FieldMerge.Newest, Text(atMs));
        }

        if (partial.Newest is { } newest)
        {
            yield return new StateField($"{name}:z", FieldMerge.Greatest, newest.Encode());
        }
    }

    private static void DecodePartial(EntityState state, string field, string value)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon + 1 >= field.Length)
        {
            throw new FormatException($"Not a field of a feature state: '{field}'.");
        }

        var slot = state.Set.SlotNamed(state.Kind, field[..colon]);
        if (slot < 0)
        {
            return;
        }

        var partial = state.PartialOf(slot);
        var rest = field[Math.Min(colon + 3, field.Length)..];
        switch (field[colon + 1])
        {
            case 'n':
                partial.Counts[TileOf(rest)] = Number(value);
                break;
            case 's':
                partial.Sums[TileOf(rest)] = Number(value);
                break;
            case 'x':
                partial.Raise(TileOf(rest), Register.Decode(value));
                break;
            case 'm':
                partial.See(rest, Number(value));
                break;
            case 'z':
                partial.Renew(Register.Decode(value));
                break;
            default:
                throw new FormatException($"Not a field of a feature state: '{field}'.");
        }
    }

    private static string TileField(string name, char part, Tile tile) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}:{part}:{Levels[(int)tile.Level]}{tile.Index}");

    private static Tile TileOf(string text) => text.Length > 1 && Levels.IndexOf(text[0]) is var level and >= 0
        ? new Tile((TileLevel)level, Number(text[1..]))
        : throw new FormatException($"Not a tile: '{text}'.");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
