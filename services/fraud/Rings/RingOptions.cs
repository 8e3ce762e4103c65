using System.ComponentModel.DataAnnotations;
using Ecom.Features;

namespace Ecom.Fraud.Rings;

/// <summary>Section <c>Fraud:Rings</c>: what ties customers together, and from when on that is a campaign.</summary>
internal sealed class RingOptions
{
    /// <summary>How long a payment on a device or with a card ties its customer to others. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// The same of an IP address, which goes to other people sooner. Default 3 days, at most <see cref="Window"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan AddressWindow { get; init; } = TimeSpan.FromDays(3);

    /// <summary>A device with this many customers, as in a shop, ties no further one. 0: none. Default 50.</summary>
    [Range(0, 1_000)]
    public int MostCustomersPerDevice { get; init; } = 50;

    /// <summary>A card with this many customers ties no further one. 0: none. Default 50.</summary>
    [Range(0, 1_000)]
    public int MostCustomersPerCard { get; init; } = 50;

    /// <summary>
    /// An address with this many customers, as one of an office or a mobile network, ties no further one. 0: none.
    /// Default 20.
    /// </summary>
    [Range(0, 1_000)]
    public int MostCustomersPerAddress { get; init; } = 20;

    /// <summary>Rings that would have more customers together stay apart. Default 200.</summary>
    [Range(2, 1_000)]
    public int MostCustomers { get; init; } = 200;

    /// <summary>
    /// From this many customers on, what a ring's payments raise is one alert, the campaign's. Default 3.
    /// </summary>
    [Range(2, 1_000)]
    public int CampaignFrom { get; init; } = 3;

    /// <summary>
    /// A payment tried within this time of the campaign's last one joins its alert while that is open. Event time.
    /// Default a day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan CampaignWindow { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long what is of a kind ties.</summary>
    public TimeSpan WindowOf(EntityKind kind) => kind == EntityKind.Ip && AddressWindow < Window
        ? AddressWindow
        : Window;

    /// <summary>How many customers what is of a kind ties.</summary>
    public int MostOf(EntityKind kind) => kind switch
    {
        EntityKind.Device => MostCustomersPerDevice,
        EntityKind.Card => MostCustomersPerCard,
        EntityKind.Ip => MostCustomersPerAddress,
        _ => 0,
    };
}
