namespace Ecom.Simulator;

/// <summary>When people come: weekly and yearly seasons, hours of the day, promotions.</summary>
internal sealed class ShopCalendar
{
    // Monday first; the mean is 1.
    private static readonly double[] _weekdays = [0.95, 0.85, 0.85, 0.9, 1.0, 1.3, 1.15];

    private static readonly double[] _hours = RunningSums(
        [2, 1, 1, 1, 1, 2, 4, 6, 9, 11, 12, 13, 14, 12, 11, 11, 12, 14, 17, 21, 22, 19, 12, 6]);

    private readonly Dictionary<(string Category, DateOnly Day), Promotion> _byDay = [];

    public ShopCalendar(IReadOnlyList<Promotion> promotions)
    {
        Promotions = promotions;
        foreach (var promotion in promotions)
        {
            for (var day = promotion.From; day <= promotion.Until; day = day.AddDays(1))
            {
                _byDay[(promotion.Category, day)] = promotion;
            }
        }

        PromotedDays = [.. _byDay.Keys.Select(key => key.Day)];
    }

    public IReadOnlyList<Promotion> Promotions { get; }

    public HashSet<DateOnly> PromotedDays { get; }

    /// <summary>One promotion about every three weeks, for a category at a time.</summary>
    public static ShopCalendar Plan(int seed, IReadOnlyList<string> categories, DateOnly first, DateOnly last)
    {
        var dice = new Dice(seed, "promotions");
        var promotions = new List<Promotion>();
        for (var day = first.AddDays(dice.Int(5, 15)); day <= last; day = day.AddDays(dice.Int(14, 28)))
        {
            var discount = Math.Round(dice.Int(3, 9) * 0.05, 2);
            var code = $"SAVE{discount * 100:0}-{promotions.Count + 1}";
            promotions.Add(new Promotion(code, dice.Pick(categories), day, day.AddDays(dice.Int(3, 7)), discount));
        }

        return new ShopCalendar(promotions);
    }

    /// <summary>Visits of the day relative to the mean of 1.</summary>
    public static double Arrival(DateOnly day)
    {
        var yearly = 1 + (0.15 * Math.Cos(2 * Math.PI * (day.DayOfYear - 340) / 365.25));
        var beforeChristmas = day is { Month: 11, Day: >= 20 } or { Month: 12, Day: <= 20 } ? 1.3 : 1;
        return yearly * beforeChristmas * _weekdays[((int)day.DayOfWeek + 6) % 7];
    }

    public static DateTimeOffset At(DateOnly day, Dice dice) =>
        new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            .AddHours(dice.Weighted(_hours)).AddMilliseconds(dice.Int(0, 3_600_000));

    public Promotion? On(DateOnly day, string? category) =>
        category is null ? null : _byDay.GetValueOrDefault((category, day));

    public static double[] RunningSums(IEnumerable<double> weights)
    {
        var sum = 0.0;
        return [.. weights.Select(weight => sum += weight)];
    }
}
