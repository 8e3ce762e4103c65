using System.Globalization;
using System.IO.Compression;
using System.Text;
using Ecom.Cli.Infrastructure;
using Sylvan.Data.Csv;

namespace Ecom.Cli.Import;

/// <summary>Reads files in the format of the UCI data set "Online Retail", plain or gzipped.</summary>
internal static class OnlineRetailFile
{
    // The second edition of the data set and its copies name some columns otherwise.
    private static readonly string[][] _columns =
    [
        ["InvoiceNo", "Invoice"],
        ["StockCode"],
        ["Description"],
        ["Quantity"],
        ["InvoiceDate"],
        ["UnitPrice", "Price"],
        ["CustomerID", "Customer ID", "CustomerId"],
        ["Country"],
    ];

    /// <exception cref="SetupException">The file is missing, not in the format, or a field cannot be read.</exception>
    public static List<RetailLine> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new SetupException($"{path}: no such file.");
        }

        using var file = File.OpenRead(path);
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        using var content = isGzip ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var text = new StreamReader(content, Encoding.UTF8);
        try
        {
            return Read(text, path);
        }
        catch (InvalidDataException broken)
        {
            throw new SetupException($"{path}: the compressed data is damaged ({broken.Message}).", broken);
        }
    }

    /// <param name="text">Header and lines.</param>
    /// <param name="name">What errors call the file.</param>
    public static List<RetailLine> Read(TextReader text, string name)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var pool = known.GetAlternateLookup<ReadOnlySpan<char>>();
        var lines = new List<RetailLine>();
        try
        {
            using var csv = CsvDataReader.Create(text, new CsvDataReaderOptions { OwnsReader = false });
            var columns = FindColumns(csv, name);
            while (csv.Read())
            {
                if (csv.RowFieldCount < csv.FieldCount)
                {
                    throw Bad(csv, name, $"{csv.RowFieldCount} fields where the header has {csv.FieldCount}");
                }

                lines.Add(ReadLine(csv, columns, Pooled, name));
            }
        }
        catch (CsvFormatException broken)
        {
            throw new SetupException($"{name} line {broken.RowNumber + 1}: {broken.Message}", broken);
        }

        return lines.Count > 0 ? lines : throw new SetupException($"{name}: no lines after the header.");

        // Half a million lines name few products, customers and invoices: one string for each.
        string Pooled(ReadOnlySpan<char> span)
        {
            if (!pool.TryGetValue(span, out var value))
            {
                value = span.ToString();
                known.Add(value, value);
            }

            return value;
        }
    }

    private static int[] FindColumns(CsvDataReader csv, string name)
    {
        var header = Enumerable.Range(0, csv.FieldCount).Select(csv.GetName).ToList();
        return
        [
            .. _columns.Select(names =>
            {
                var found = header.FindIndex(h => names.Contains(h.Trim(), StringComparer.OrdinalIgnoreCase));
                return found >= 0 ? found : throw new SetupException(
                    $"{name} line 1: column {names[0]} is missing. Expected: "
                    + $"{string.Join(',', _columns.Select(column => column[0]))}; found: {string.Join(',', header)}.");
            }),
        ];
    }

    private static RetailLine ReadLine(
        CsvDataReader csv, int[] columns, Func<ReadOnlySpan<char>, string> text, string name)
    {
        var invoice = Field(0);
        var code = Field(1);
        if (invoice.IsEmpty || code.IsEmpty)
        {
            throw Bad(csv, name, $"{_columns[invoice.IsEmpty ? 0 : 1][0]} is empty");
        }

        if (!int.TryParse(Field(3), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quantity))
        {
            throw Bad(csv, name, $"Quantity '{Field(3)}' is no whole number");
        }

        if (!DateTime.TryParse(Field(4), CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            throw Bad(csv, name, $"InvoiceDate '{Field(4)}' is no date");
        }

        if (!decimal.TryParse(Field(5), NumberStyles.Float, CultureInfo.InvariantCulture, out var price))
        {
            throw Bad(csv, name, $"UnitPrice '{Field(5)}' is no number");
        }

        Span<char> upper = stackalloc char[Math.Min(code.Length, 200)];
        code[..upper.Length].ToUpperInvariant(upper);
        var customer = Field(6);
        return new RetailLine
        {
            InvoiceNo = text(invoice),
            StockCode = text(upper),
            Description = text(Field(2)),
            Quantity = quantity,
            InvoiceDate = DateTime.SpecifyKind(date, DateTimeKind.Utc),
            UnitPrice = price,
            // Spreadsheets turn the ids into "17850.0".
            CustomerId = text(customer.EndsWith(".0") ? customer[..^2] : customer),
            Country = text(Field(7)),
        };

        ReadOnlySpan<char> Field(int column) => csv.GetFieldSpan(columns[column]).Trim();
    }

    private static SetupException Bad(CsvDataReader csv, string name, string problem) =>
        new($"{name} line {csv.RowNumber + 1}: {problem}. Nothing was sent.");
}
