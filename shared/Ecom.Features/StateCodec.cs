using System.Globalization;
using System.Text;

namespace Ecom.Features;

/// <summary>How a field of a stored state takes a delta.</summary>
internal enum FieldMerge
{
    /// <summary>64-bit integers are added.</summary>
    Add,

    /// <summary>The greater text, byte by byte, stays.</summary>
    Greatest,

    /// <summary>The greater number stays; below 2^53.</summary>
    Highest,
}

/// <summary>One field of a stored state.</summary>
internal readonly record struct StateField(string Name, FieldMerge Merge, string Value);

/// <summary>States as the fields of a hash.</summary>
/// <remarks>
/// <c>name:n:d20417</c> count, <c>name:s:h489999</c> sum, <c>name:x:m29399999</c> extreme (level letter and tile
/// number), <c>name:m:member</c> member with its newest time, <c>name:t</c> time of the newest event, <c>name:z</c>
/// last value, <c>~newest</c> newest event time,
/// <c>~link:m:id</c> anonymous id. The names of definitions hold no colon, so the second colon ends the head.
/// Fields of definitions that the set does not know are passed over.
/// </remarks>
internal static class StateCodec
{
    /// <summary>Which form of fields this is: another one needs states made anew.</summary>
    public const int Format = 2;

    public const string NewestField = "~newest";
    private const string LinkHead = "~link:m:";

    public static IEnumerable<StateField> Fields(EntityState state)
    {
        state.Prune();
        yield return new StateField(NewestField, FieldMerge.Highest, Text(state.NewestMs));
        foreach (var (anonymous, atMs) in state.Links)
        {
            yield return new StateField(LinkHead + anonymous, FieldMerge.Highest, Text(atMs));
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

    /// <summary>Takes one stored field, as UTF-8: a read decodes hundreds, so none becomes a string.</summary>
    /// <remarks>After the last one, <see cref="EntityState.Prune"/> leaves out what no read can reach.</remarks>
    /// <exception cref="FormatException">A field is none that <see cref="Fields(EntityState)"/> writes.</exception>
    public static void Decode(EntityState state, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name[..1].SequenceEqual("~"u8))
        {
            if (name.SequenceEqual("~newest"u8))
            {
                state.SeeAt(Number(value));
            }
            else if (name.StartsWith("~link:m:"u8))
            {
                state.Link(Encoding.UTF8.GetString(name[LinkHead.Length..]), Number(value));
            }
            else if (!name.SequenceEqual("~size"u8))
            {
                throw NotAField(name);
            }
        }
        else
        {
            DecodePartial(state, name, value);
        }
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

        foreach (var (tile, extreme) in partial.Extremes)
        {
            yield return new StateField(TileField(name, 'x', tile), FieldMerge.Highest, Text(extreme));
        }

        foreach (var (member, atMs) in partial.Members)
        {
            yield return new StateField(MemberField(name, member), FieldMerge.Highest, Text(atMs));
        }

        if (partial.NewestMs is { } newestMs)
        {
            yield return new StateField($"{name}:t", FieldMerge.Highest, Text(newestMs));
        }

        if (partial.Newest is { } newest)
        {
            yield return new StateField($"{name}:z", FieldMerge.Greatest, newest.Encode());
        }
    }

    private static void DecodePartial(EntityState state, ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        var colon = field.IndexOf((byte)':');
        if (colon < 0 || colon + 1 >= field.Length)
        {
            throw NotAField(field);
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
            case (byte)'n':
                partial.AddCount(TileOf(rest), Number(value));
                break;
            case (byte)'s':
                partial.AddSum(TileOf(rest), Number(value));
                break;
            case (byte)'x':
                partial.Raise(TileOf(rest), Number(value));
                break;
            case (byte)'m':
                partial.See(Encoding.UTF8.GetString(rest), Number(value));
                break;
            case (byte)'t':
                partial.SeeAt(Number(value));
                break;
            case (byte)'z':
                partial.Renew(Register.Decode(value));
                break;
            default:
                throw NotAField(field);
        }
    }

    private static string TileField(string name, char part, Tile tile) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}:{part}:{Retention.Letters[(int)tile.Level]}{tile.Index}");

    private static Tile TileOf(ReadOnlySpan<byte> text) =>
        text.Length > 1 && Retention.Letters.IndexOf((char)text[0], StringComparison.Ordinal) is var level and >= 0
            ? new Tile((TileLevel)level, Number(text[1..]))
            : throw new FormatException($"Not a tile: '{Encoding.UTF8.GetString(text)}'.");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(ReadOnlySpan<byte> text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static FormatException NotAField(ReadOnlySpan<byte> field) =>
        new($"Not a field of a feature state: '{Encoding.UTF8.GetString(field)}'.");
}
