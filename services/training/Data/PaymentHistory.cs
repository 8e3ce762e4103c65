using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Ecom.Algorithms.Fraud;
using Ecom.Training.Runs;

namespace Ecom.Training.Data;

/// <summary>Payments with what became known of them and when, in an order that does not depend on their arrival.
/// </summary>
internal sealed class PaymentHistory
{
    private const int ReportedAtOnce = 50_000;
    private readonly Payment[] _payments;
    private readonly float[] _values;

    private PaymentHistory(IReadOnlyList<string> names, List<Payment> payments, string source)
    {
        payments.Sort(Compare);
        _payments = [.. payments];
        var checksum = ChecksumOf(names);
        _values = new float[(long)names.Count * _payments.Length];
        for (var at = 0; at < _payments.Length; at++)
        {
            _payments[at].AppendTo(checksum);
            _payments[at].Values.CopyTo(_values, at * names.Count);
            // From here on they are there twice.
            _payments[at].Values = [];
        }

        Names = names;
        // The newest thing that is told is what "now" means: the same rows, the same model.
        NowMs = 1 + _payments.Max(payment => Math.Max(payment.AtMs, payment.LastLabelMs));
        All = KnownAt(NowMs);
        DataSet = new DataSet
        {
            Source = source,
            Rows = _payments.Length,
            Checksum = Convert.ToHexStringLower(checksum.GetHashAndReset()),
            From = _payments[0].At,
            To = _payments[^1].At,
        };
    }

    /// <summary>Names of the features in the order of a vector.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Positions of those of them that no label enters.</summary>
    public required IReadOnlyList<int> Unlabelled { get; init; }

    /// <summary>After how long a payment without a label counts as genuine, as the fraud service has it.</summary>
    public required TimeSpan LabelMaturity { get; init; }

    /// <summary>Just after the newest payment or label, milliseconds since 1970.</summary>
    public long NowMs { get; }

    /// <summary>Every payment, as known now.</summary>
    public FraudTable All { get; }

    /// <summary>Scores of the rules, in the order of <see cref="All"/>.</summary>
    public IReadOnlyList<double> RuleScores => Array.ConvertAll(_payments, payment => payment.Score);

    /// <summary>Numbers of the cards, in the order of <see cref="All"/>.</summary>
    public IReadOnlyList<int> Cards => Array.ConvertAll(_payments, payment => payment.Card);

    public DataSet DataSet { get; }

    /// <summary>Reads a head and rows.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="historyDays">Days before the newest payment that are kept; null for all.</param>
    /// <param name="report">Told now and then how many were read.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="TrainingException">There are no payments, or a line is none.</exception>
    public static async Task<PaymentHistory> ReadAsync(
        IAsyncEnumerable<PaymentLine> lines,
        string source,
        int? historyDays,
        Action<int> report,
        CancellationToken cancellation)
    {
        PaymentLine? head = null;
        var payments = new List<Payment>();
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            if (head is null)
            {
                head = line is { Names.Count: > 0, Unlabelled: not null, LabelMaturityDays: > 0 }
                    ? line
                    : throw new TrainingException(
                        $"{source} does not begin with the names of the features: update the fraud service.");
            }
            else if (line.Values?.Length != head.Names!.Count)
            {
                throw new TrainingException($"Row {payments.Count + 2} of {source} has {line.Values?.Length ?? 0} "
                    + $"values for {head.Names.Count} names. Look at the fraud service.");
            }
            else if (!line.Refused || line.Labels.Count > 0)
            {
                payments.Add(new Payment(line));
                if (payments.Count % ReportedAtOnce == 0)
                {
                    report(payments.Count);
                }
            }
        }

        if (payments.Count == 0)
        {
            throw new TrainingException(
                $"There are no payments yet ({source}). Import a history that has payments, or send events first.");
        }

        if (historyDays is { } days)
        {
            var first = payments.Max(payment => payment.At) - TimeSpan.FromDays(days);
            payments.RemoveAll(payment => payment.At < first);
        }

