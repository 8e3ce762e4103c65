using System.Text;
using System.Text.Json;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.Ingestion.Vocabulary;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.UnitTests.Ingestion;

/// <summary>Reads events as the service does, with fixed key, clock, rates and limits.</summary>
internal static class Read
{
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public static readonly PersonalData Personal = new(Encoding.UTF8.GetBytes("a key of thirty-two bytes, fixed"));

    private static readonly MoneyConverter _money = new("GBP",
    [
        new CurrencyRate { Currency = "EUR", From = new DateOnly(2026, 1, 1), Rate = 0.80m },
        new CurrencyRate { Currency = "EUR", From = new DateOnly(2010, 1, 1), Rate = 0.90m },
        new CurrencyRate { Currency = "JPY", Rate = 0.005m },
    ]);

    private static readonly EventReader _reader =
        new(new EventVocabulary(_money, Personal, mostOrderLines: 2_000), Personal, 128 * 1024, 16);

    private static readonly ProductReader _products = new(_money, Personal, 128 * 1024, 16);

    public static ReadEvent Json(string json, DateTimeOffset? sentAt = null) =>
        _reader.Read(Encoding.UTF8.GetBytes(json), new Receipt("shop", Now, sentAt));

    public static ReadEvent Event(object body) => Json(JsonSerializer.Serialize(body));

    public static ReadEvent Track(string name, object properties, object? context = null) => Event(new
    {
        type = "track",
        @event = name,
        messageId = "m1",
        userId = "17850",
        anonymousId = "a1",
        timestamp = "2026-03-02T11:59:00Z",
        properties,
        context,
    });

    public static ReadEvent Product(object body, string? id = null) =>
        _products.Read(JsonSerializer.SerializeToUtf8Bytes(body), new Receipt("shop", Now), id);

    public static T Message<T>(ReadEvent read)
    {
        Assert.Null(read.Rejection);
        return Assert.IsType<T>(read.Message);
    }

    public static void Rejected(ReadEvent read, string reason, string path)
    {
        Assert.Null(read.Message);
        Assert.NotNull(read.Rejection);
        Assert.Equal(reason, read.Rejection.Reason);
        Assert.Equal(path, read.Rejection.Path);
    }
}
