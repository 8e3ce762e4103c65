using Ecom.ServiceDefaults.Jobs;

namespace Ecom.UnitTests.ServiceDefaults;

public sealed class IdleMemoryTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public void Memory_is_collected_once_in_the_first_quiet_interval_after_a_load()
    {
        using var memory = new IdleMemory();

        // Start, load, load, quiet, quiet, a little over a long time, load, quiet.
        long[] allocated = [40, 540, 940, 941, 942, 946, 950, 1_500, 1_501];

        Assert.Equal([941, 1_501], allocated.Where(mebibytes => memory.IsDue(mebibytes * MiB)));
    }

    [Fact]
    public void What_idling_itself_allocates_is_collected_rarely()
    {
        using var memory = new IdleMemory();

        var collections = Enumerable.Range(0, 360).Count(interval => memory.IsDue(interval * MiB));

        Assert.Equal(5, collections);
    }
}
