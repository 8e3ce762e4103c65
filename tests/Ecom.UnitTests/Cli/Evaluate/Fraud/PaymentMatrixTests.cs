using System.Text;
using Ecom.Cli.Evaluate.Fraud;
using Ecom.Features;
using Ecom.Features.Payments;

namespace Ecom.UnitTests.Cli.Evaluate.Fraud;

public sealed class PaymentMatrixTests
{
    private static readonly TransactionFile _file = GivenPayments.Made(paymentsADay: 40);
    private static readonly PaymentMatrix _matrix = Replay(_file);

    [Fact]
    public void The_features_of_the_handbook_are_those_worked_out_by_hand()
    {
        // Sunday 2 o'clock; labels of the 1st and the 8th (fraud) are known on the 15th, that of the 14th is not.
        var file = GivenPayments.Read("""
            TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD
            2018-04-01 01:00:00,c,t,10,0
            2018-04-08 01:00:00,x,t,20,1
            2018-04-14 03:00:00,c,t,40,1
            2018-04-15 02:00:00,c,t,100,0
            """);
        var row = Replay(file).Row(3).ToArray();
        float[] expected = [10_000, 1, 1, 1, 7_000, 1, 7_000, 2, 5_000, 1, 1, 2, 0.5f, 2, 0.5f];

        Assert.Equal(expected, PaymentMatrix.Handbook.Select(at => row[at]));
        Assert.Equal(0, row[Column("customer_payments_1h")]);
        Assert.Equal(3_600, row[Column("terminal_since_fraud_365d")], 0.1);
        Assert.Equal((7 * 86_400) + 3_600, row[Column("terminal_since_cleared_365d")], 0.1);
        Assert.Equal(7 * 86_400, row[Column("terminal_fraud_before_cleared")]);
        Assert.Equal(23 * 3_600, row[Column("customer_since_payment_365d")], 0.1);
        Assert.Equal(4, row[Column("amount_over_customer_mean_30d")]);
        Assert.Equal(2.5f, row[Column("amount_over_customer_max")]);
        Assert.True(float.IsNaN(row[Column("customer_since_fraud_365d")]));
    }

    [Fact]
    public void Rewriting_the_future_of_the_file_changes_no_vector_before_it()
    {
        const int Kept = 1_500;
        var future = GivenPayments.Made(seed: 4, paymentsADay: 40);
        var rewritten = _file with
        {
            Customers = [.. _file.Customers[..Kept], .. future.Customers[Kept..]],
            Amounts = [.. _file.Amounts[..Kept], .. future.Amounts[Kept..]],

            // The labels of the last seven days have not arrived: they are the future, too.
            Frauds = [.. _file.Frauds.Select((fraud, at) => fraud != (at >= Kept - (7 * 40)))],
        };
        var changed = Replay(rewritten);

        Assert.All(Enumerable.Range(0, Kept - 20), at => Assert.True(Same(_matrix.Row(at), changed.Row(at))));
        Assert.Contains(
            Enumerable.Range(Kept, _file.Count - Kept), at => !Same(_matrix.Row(at), changed.Row(at)));
    }

    [Fact]
    public void Served_vectors_are_the_replayed_ones_bit_for_bit() =>
        Assert.Equal(0, Differing(message => [message, message]));

    [Fact]
    public void A_lost_message_would_be_seen() =>
        Assert.True(Differing(message => message.Id.GetHashCode() % 100 == 0 ? [] : [message]) > 0);

    // As the services do: messages fold into deltas, states are stored and read again for each payment.
    private static int Differing(Func<ShopEvent, IReadOnlyList<ShopEvent>> deliver)
    {
        var states = new Dictionary<EntityKey, EntityState>();
        var (differing, labelled) = (0, 0);
        var vector = new double[PaymentRisk.Names.Count];
        var row = new float[PaymentMatrix.Width];
        for (var at = 0; at < _file.Count; at++)
        {
            for (; _file.AtMs[labelled] + (7 * 86_400_000L) <= _file.AtMs[at]; labelled++)
            {
                Deliver(PaymentMatrix.LabelOf(_file, labelled));
            }

            var payment = PaymentMatrix.PaymentOf(_file, at);
            PaymentRisk.Fill(
                payment,
                [Stored(EntityKind.Customer, payment.Customer!), Stored(EntityKind.Terminal, payment.Terminal!)],
                vector);
            PaymentMatrix.Select(vector, row);
            differing += Same(row, _matrix.Row(at)) ? 0 : 1;
            Deliver(payment);
        }

        return differing;

        void Deliver(ShopEvent shopEvent)
        {
            foreach (var delta in deliver(shopEvent).SelectMany(e => FraudFeatures.Set.Fold(e.Id, [e])))
            {
                states.TryAdd(delta.Entity, new EntityState(FraudFeatures.Set, delta.Entity.Kind));
                states[delta.Entity].Apply(delta);
            }
        }

        EntityState Stored(EntityKind kind, string id)
        {
            var read = new EntityState(FraudFeatures.Set, kind);
            foreach (var (name, value) in states.GetValueOrDefault(new EntityKey(kind, id))?.Fields() ?? read.Fields())
            {
                StateCodec.Decode(read, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            }

            return read;
        }
    }

    private static bool Same(ReadOnlySpan<float> left, ReadOnlySpan<float> right) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(left)
            .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(right));

    private static int Column(string name) => PaymentMatrix.Names.Index().Single(pair => pair.Item == name).Index;

    private static PaymentMatrix Replay(TransactionFile file) =>
        PaymentMatrix.Replay(file, _ => { }, CancellationToken.None);
}
