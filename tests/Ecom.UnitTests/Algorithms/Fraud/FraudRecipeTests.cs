using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.UnitTests.Algorithms.Fraud;

public sealed class FraudRecipeTests
{
    private const long Day = 86_400_000;
    private const int Days = 100;
    private const int ADay = 40;
    private const long AsOf = 90 * Day;

    private static readonly FraudRecipe _recipe = new()
    {
        Trees = new GradientBoostingOptions { Trees = 20, Leaves = 4 },
        LabelMaturity = TimeSpan.FromDays(10),
        Unlabelled = [0],
    };

    private static readonly FraudTable _table = Planted();

    public static TheoryData<bool> Kinds => [true, false];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_tells_frauds_and_gives_true_probabilities(bool trees)
    {
        var model = Of(trees).Fit(_table, AsOf);

        Assert.Equal(0.9, model.Score([1, 0]), 0.1);
        Assert.Equal(0.02, model.Score([0, 0]), 0.02);
        Assert.NotNull(model.Anomaly([1, 0]));
        Assert.Equal(80 * ADay, model.TrainedOn.Rows);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_that_came_later_has_a_part(bool trees)
    {
        var before = Bytes(Of(trees).Fit(_table, AsOf));

        // Payments after the instant, the young ones before it, and every label that came after it: all another.
        var first = _table.FirstAt(AsOf - (10 * Day));
        var values = _table.Values.ToArray();
        values.AsSpan(first * 2).Fill(42);
        var rewritten = _table with
        {
            Values = values,
            FraudKnownMs = [.. _table.FraudKnownMs.Select((known, at) =>
                at >= first ? 0 : known > AsOf ? AsOf + 1 : known)],
        };

        Assert.Equal(before, Bytes(Of(trees).Fit(rewritten, AsOf)));

        // The negative control: what was known is learnt from.
        var other = _table with { FraudKnownMs = [.. _table.FraudKnownMs.Select(known => known == AsOf ? 0 : known)] };
        other.FraudKnownMs[0] = AsOf;
        Assert.NotEqual(before, Bytes(Of(trees).Fit(other, AsOf)));
    }

    [Fact]
    public void Threads_change_no_bit_and_the_seed_does()
    {
        var sampled = _recipe with { Trees = _recipe.Trees! with { Rows = 0.5 } };
        var one = Bytes(sampled.Fit(_table, AsOf));

        Assert.Equal(one, Bytes((sampled with { Threads = 3 }).Fit(_table, AsOf)));
        Assert.NotEqual(one, Bytes((sampled with { Seed = 2 }).Fit(_table, AsOf)));
    }

    [Fact]
    public void Too_few_frauds_are_said_with_their_number()
    {
        var error = Assert.Throws<FraudDataException>(
            () => (_recipe with { LeastFrauds = 1_000 }).Fit(_table, AsOf));

        Assert.Matches(@"^\d+ frauds among the 3200 payments known, at least 1000 are needed", error.Message);
    }

    [Fact]
    public void A_short_history_is_calibrated_without_the_delay_of_labels()
    {
        // Known until day 20, calibrated on days 6 to 20: nothing was known when they began.
        var model = _recipe.Fit(_table, 30 * Day);

        Assert.Equal(0.9, model.Score([1, 0]), 0.15);
    }

    [Fact]
    public void A_line_learns_from_the_newest_payments_and_enough_frauds()
    {
        // The newest 300 known payments are of days 72 to 80, and of days 48 to 56 when the calibration began.
        var recipe = Of(trees: false) with { MostForTerms = 300, Unlabelled = [] };
        var values = _table.Values.ToArray();
        values.AsSpan(40 * ADay * 2, 8 * ADay * 2).Fill(3);
        var rewritten = _table with { Values = values };

        Assert.Equal(Bytes(recipe.Fit(_table, AsOf)), Bytes(recipe.Fit(rewritten, AsOf)));
        var more = recipe with { LeastFrauds = 50 };
        Assert.NotEqual(Bytes(more.Fit(_table, AsOf)), Bytes(more.Fit(rewritten, AsOf)));
    }

    private static FraudRecipe Of(bool trees) => trees ? _recipe : _recipe with { Trees = null };

    // A tenth of the payments has feature 0; nine of ten of them are fraud, as 2 % of the others. Labels take 5 days.
    private static FraudTable Planted()
    {
        var random = new Random(5);
        var (values, at, known) = (new List<float>(), new List<long>(), new List<long>());
        for (var row = 0; row < Days * ADay; row++)
        {
            var marked = random.NextDouble() < 0.1;
            values.AddRange([marked ? 1 : 0, random.Next(3)]);
            at.Add(row * Day / ADay);
            known.Add(random.NextDouble() < (marked ? 0.9 : 0.02) ? at[^1] + (5 * Day) : FraudTable.Never);
        }

        return new FraudTable
        {
            Names = ["marked", "noise"],
            Values = values.ToArray(),
            AtMs = [.. at],
            FraudKnownMs = [.. known],
        };
    }

    private static byte[] Bytes(FraudModel model)
    {
        using var stream = new MemoryStream();
        model.Write(stream);
        return stream.ToArray();
    }
}
