using Ecom.Algorithms.Recommendation;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>Reads sessions: one a line, items separated by blanks, the last one to be foretold.</summary>
internal static class SessionFile
{
    /// <summary>The sessions in the order of their lines; -1 is an item that the index does not know.</summary>
    /// <param name="path">The file, plain or gzipped.</param>
    /// <param name="index">Ids of items.</param>
    /// <param name="grow">Whether new ids are added to the index.</param>
    /// <exception cref="SetupException">A session has fewer than two items, or there is none.</exception>
    public static List<int[]> Read(string path, IdIndex index, bool grow)
    {
        var sessions = new List<int[]>();
        foreach (var (number, line) in TextLines.Read(path))
        {
            var ids = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (ids.Length < 2)
            {
                throw new SetupException($"{path} line {number}: a session needs two items, this is '{line}'.");
            }

            sessions.Add(Array.ConvertAll(ids, id => grow ? index.Add(id) : index.Find(id)));
        }

        return sessions.Count > 0 ? sessions : throw new SetupException($"{path}: no sessions in it.");
    }
}