        var names = head!.Names!.ToList();
        return new PaymentHistory(names, payments, source)
        {
            Unlabelled = [.. head.Unlabelled!.Select(name => names.IndexOf(name)).Where(at => at >= 0).Order()],
            LabelMaturity = TimeSpan.FromDays(head.LabelMaturityDays),
        };
    }

    /// <summary>
    /// The payments before an instant with the labels that had arrived by then. What was refused is among them only if
    /// somebody had said what it was.
    /// </summary>
    public FraudTable KnownAt(long instantMs)
    {
        var before = Array.FindIndex(_payments, payment => payment.AtMs >= instantMs);
        var kept = _payments.AsSpan(0, before < 0 ? _payments.Length : before).ToArray().Index()
            .Where(row => !row.Item.Refused || row.Item.HasLabelAt(instantMs))
            .ToArray();
        return new FraudTable
        {
            Names = Names,
            Values = ValuesOf([.. kept.Select(row => row.Index)]),
            AtMs = Array.ConvertAll(kept, row => row.Item.AtMs),
            FraudKnownMs = Array.ConvertAll(kept, row => row.Item.FraudKnownMs(instantMs)),
        };
    }

    private ReadOnlyMemory<float> ValuesOf(int[] rows)
    {
        var width = Names.Count;
        if (rows.Length == 0 || rows[^1] == rows.Length - 1)
        {
            return _values.AsMemory(0, rows.Length * width);
        }

        var values = new float[(long)rows.Length * width];
        for (var at = 0; at < rows.Length; at++)
        {
            _values.AsSpan(rows[at] * width, width).CopyTo(values.AsSpan(at * width));
        }

        return values;
    }

    private static IncrementalHash ChecksumOf(IEnumerable<string> names)
    {
        var checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        checksum.AppendData(Encoding.UTF8.GetBytes(string.Join('\0', names)));
        return checksum;
    }

    // Whatever differs orders, so that only equal rows are in the order of their arrival.
    private static int Compare(Payment x, Payment y)
    {
        var order = x.At.CompareTo(y.At);
        order = order != 0 ? order : x.Card.CompareTo(y.Card);
        order = order != 0 ? order : x.Score.CompareTo(y.Score);
        order = order != 0 ? order : x.Values.AsSpan().SequenceCompareTo(y.Values);
        order = order != 0 ? order : x.Refused.CompareTo(y.Refused);
        return order != 0 ? order : x.Labels.AsSpan().SequenceCompareTo(y.Labels);
    }

    private sealed class Payment(PaymentLine line)
    {
        public DateTimeOffset At { get; } = line.At;

        public long AtMs => At.ToUnixTimeMilliseconds();

        // As the serving side makes floats of the stored numbers.
        public float[] Values { get; set; } =
            Array.ConvertAll(line.Values!, value => value is { } number ? (float)number : float.NaN);

        public double Score { get; } = line.Score;

        public int Card { get; } = line.Card;

        public bool Refused { get; } = line.Refused;

        /// <summary>Oldest first: milliseconds since 1970 times two, and one for fraud.</summary>
        public long[] Labels { get; } = line.Labels.Count == 0
            ? []
            : [.. line.Labels.Select(label => (2 * label.At.ToUnixTimeMilliseconds()) + (label.Fraud ? 1 : 0))];

        public long LastLabelMs => Labels.Length == 0 ? 0 : Labels[^1] / 2;

        public bool HasLabelAt(long instantMs) => Labels.Length > 0 && Labels[0] / 2 <= instantMs;

        // Since when the newest labels that had arrived agree that it is fraud.
        public long FraudKnownMs(long instantMs)
        {
            var since = FraudTable.Never;
            foreach (var label in Labels.TakeWhile(label => label / 2 <= instantMs))
            {
                since = label % 2 == 1 ? Math.Min(since, label / 2) : FraudTable.Never;
            }

            return since;
        }

        public void AppendTo(IncrementalHash hash)
        {
            Span<byte> row = stackalloc byte[25];
            BinaryPrimitives.WriteInt64LittleEndian(row, At.UtcTicks);
            BinaryPrimitives.WriteInt32LittleEndian(row[8..], Card);
            BinaryPrimitives.WriteDoubleLittleEndian(row[12..], Score);
            BinaryPrimitives.WriteInt32LittleEndian(row[20..], Labels.Length);
            row[24] = Refused ? (byte)1 : (byte)0;
            hash.AppendData(row);
            hash.AppendData(MemoryMarshal.AsBytes(Values.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(Labels.AsSpan()));
        }
    }
}
