using Ecom.Algorithms.Fraud;
using Ecom.Features;
using Ecom.Features.Payments;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>The feature vectors of a file's payments, as the live engine gives them.</summary>
/// <remarks>
/// The payments are replayed in the order of time; the label of each arrives as an event of its own, a fixed delay
/// later. So a vector sees what was known just before its payment, and nothing else.
/// </remarks>
internal sealed class PaymentMatrix
{
    /// <summary>After how long it is known whether a payment was fraud: 7 days, as the handbook has it.</summary>
    public static readonly TimeSpan LabelDelay = TimeSpan.FromDays(7);

    // The file knows customers, terminals and amounts: what is made of anything else is the same for all payments.
    private static readonly string[] _unknown =
        ["card", "device", "ip_", "countr", "failures", "order", "seen", "travel"];

    private static readonly int[] _columns =
    [
        .. PaymentRisk.Of(EntityKind.Customer, EntityKind.Terminal).Where(column =>
            !_unknown.Any(word => PaymentRisk.Names[column].Contains(word, StringComparison.Ordinal))),
    ];

    private readonly float[] _values;

    private PaymentMatrix(float[] values) => _values = values;

    /// <summary>The features of a payment that the file tells something about.</summary>
    public static IReadOnlyList<string> Names { get; } =
        Array.ConvertAll(_columns, column => PaymentRisk.Names[column]);

    /// <summary>Positions of the fifteen features of the handbook, in its order.</summary>
    public static int[] Handbook { get; } =
        [.. PaymentRisk.Handbook.Select(column => Array.IndexOf(_columns, column))];

    /// <summary>Positions of the features that no label enters.</summary>
    public static int[] Unlabelled { get; } =
        [.. Enumerable.Range(0, _columns.Length).Where(at => PaymentRisk.Unlabelled.Contains(_columns[at]))];

    public static int Width => _columns.Length;

    public int Count => _values.Length / Width;

    /// <summary>The vector of a payment, in the order of <see cref="Names"/>.</summary>
    public ReadOnlySpan<float> Row(int at) => _values.AsSpan(at * Width, Width);

    /// <summary>Some columns of some rows, row by row.</summary>
    public float[] Take(ReadOnlySpan<int> rows, IReadOnlyList<int> columns)
    {
        var taken = new float[rows.Length * columns.Count];
        for (var at = 0; at < rows.Length; at++)
        {
            var row = Row(rows[at]);
            for (var column = 0; column < columns.Count; column++)
            {
                taken[(at * columns.Count) + column] = row[columns[column]];
            }
        }

        return taken;
    }

    /// <summary>The payments from a day on, each with the arrival of its label.</summary>
    public FraudTable ToTable(TransactionFile file, int fromDay)
    {
        var begin = file.FirstOf(fromDay);
        return new FraudTable
        {
            Names = Names,
            Values = _values.AsMemory(begin * Width),
            AtMs = file.AtMs[begin..],
            FraudKnownMs = [.. Enumerable.Range(begin, Count - begin).Select(at => file.Frauds[at]
                ? file.AtMs[at] + (long)LabelDelay.TotalMilliseconds : FraudTable.Never)],
        };
    }

    /// <summary>Replays a file.</summary>
    /// <param name="file">The payments.</param>
    /// <param name="report">Told of each tenth.</param>
    /// <param name="cancellation">Stops the replay.</param>
    public static PaymentMatrix Replay(
        TransactionFile file, Action<string> report, CancellationToken cancellation)
    {
        var values = new float[(long)file.Count * Width];
        var memory = new FeatureMemory(FraudFeatures.Set);
        var vector = new double[PaymentRisk.Names.Count];
        var labelled = 0;
        for (var at = 0; at < file.Count; at++)
        {
            if (at % 200_000 == 0 && at > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                report($"features: {at:N0} of {file.Count:N0} payments replayed");
            }

            for (; file.AtMs[labelled] + (long)LabelDelay.TotalMilliseconds <= file.AtMs[at]; labelled++)
            {
                memory.Add(LabelOf(file, labelled));
            }

            var payment = PaymentOf(file, at);
            PaymentRisk.Fill(payment, StatesOf(payment, memory), vector);
            Select(vector, values.AsSpan(at * Width, Width));
            memory.Add(payment);
        }

        return new PaymentMatrix(values);
    }

    /// <summary>The entities of a payment.</summary>
    public static EntityKey[] EntitiesOf(ShopEvent payment) =>
        [new(EntityKind.Customer, payment.Customer!), new(EntityKind.Terminal, payment.Terminal!)];

    /// <summary>Picks the features of a row out of a payment's whole vector.</summary>
    public static void Select(ReadOnlySpan<double> vector, Span<float> row)
    {
        for (var at = 0; at < row.Length; at++)
        {
            row[at] = (float)vector[_columns[at]];
        }
    }

    private static EntityState[] StatesOf(ShopEvent payment, FeatureMemory memory) =>
        [.. EntitiesOf(payment).Select(memory.Find).OfType<EntityState>()];

    /// <summary>The engine event of a payment.</summary>
    public static ShopEvent PaymentOf(TransactionFile file, int at) => new()
    {
        Kind = ShopEventKind.PaymentAttempted,
        Id = new Guid(at, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        AtMs = file.AtMs[at],
        Customer = file.CustomerIds[file.Customers[at]],
        Terminal = file.TerminalIds[file.Terminals[at]],
        Amount = file.Amounts[at],
    };

    /// <summary>The engine event of the arrival of its label.</summary>
    public static ShopEvent LabelOf(TransactionFile file, int at) => PaymentOf(file, at) with
    {
        Kind = file.Frauds[at] ? ShopEventKind.PaymentDisputed : ShopEventKind.PaymentCleared,
        Id = new Guid(at, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        AtMs = file.AtMs[at] + (long)LabelDelay.TotalMilliseconds,
    };
}
