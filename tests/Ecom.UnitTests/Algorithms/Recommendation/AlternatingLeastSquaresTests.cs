using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class AlternatingLeastSquaresTests
{
    private static readonly AlternatingLeastSquaresOptions Small = new()
    {
        Factors = 4,
        Regularisation = 0.25f,
        UnobservedWeight = 0.5f,
        FrequencyExponent = 0,
        Iterations = 20,
        ConjugateGradientSteps = 0,
        Threads = 2,
    };

    [Fact]
    public void One_user_one_item_one_factor_end_at_the_hand_computed_optimum()
    {
        // Minimise (1 − xy)² + α0 (xy)² + λ (x² + y²) with x = y = v: 1 − v² = α0 v² + λ, so xy = (1 − λ) / (1 + α0).
        var options = Small with { Factors = 1, Iterations = 200 };
        var model = AlternatingLeastSquares.Fit(Shops.Of(1, [0]), Shops.Ids(1), options);
        var scores = new float[1];

        model.Score(Shops.History(0), scores);

        Assert.Equal(0.5, scores[0], 1e-4);
    }

    [Fact]
    public void The_fit_explains_most_of_the_planted_structure()
    {
        var data = Shops.TwoTastes(1);

        var (loss, zero) = Loss(AlternatingLeastSquares.Fit(data, Shops.Ids(20), Small), data);

        Assert.True(loss < 0.5 * zero, $"loss {loss} against {zero} of the zero model");
    }

    [Fact]
    public void Conjugate_gradient_ends_where_the_exact_solution_does()
    {
        var data = Shops.TwoTastes(1);
        var (exact, _) = Loss(AlternatingLeastSquares.Fit(data, Shops.Ids(20), Small), data);
        var steps = Small with { ConjugateGradientSteps = 3, Iterations = 40 };

        var (improved, _) = Loss(AlternatingLeastSquares.Fit(data, Shops.Ids(20), steps), data);

        Assert.InRange(improved / exact, 0.99, 1.01);
    }

    [Fact]
    public void The_reason_is_the_bought_item_nearest_to_the_recommended_one()
    {
        // Tastes do not overlap: an item of the second can only come from the second half of the history.
        var model = AlternatingLeastSquares.Fit(
            Shops.TwoTastes(1), Shops.Ids(20), Small with { Factors = 2 });

        var list = model.Recommend(Shops.History(1, 2, 11, 12), 16, exclude: [1, 2, 11, 12]);

        Assert.All(list, item => Assert.Equal(item.Item / 10, item.Because / 10));
    }

    [Fact]
    public void Another_seed_starts_elsewhere_but_ends_at_the_same_lists()
    {
        var data = Shops.TwoTastes(1);
        var options = Small with { Factors = 2, Iterations = 60 };
        var one = AlternatingLeastSquares.Fit(data, Shops.Ids(20), options);
        var two = AlternatingLeastSquares.Fit(data, Shops.Ids(20), options with { Seed = 99 });

        var (first, second) = (new float[20], new float[20]);
        one.Score(Shops.History(3, 4), first);
        two.Score(Shops.History(3, 4), second);

        Assert.All(first.Zip(second), pair => Assert.Equal(pair.First, pair.Second, 1e-2));
    }

    [Fact]
    public void The_parts_of_the_history_add_up_to_the_score()
    {
        var options = Small with { FrequencyExponent = 1 };
        var model = AlternatingLeastSquares.Fit(Shops.TwoTastes(1), Shops.Ids(20), options);
        var history = History.Of([1, 2, 11], [1, 0.5f, 2]);
        var (scores, parts) = (new float[20], new float[3]);

        model.Score(history, scores);
        model.Contributions(history, 5, parts);

        Assert.Equal(scores[5], parts.Sum(), 1e-4);
    }

    [Fact]
    public void The_defaults_find_tastes_in_a_catalogue_of_many_items_that_few_take_up()
    {
        // 100 tastes of 60 items, 8 users a taste who know 8 of them: a pair that is not there must not count so much
        // that nothing is learnt.
        var random = new Random(1);
        var baskets = new int[800][];
        for (var user = 0; user < baskets.Length; user++)
        {
            baskets[user] = [.. Enumerable.Range(0, 8).Select(_ => (user % 100 * 60) + random.Next(60)).Distinct()];
        }

        var model = AlternatingLeastSquares.Fit(
            Shops.Of(6_000, baskets), Shops.Ids(6_000), new AlternatingLeastSquaresOptions { Threads = 2 });

        var own = 0;
        for (var user = 0; user < 100; user++)
        {
            own += model.Recommend(baskets[user], 10, exclude: baskets[user])
                .Count(item => item.Item / 60 == user);
        }

        Assert.True(own > 600, $"{own} of 1,000 recommended items are of the user's taste");
    }

    [Fact]
    public void Settings_without_sense_are_refused()
    {
        var data = Shops.Of(1, [0]);
        AlternatingLeastSquaresOptions[] bad =
        [
            Small with { Factors = 0 },
            Small with { Regularisation = 0 },
            Small with { UnobservedWeight = 0 },
            Small with { FrequencyExponent = -1 },
            Small with { Iterations = 0 },
        ];

        Assert.All(bad, options => Assert.Throws<ArgumentOutOfRangeException>(
            () => AlternatingLeastSquares.Fit(data, Shops.Ids(1), options)));
    }

    // Weighted squared error over all cells with every user folded in, and that of a model that answers 0.
    private static (double Loss, double Zero) Loss(AlternatingLeastSquares model, Interactions data)
    {
        var (loss, zero) = (0.0, 0.0);
        var scores = new float[data.ItemCount];
        for (var user = 0; user < data.UserCount; user++)
        {
            model.Score(data.ItemsOf(user), scores);
            for (var item = 0; item < data.ItemCount; item++)
            {
                var bought = data.ItemsOf(user).Contains(item);
                loss += (Small.UnobservedWeight * scores[item] * scores[item])
                    + (bought ? Math.Pow(1 - scores[item], 2) : 0);
                zero += bought ? 1 : 0;
            }
        }

        return (loss, zero);
    }
}
