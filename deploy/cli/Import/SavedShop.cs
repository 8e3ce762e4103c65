using System.Text.Json;
using Ecom.Cli.Infrastructure;
using Ecom.Simulator;

namespace Ecom.Cli.Import;

/// <summary>The shop that was loaded last, kept so that the simulator can go on from it.</summary>
internal static class SavedShop
{
    private const string FileName = "shop.json";

    public static void Save(string folder, ImportedShop shop)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(shop));
    }

    /// <returns>Null if none was loaded.</returns>
    public static ImportedShop? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ImportedShop>(File.ReadAllText(path)) : null;
        }
        catch (JsonException broken)
        {
            throw new SetupException($"{path} cannot be read ({broken.Message}). Delete it and load a shop.", broken);
        }
    }
}
