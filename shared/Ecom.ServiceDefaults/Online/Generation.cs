using System.Text.Json.Serialization;

namespace Ecom.ServiceDefaults.Online;

/// <summary>A generation of online state in Redis: a row of the service's table <c>generations</c>.</summary>
public sealed record Generation
{
    /// <summary>Its number, from 1; part of the Redis keys.</summary>
    public required int Number { get; init; }

    /// <summary>active, building, retired or dropped.</summary>
    public required string State { get; init; }

    /// <summary>Version of the definitions that it was filled with.</summary>
    public required string Definitions { get; init; }

    /// <summary>Whether Redis lost something of it: values read from it may be too small.</summary>
    public bool IsLost => LostAt is not null;

    /// <summary>When a loss was noticed; null if none was.</summary>
    public DateTimeOffset? LostAt { get; init; }

    /// <summary>What a rebuild has put in so far; its own unit, see <see cref="Expected"/>.</summary>
    public required long Done { get; init; }

    /// <summary>What a rebuild has to put in; null while it does not know.</summary>
    public long? Expected { get; init; }

    /// <summary>Entities that were compared with the generation before, if the rebuild was asked to.</summary>
    public int? Compared { get; init; }

    /// <summary>How many of the compared ones differed in any bit.</summary>
    public int? Differing { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it changed its state, or had to be filled anew.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Seconds since then, by the database's clock, which all replicas share.</summary>
    public required double AgeSeconds { get; init; }

    /// <summary>The <see cref="Storage.RedisEpoch"/> of its data; null if Redis was away when it was begun.</summary>
    [JsonIgnore]
    public string? Epoch { get; init; }

    /// <summary>Entities to compare with the generation before it is switched to; 0 is none.</summary>
    [JsonIgnore]
    public int Verify { get; init; }
}
