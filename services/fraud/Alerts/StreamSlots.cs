namespace Ecom.Fraud.Alerts;

/// <summary>How many streams are open: each holds a connection of the service.</summary>
internal sealed class StreamSlots
{
    private int _taken;

    /// <summary>Takes a slot unless the limit is reached.</summary>
    public bool TryTake(int limit)
    {
        if (Interlocked.Increment(ref _taken) <= limit)
        {
            return true;
        }

        GiveBack();
        return false;
    }

    public void GiveBack() => Interlocked.Decrement(ref _taken);
}
