using Ecom.Algorithms.Recommendation;

namespace Ecom.UnitTests.Algorithms.Recommendation;

public sealed class RatingFactorisationTests
{
    private const double Noise = 0.1;

    [Fact]
    public void Biases_alone_end_at_the_hand_computed_optimum()
    {
        // Ratings 1 and 3 of one item: mean 2, deviation 1. By symmetry the item has no bias, and (1 − b)² + λ b² with
        // λ = 1 is least at b = 1 / (1 + λ) = 0.5.
        var ratings = Ratings.Create(2, 1, [0, 1], [0, 0], [1, 3]);

        var model = RatingFactorisation.Fit(ratings, Exact with { Factors = 0, BiasRegularisation = 1 });

        Assert.Equal(1.5, model.Predict(0, 0), 1e-2);
        Assert.Equal(2.5, model.Predict(1, 0), 1e-2);
    }

    [Fact]
    public void One_factor_ends_at_the_hand_computed_optimum()
    {
        // Two users of opposite taste: mean 2, deviation 1, no biases. (1 − ab)² + λ (a² + b²) is least at ab = 1 − λ.
        var ratings = Ratings.Create(2, 2, [0, 0, 1, 1], [0, 1, 0, 1], [1, 3, 3, 1]);

        var model = RatingFactorisation.Fit(ratings, Exact with { Factors = 1, Regularisation = 0.25f });

        Assert.Equal(1.25, model.Predict(0, 0), 1e-3);
        Assert.Equal(2.75, model.Predict(0, 1), 1e-3);
        Assert.Equal(2.75, model.Predict(1, 0), 1e-3);
        Assert.Equal(1.25, model.Predict(1, 1), 1e-3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_planted_low_rank_matrix_is_recovered_to_its_noise(bool withImplicit)
    {
        var (train, test) = Planted(seed: 1);
        var options = new RatingFactorisationOptions
        {
            Factors = 8,
            Regularisation = 0.002f,
            BiasRegularisation = 0.002f,
            Implicit = withImplicit,
        };

        var model = RatingFactorisation.Fit(train, options);

        var biases = RatingFactorisation.Fit(train, options with { Factors = 0, Implicit = false });
        Assert.InRange(model.RootMeanSquaredError(test), 0.9 * Noise, 1.5 * Noise);
        Assert.True(biases.RootMeanSquaredError(test) > 5 * Noise, "The planted matrix is nearly explained by biases.");
    }

    [Fact]
    public void The_scale_of_the_ratings_does_not_matter()
    {
        var (train, test) = Planted(seed: 2);
        var (wideTrain, wideTest) = (Scaled(train), Scaled(test));

        var narrow = RatingFactorisation.Fit(train, new RatingFactorisationOptions { Factors = 8 });
        var wide = RatingFactorisation.Fit(wideTrain, new RatingFactorisationOptions { Factors = 8 });

        Assert.Equal(20 * narrow.RootMeanSquaredError(test), wide.RootMeanSquaredError(wideTest), 0.02);

        static Ratings Scaled(Ratings ratings) => Ratings.Create(
            ratings.UserCount,
            ratings.ItemCount,
            UsersOf(ratings),
            ratings.Items,
            Array.ConvertAll(ratings.Values, value => 20 * value));
    }

    [Fact]
    public void Which_items_were_rated_tells_something_where_taste_decides_it()
    {
        // Users of a taste rate only its items, and three ratings a user say too little by themselves.
        var random = new Random(3);
        var (users, items, values) = (new List<int>(), new List<int>(), new List<float>());
        for (var user = 0; user < 400; user++)
        {
            foreach (var item in Enumerable.Range(user % 2 * 20, 20).OrderBy(_ => random.Next()).Take(6))
            {
                // The two tastes like opposite thirds of the shared last items.
                users.Add(user);
                items.Add(item);
                values.Add(3 + random.NextSingle());
            }

            for (var shared = 40; shared < 44; shared++)
            {
                users.Add(user);
                items.Add(shared);
                values.Add((user + shared) % 2 == 0 ? 5 : 1);
            }
        }

        var all = Ratings.Create(400, 44, [.. users], [.. items], [.. values]);
        var (train, test) = Split(all, seed: 4, share: 0.3);
        var plain = RatingFactorisation.Fit(train, new RatingFactorisationOptions { Implicit = false });
        var informed = RatingFactorisation.Fit(train, new RatingFactorisationOptions());

        var (without, with) = (plain.RootMeanSquaredError(test), informed.RootMeanSquaredError(test));
        Assert.True(with < without, $"{with} with the implicit part, {without} without");
    }

    [Fact]
    public void The_search_for_epochs_stops_early_on_noise()
    {
        var random = new Random(5);
        var users = Enumerable.Range(0, 4_000).Select(at => at % 100).ToArray();
        var values = users.Select(_ => (float)random.Next(1, 6)).ToArray();
        var noise = Ratings.Create(100, 50, users, [.. users.Select(_ => random.Next(50))], values);

        var model = RatingFactorisation.Fit(
            noise, new RatingFactorisationOptions { Regularisation = 0, ValidationShare = 0.2 });

        Assert.InRange(model.Epochs, 1, 20);
    }

    [Fact]
    public void The_same_seed_gives_the_same_predictions()
    {
        var (train, _) = Planted(seed: 6);
        var options = new RatingFactorisationOptions { Factors = 5, Epochs = 5 };

        var (one, two) = (RatingFactorisation.Fit(train, options), RatingFactorisation.Fit(train, options));

        Assert.All(Enumerable.Range(0, 100), user => Assert.Equal(one.Predict(user, user), two.Predict(user, user)));
    }

    [Fact]
    public void Unknown_users_and_items_and_no_ratings_at_all_are_survived()
    {
        var (train, _) = Planted(seed: 7);
        var model = RatingFactorisation.Fit(train, new RatingFactorisationOptions { Factors = 4, Epochs = 3 });
        var empty = RatingFactorisation.Fit(Ratings.Create(0, 0, [], [], []), new RatingFactorisationOptions());
        var equal = RatingFactorisation.Fit(
            Ratings.Create(2, 2, [0, 1], [0, 1], [4, 4]), new RatingFactorisationOptions());

        Assert.Equal(train.Values.Average(), model.Predict(-1, 1_000), 1e-3);
        Assert.InRange(model.Predict(3, -1), train.Values.Min(), train.Values.Max());
        Assert.Equal(0, empty.Predict(0, 0));
        Assert.Equal(4, equal.Predict(0, 1));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_rating_that_is_not_finite_is_refused_with_its_position(float value)
    {
        var refused = Assert.Throws<ArgumentException>(() => Ratings.Create(2, 2, [0, 1], [0, 1], [4, value]));

        Assert.Contains("rating 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_without_sense_are_refused()
    {
        var ratings = Ratings.Create(1, 1, [0], [0], [1]);
        var good = new RatingFactorisationOptions();
        RatingFactorisationOptions[] bad =
        [
            good with { Factors = -1 },
            good with { LearningRate = 0 },
            good with { Decay = 1.1f },
            good with { Regularisation = -1 },
            good with { BiasRegularisation = -1 },
            good with { Epochs = 0 },
            good with { ValidationShare = 0.6 },
            good with { Patience = 0 },
        ];

        Assert.All(bad, options => Assert.Throws<ArgumentOutOfRangeException>(
            () => RatingFactorisation.Fit(ratings, options)));
    }

    private static RatingFactorisationOptions Exact { get; } = new()
    {
        Implicit = false,
        LearningRate = 0.05f,
        Decay = 0.999f,
        Epochs = 3_000,
        BiasRegularisation = 0,
        ValidationShare = 0,
    };

    // Rank 3 with biases, 200 × 150, 40 % seen, of which 10 % are the test.
    private static (Ratings Train, Ratings Test) Planted(int seed)
    {
        var random = new Random(seed);
        var (left, right) = (Vectors(200), Vectors(150));
        var (users, items, values) = (new List<int>(), new List<int>(), new List<float>());
        for (var user = 0; user < 200; user++)
        {
            for (var item = 0; item < 150; item++)
            {
                if (random.NextDouble() < 0.4)
                {
                    var taste = left[user].Zip(right[item], (u, v) => u * v).Take(3).Sum();
                    users.Add(user);
                    items.Add(item);
                    values.Add((float)(3 + left[user][3] + right[item][3] + taste + (Noise * Normal(random))));
                }
            }
        }

        return Split(Ratings.Create(200, 150, [.. users], [.. items], [.. values]), seed, share: 0.1);

        double[][] Vectors(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 4).Select(_ => Normal(random)).ToArray())];
    }

    private static (Ratings Train, Ratings Test) Split(Ratings all, int seed, double share)
    {
        var random = new Random(seed);
        var users = UsersOf(all);
        var held = users.Select(_ => random.NextDouble() < share).ToArray();
        return (Part(false), Part(true));

        Ratings Part(bool wanted)
        {
            var chosen = Enumerable.Range(0, users.Length).Where(at => held[at] == wanted).ToArray();
            return Ratings.Create(
                all.UserCount,
                all.ItemCount,
                [.. chosen.Select(at => users[at])],
                [.. chosen.Select(at => all.Items[at])],
                [.. chosen.Select(at => all.Values[at])]);
        }
    }

    private static int[] UsersOf(Ratings ratings) =>
        [.. Enumerable.Range(0, ratings.UserCount).SelectMany(
            user => Enumerable.Repeat(user, ratings.Starts[user + 1] - ratings.Starts[user]))];

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
