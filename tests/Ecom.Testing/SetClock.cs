namespace Ecom.Testing;

/// <summary>A clock that shows what the test sets; timers and delays go on by the real one.</summary>
/// <param name="now">What it shows at first.</param>
public sealed class SetClock(DateTimeOffset now) : TimeProvider
{
    /// <summary>What the clock shows.</summary>
    public DateTimeOffset Now { get; set; } = now;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => Now;
}
