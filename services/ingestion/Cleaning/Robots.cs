using System.Text.RegularExpressions;

namespace Ecom.Ingestion.Cleaning;

/// <summary>Robots by their user agent. Their events are kept and marked; they train and count nothing.</summary>
internal static partial class Robots
{
    public static bool IsRobot(string? userAgent) => userAgent is not null && Known().IsMatch(userAgent);

    [GeneratedRegex(
        @"bot\b|bot[/;\s-]|crawl|spider|slurp|headless|phantomjs|selenium|puppeteer|playwright|scrapy|python-requests"
        + @"|curl/|wget/|facebookexternalhit|mediapartners|lighthouse|pingdom|uptime",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Known();
}
