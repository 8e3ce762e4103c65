using System.Diagnostics;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;

namespace Ecom.Fraud.Storage;

/// <summary>A payment that waits for its decision, alone or together with others.</summary>
internal sealed class AskedPayment
{
    /// <param name="payment">As it came, in the current trace.</param>
    /// <param name="arrival">The way it came.</param>
    public AskedPayment(PaymentAttempted payment, Arrival arrival)
    {
        Payment = payment with { AttemptedAt = StoredTime.Of(payment.AttemptedAt) };
        Arrival = arrival;
        Event = PaymentVector.EventOf(Payment);
        LockKeys = [.. Locks.KeysOf(payment.PaymentId, Event)];
        Trace = Activity.Current is { Recorded: true } current ? current : null;
    }

    /// <summary>The payment; without its customer, once it is known that the customer was erased.</summary>
    public PaymentAttempted Payment { get; private set; }

    /// <summary>The engine event of the payment.</summary>
    public ShopEvent Event { get; private set; }

    public Arrival Arrival { get; }

    /// <summary>The trace that it came in, if that is kept: a group's payments have traces of their own.</summary>
    public Activity? Trace { get; }

    /// <summary>Keys of the locks on the payment and on what no other payment may change meanwhile.</summary>
    public IReadOnlyList<long> LockKeys { get; }

    /// <summary>Whether the customer was erased: it is judged as a stranger's, and nothing of it is kept.</summary>
    public bool IsStrangers { get; private set; }

    /// <summary>Whose erasure would make it a stranger's; null if nobody is known.</summary>
    public string? CustomerOrVisitor => Payment.CustomerId ?? Payment.AnonymousId;

    /// <summary>What it does to the rings; null if it has no customer, or nothing that could tie it.</summary>
    public RingPlan? Ring { get; set; }

    /// <summary>What was decided, now or earlier; null as long as nothing was.</summary>
    public Decision? Decision { get; private set; }

    /// <summary>Whether it is the arrival on which it was decided.</summary>
    public bool IsFirst { get; private set; }

    public void ForgetCustomer()
    {
        (IsStrangers, Ring) = (true, null);
        Payment = Payment with { CustomerId = null, AnonymousId = null };
        Event = PaymentVector.EventOf(Payment);
    }

    /// <summary>
    /// Takes what is stored of it; null if nothing is: what an attempt that failed had made is forgotten.
    /// </summary>
    public void Take(Decision? stored) => (Decision, IsFirst) = (stored, false);

    /// <summary>Takes the decision that was made on it.</summary>
    public void Decide(Decision made) => (Decision, IsFirst) = (made, true);
}
