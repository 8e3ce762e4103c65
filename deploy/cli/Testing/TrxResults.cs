using System.Globalization;
using System.Xml.Linq;

namespace Ecom.Cli.Testing;

/// <summary>How many tests of a run passed and failed.</summary>
internal sealed record TestCounts(int Passed, int Failed)
{
    public static TestCounts operator +(TestCounts left, TestCounts right) =>
        new(left.Passed + right.Passed, left.Failed + right.Failed);

    /// <summary>The closing line of <c>./ecom test</c>.</summary>
    public override string ToString() => $"{Passed} passed, {Failed} failed";
}

/// <summary>Reads the result files of <c>dotnet test</c>.</summary>
internal static class TrxResults
{
    // A test that is skipped, aborted or never ran has not shown what it should: it counts as failed.
    public static TestCounts Read(XDocument trx)
    {
        var counters = trx.Descendants().Single(element => element.Name.LocalName == "Counters");
        var passed = Count("passed");
        return new TestCounts(passed, Count("total") - passed);

        int Count(string name) => int.Parse(counters.Attribute(name)!.Value, CultureInfo.InvariantCulture);
    }

    /// <summary>The counts of one project's run.</summary>
    /// <param name="path">Its result file; missing if the run broke off.</param>
    /// <param name="exitCode">What <c>dotnet test</c> returned.</param>
    public static TestCounts Read(string path, int exitCode)
    {
        var counts = File.Exists(path) ? Read(XDocument.Load(path)) : new TestCounts(0, 0);

        // A run that broke off says so by its exit code only; that must not look like success.
        return exitCode != 0 && counts.Failed == 0 ? counts with { Failed = 1 } : counts;
    }
}
