namespace Ecom.Cli.Bench.Faults;

/// <summary>What is done to the system, and how much load it is under meanwhile.</summary>
internal sealed record FaultOptions
{
    /// <summary>Folder of the instance that is made for the run; whatever is in it is deleted first.</summary>
    public required string Folder { get; init; }

    /// <summary>Events of the stream; each fault gets an equal share.</summary>
    public int Events { get; init; } = 100_000;

    /// <summary>Events offered a second.</summary>
    public int Rate { get; init; } = 800;

    /// <summary>Events in a request.</summary>
    public int BatchSize { get; init; } = 20;

    /// <summary>The same seed gives the same stream.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Names of <see cref="Fault.All"/>, in the order in which they happen.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [.. Fault.All.Select(fault => fault.Name)];

    /// <summary>How often every bus message is delivered, at least.</summary>
    public int Deliveries { get; init; } = 3;

    /// <summary>Negative control: the services run without their inbox.</summary>
    public bool InboxOff { get; init; }

    /// <summary>Offers the stream once more to a system that nothing breaks, and compares what both decided.</summary>
    public bool Clean { get; init; }

    /// <summary>Leaves the system running afterwards, to look into it.</summary>
    public bool Keep { get; init; }

    /// <summary>The longest that a recovery may take.</summary>
    public int MostSeconds { get; init; } = 30;

    /// <summary>True: the services' programs are taken as they were built.</summary>
    public bool Built { get; init; }
}
