using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Outcomes;

/// <summary>
/// Which answers are kept with all their candidates: the first ones of each second, so that the cost is bounded.
/// </summary>
internal sealed class AnswerSampling(IOptions<RecommendationOptions> options, TimeProvider clock)
{
    private readonly int _each = options.Value.SamplesPerSecond;
    private long _second;
    private int _left;

    public bool TryTake()
    {
        var second = clock.GetTimestamp() / clock.TimestampFrequency;
        if (Interlocked.Exchange(ref _second, second) != second)
        {
            Volatile.Write(ref _left, _each);
        }

        return Interlocked.Decrement(ref _left) >= 0;
    }
}
