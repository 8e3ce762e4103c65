namespace Ecom.Simulator;

/// <summary>Honest customers that share what rings share: homes, offices, a device or a card between two.</summary>
/// <remarks>It has random streams of its own: nobody comes, looks or buys otherwise because of it.</remarks>
internal static class Neighbourhood
{
    private const double HomeChance = 0.12;
    private const double SharedDeviceChance = 0.4;
    private const double SharedCardChance = 0.25;
    private const int CustomersPerOffice = 60;

    /// <summary>
    /// Moves some three of ten customers together, two to four to a home, and lets some five to twenty buy from each
    /// office or café too.
    /// </summary>
    /// <returns>The places.</returns>
    public static IReadOnlyList<SharedPlace> Settle(int seed, IReadOnlyList<Customer> customers)
    {
        Customer[] known = [.. customers.Where(customer => customer.Id is not null)];
        return [.. Homes(new Dice(seed, "homes"), known), .. Offices(new Dice(seed, "offices"), known)];
    }

    private static IEnumerable<SharedPlace> Homes(Dice dice, Customer[] known)
    {
        for (var at = 0; at < known.Length; at++)
        {
            if (!dice.Chance(HomeChance))
            {
                continue;
            }

            Customer[] family = [.. known.Skip(at).Take(dice.Int(2, 5))];
            var ip = CustomerGenerator.NewIp(dice);
            foreach (var member in family)
            {
                member.Devices = [.. member.Devices.Select(device => device with { Ip = ip })];
            }

            ShareDevice(dice, family);
            if (family.Length > 1 && dice.Chance(SharedCardChance))
            {
                family[1].Cards = [family[0].Cards[0], .. family[1].Cards.Skip(1)];
            }

            at += family.Length - 1;
            yield return new SharedPlace(ip, IsOffice: false, [.. family.Select(member => member.Id!)]);
        }
    }

    // Each in a browser of its own.
    private static void ShareDevice(Dice dice, Customer[] family)
    {
        if (!dice.Chance(SharedDeviceChance))
        {
            return;
        }

        foreach (var member in family.Skip(1).Where((_, index) => index == 0 || dice.Chance(0.5)))
        {
            var own = member.Devices[0];
            member.Devices =
            [
                family[0].Devices[0] with { AnonymousId = own.AnonymousId }, .. member.Devices.Skip(1),
            ];
        }
    }

    private static IEnumerable<SharedPlace> Offices(Dice dice, Customer[] known)
    {
        for (var office = 0; office < known.Length / CustomersPerOffice; office++)
        {
            var ip = CustomerGenerator.NewIp(dice);
            var staff = Enumerable.Range(0, dice.Int(5, 21)).Select(_ => dice.Pick(known)).Distinct().ToArray();
            foreach (var customer in staff)
            {
                customer.Devices = [.. customer.Devices.SkipLast(1), customer.Devices[^1] with { Ip = ip }];
            }

            yield return new SharedPlace(ip, IsOffice: true, [.. staff.Select(customer => customer.Id!)]);
        }
    }
}
