using Ecom.Simulator;

namespace Ecom.Cli.Import;

/// <summary>One event, ready to be sent.</summary>
/// <param name="Json">The whole object, UTF-8.</param>
/// <param name="Lines">Lines of the file that it stands for; 0 if it comes from no file.</param>
internal readonly record struct PreparedEvent(ReadOnlyMemory<byte> Json, int Lines);

/// <summary>A shop's history, ready to be sent.</summary>
internal sealed record PreparedShop
{
    /// <summary>Catalogue first: objects for <c>PUT /v1/products/bulk</c>.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Products { get; init; }

    /// <summary>In the order of time.</summary>
    public required IReadOnlyList<PreparedEvent> Events { get; init; }

    /// <summary>Lines that the file has.</summary>
    public required int Lines { get; init; }

    /// <summary>Lines that repeat another one of their invoice in every field; not sent.</summary>
    public required int DuplicateLines { get; init; }

    /// <summary>What the simulator needs to go on from here.</summary>
    public required ImportedShop Shop { get; init; }
}
