using System.Globalization;
using System.Text;

namespace Ecom.Features;

/// <summary>How long what a definition holds is kept, counted back from the newest event of the entity.</summary>
/// <param name="TilesMs">By level, milliseconds; 0 where the definition has no tiles.</param>
/// <param name="MembersMs">Of members of a distinct count, milliseconds.</param>
internal sealed record Retention(long[] TilesMs, long MembersMs)
{
    /// <summary>The letters of tile levels in stored fields.</summary>
    public const string Letters = "mhdl";

    public static Retention Of(FeatureDefinition definition)
    {
        var tiles = new long[Tiles.LevelCount];
        foreach (var level in definition.Windows.GroupBy(definition.LevelOf))
        {
            tiles[(int)level.Key] = Tiles.KeptMs(level.Key, level.Max());
        }

        return new Retention(tiles, Tiles.MembersKeptMs(definition.Windows.Max()));
    }

    /// <summary>
    /// <c>name m60000:7260000 s1:612000000;</c> for each definition: letter, length and retention of its tiles, and of
    /// its members (s).
    /// </summary>
    public static string Encode(FeatureDefinition[] definitions, Retention[] retentions)
    {
        var text = new StringBuilder();
        foreach (var (definition, retention) in definitions.Zip(retentions))
        {
            text.Append(definition.Name);
            foreach (var (level, kept) in retention.TilesMs.Index().Where(pair => pair.Item > 0))
            {
                text.Append(
                    CultureInfo.InvariantCulture, $" {Letters[level]}{Tiles.LengthMs((TileLevel)level)}:{kept}");
            }

            text.Append(CultureInfo.InvariantCulture, $" s1:{retention.MembersMs};");
        }

        return text.ToString();
    }
}
