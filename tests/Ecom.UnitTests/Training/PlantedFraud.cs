using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ecom.Training.Data;

namespace Ecom.UnitTests.Training;

/// <summary>
/// 90 days of payments of which those with both numbers high, or both low, are mostly fraud: no line parts them, and
/// the rules see half of them. Labels take two to eight days; ten days without one make a payment genuine.
/// </summary>
internal static class PlantedFraud
{
    public const int MaturityDays = 10;
    private const int ADay = 40;
    private const int Days = 90;

    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static JsonObject Head() => new()
    {
        ["names"] = new JsonArray("first", "second", "known_frauds"),
        ["unlabelled"] = new JsonArray("first", "second"),
        ["labelMaturityDays"] = MaturityDays,
    };

    /// <summary>The payments, one a line, oldest first; each call makes them anew.</summary>
    public static List<JsonObject> Payments()
    {
        var random = new Random(7);
        var payments = new List<JsonObject>();
        for (var at = 0; at < Days * ADay; at++)
        {
            var (first, second) = (random.NextDouble(), random.NextDouble());
            var odd = (first > 0.75 && second > 0.75) || (first < 0.25 && second < 0.25);
            var isFraud = random.NextDouble() < (odd ? 0.8 : 0.01);
            var (day, delay) = (at / (double)ADay, 2 + (6 * random.NextDouble()));
            var payment = Payment(DayAt(day), first, second, random.Next(300));
            payments.Add(isFraud && day + delay < Days ? Labelled(payment, DayAt(day + delay), fraud: true) : payment);
        }

        return payments;
    }

    public static JsonObject Payment(DateTimeOffset at, double first, double second, int card) => new()
    {
        ["at"] = at,
        ["values"] = new JsonArray(first, second, null),
        ["score"] = first > 0.75 ? 0.6 : 0.1,
        ["card"] = card,
        ["refused"] = false,
        ["labels"] = new JsonArray(),
    };

    /// <summary>The same payment with a label more.</summary>
    public static JsonObject Labelled(JsonObject payment, DateTimeOffset at, bool fraud)
    {
        payment["labels"]!.AsArray().Add(new JsonObject { ["at"] = at, ["fraud"] = fraud });
        return payment;
    }

    public static DateTimeOffset DayAt(double day) => Start.AddDays(day);

    public static DateTimeOffset AtOf(JsonObject payment) => payment["at"]!.GetValue<DateTimeOffset>();

    public static DataSource Source(IEnumerable<JsonObject> payments) => Lines([Head(), .. payments]);

    public static DataSource Lines(params IEnumerable<JsonObject> lines) => StubDataSource.With(
        Encoding.UTF8.GetBytes(string.Join('\n', lines.Select(line => line.ToJsonString(JsonSerializerOptions.Web)))),
        DataFeed.Payments);
}
