using System.Buffers.Text;
using System.Text;

namespace Ecom.Cli.Bench;

/// <summary>The bytes of one batch of product views; only ids and times change from one request to the next.</summary>
/// <remarks>Not thread-safe: one for each lane. Building JSON for each event would cost more than sending it.</remarks>
internal sealed class ViewBatch
{
    private const string Message = "000000000000";
    private const string Customer = "00000";
    private const string Product = "000";
    private const string Time = "0000-00-00T00:00:00.000Z";
    private const int SessionDigits = 5;
    private readonly byte[] _bytes;
    private readonly int _customers;
    private readonly int _first;
    private readonly int _stride;
    private readonly int _size;
    private readonly (int Message, int Customer, int Time, int Session, int Product) _at;

    /// <param name="run">Marks the run in every id.</param>
    /// <param name="size">Events in the batch.</param>
    /// <param name="customers">Events go to so many customers in turn, at most 100,000.</param>
    public ViewBatch(string run, int size, int customers)
    {
        const string Head = """{"batch":[""";
        var parts = new[]
        {
            $"{{\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"{run}-", Message,
            $"\",\"userId\":\"bench-{run}-", Customer,
            "\",\"timestamp\":\"", Time,
            $"\",\"context\":{{\"sessionId\":\"s-{run}-", Customer,
            "\"},\"properties\":{\"product_id\":\"bench-", Product,
            "\",\"price\":9.99,\"currency\":\"GBP\"}},",
        };
        var view = string.Concat(parts);
        int After(int part) => parts.Take(part).Sum(text => text.Length);
        _at = (After(1), After(3), After(5), After(7), After(9));
        _first = Head.Length;
        _stride = view.Length;
        _size = size;
        _customers = customers;
        _bytes = Encoding.ASCII.GetBytes(Head + string.Concat(Enumerable.Repeat(view, size)).TrimEnd(',') + "]}");
    }

    /// <summary>The batch with a number, at an instant; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Fill(long number, DateTimeOffset at)
    {
        Span<byte> time = stackalloc byte[Time.Length];
        Encoding.ASCII.GetBytes(EventTime(at), time);
        for (var index = 0; index < _size; index++)
        {
            var view = _bytes.AsSpan(_first + (index * _stride));
            var message = (number * _size) + index;
            var customer = message % _customers;
            Write(message, view.Slice(_at.Message, Message.Length));
            Write(customer, view.Slice(_at.Customer, Customer.Length));
            time.CopyTo(view[_at.Time..]);
            Write(customer, view.Slice(_at.Session, SessionDigits));
            Write(customer % 100, view.Slice(_at.Product, Product.Length));
        }

        return _bytes;
    }

    /// <summary>The id that events of a customer carry.</summary>
    public static string CustomerId(string run, int customer) => $"bench-{run}-{customer:D5}";

    /// <summary>An instant as events carry it, always of the same length.</summary>
    public static string EventTime(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static void Write(long number, Span<byte> digits) =>
        Utf8Formatter.TryFormat(number, digits, out _, new System.Buffers.StandardFormat('D', (byte)digits.Length));
}
