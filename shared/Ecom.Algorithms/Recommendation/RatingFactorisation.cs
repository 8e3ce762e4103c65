using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Matrix factorisation of explicit ratings: R ≈ mean + b_user + b_item + U Vᵀ.</summary>
/// <remarks>
/// <para>Source: Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems", Computer 2009;
/// the implicit part (which items a user rated at all) is SVD++ of Koren, "Factorization meets the neighborhood", KDD
/// 2008. Squared error with L2 by stochastic gradient descent.</para>
/// <para>Ratings are brought to mean 0 and variance 1 first, so that the settings hold for stars and for percents. The
/// number of epochs is found on a validation share, then everything is fitted with it.</para>
/// <para>Cost: an epoch O(ratings · factors), twice (search and final fit); memory (users + items) · factors · 4 bytes
/// (items twice with the implicit part). Prediction O(factors).</para>
/// <para>Deterministic for a seed on one kind of processor: one thread, one order.</para>
/// <para>Degenerate cases: no ratings predict 0; equal ratings predict that rating; an unknown user or item leaves its
/// part out, so that the mean remains when both are.</para>
/// </remarks>
public sealed class RatingFactorisation
{
    private const int LeastValidation = 50;

    private readonly RatingFactorisationOptions _options;
    private readonly Standard _standard;
    private readonly float[] _userBias;
    private readonly float[] _itemBias;
    private readonly float[] _users;
    private readonly float[] _items;

    // One vector an item that says what having rated it tells of a user; folded into _users after the fit.
    private readonly float[] _rated;

    private RatingFactorisation(Ratings ratings, RatingFactorisationOptions options)
    {
        var random = new Random(options.Seed);
        _options = options;
        _standard = Standard.Of(ratings.Values);
        _userBias = new float[ratings.UserCount];
        _itemBias = new float[ratings.ItemCount];
        _users = StartVectors(ratings.UserCount, options.Factors, random);
        _items = StartVectors(ratings.ItemCount, options.Factors, random);
        _rated = options.Implicit ? new float[_items.Length] : [];
    }

    /// <summary>Epochs that the final fit ran.</summary>
    public int Epochs { get; private set; }

    /// <summary>Fits the model.</summary>
    /// <param name="ratings">Users × items.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="InvalidOperationException">The steps are too long: the error grew without bound.</exception>
    public static RatingFactorisation Fit(
        Ratings ratings, RatingFactorisationOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        Check(options);
        var epochs = options.Epochs;
        var (train, validation) = Split(ratings, options);
        if (validation.Count >= LeastValidation)
        {
            epochs = new RatingFactorisation(train, options).FindEpochs(train, validation, cancellation);
        }

        var model = new RatingFactorisation(ratings, options) { Epochs = epochs };
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            model.RunEpoch(ratings, epoch, cancellation);
        }

        model.FoldRated(ratings);
        return model;
    }

    /// <summary>The expected rating, within the range of the ratings learned from.</summary>
    /// <param name="user">Index of the user; -1, or any other that was not there, is unknown.</param>
    /// <param name="item">Index of the item, likewise.</param>
    public float Predict(int user, int item)
    {
        var (knownUser, knownItem) = ((uint)user < (uint)_userBias.Length, (uint)item < (uint)_itemBias.Length);
        var score = (knownUser ? _userBias[user] : 0) + (knownItem ? _itemBias[item] : 0);
        if (knownUser && knownItem)
        {
            score += TensorPrimitives.Dot<float>(Row(_users, user), Row(_items, item));
        }

        return _standard.Restore(score);
    }

    /// <summary>Root of the mean squared error on other ratings; 0 when there are none.</summary>
    /// <param name="ratings">Users and items mean the same as in the fit.</param>
    public double RootMeanSquaredError(Ratings ratings)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var sum = 0.0;
        for (var user = 0; user < ratings.UserCount; user++)
        {
            for (var at = ratings.Starts[user]; at < ratings.Starts[user + 1]; at++)
            {
                sum += Math.Pow(ratings.Values[at] - Predict(user, ratings.Items[at]), 2);
            }
        }

        return Math.Sqrt(sum / Math.Max(1, ratings.Count));
    }

    private static void Check(RatingFactorisationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Factors, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.LearningRate, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Decay, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Decay, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Regularisation, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.BiasRegularisation, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Epochs, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.ValidationShare, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ValidationShare, 0.5, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Patience, 1, nameof(options));
    }

    private static (Ratings Train, Ratings Validation) Split(Ratings ratings, RatingFactorisationOptions options)
    {
        var random = new Random(options.Seed);
        var validation = new bool[ratings.Count];
        var users = new int[ratings.Count];
        for (var user = 0; user < ratings.UserCount; user++)
        {
            users.AsSpan(ratings.Starts[user]..ratings.Starts[user + 1]).Fill(user);
        }

        for (var at = 0; at < validation.Length; at++)
        {
            validation[at] = random.NextDouble() < options.ValidationShare;
        }

        return (Part(false), Part(true));

        Ratings Part(bool wanted)
        {
            var chosen = Enumerable.Range(0, validation.Length).Where(at => validation[at] == wanted).ToArray();
            return Ratings.Create(
                ratings.UserCount,
                ratings.ItemCount,
                Array.ConvertAll(chosen, at => users[at]),
                Array.ConvertAll(chosen, at => ratings.Items[at]),
                Array.ConvertAll(chosen, at => ratings.Values[at]));
        }
    }

    private static float[] StartVectors(int count, int factors, Random random)
    {
        var vectors = new float[count * factors];
        for (var at = 0; at < vectors.Length; at++)
        {
            vectors[at] = (random.NextSingle() - 0.5f) * 0.2f;
        }

        return vectors;
    }

    private int FindEpochs(Ratings train, Ratings validation, CancellationToken cancellation)
    {
        var (best, bestError) = (1, double.PositiveInfinity);
        for (var epoch = 0; epoch < _options.Epochs && epoch + 1 - best <= _options.Patience; epoch++)
        {
            RunEpoch(train, epoch, cancellation);
            var own = (float[])_users.Clone();
            FoldRated(train);
            var error = RootMeanSquaredError(validation);
            own.CopyTo(_users, 0);
            if (error < bestError)
            {
                (best, bestError) = (epoch + 1, error);
            }
        }

        return best;
    }

    private void RunEpoch(Ratings ratings, int epoch, CancellationToken cancellation)
    {
        // An order of its own for each epoch, the same for a seed.
        var random = new Random(unchecked((_options.Seed * 7919) + epoch));
        var users = Enumerable.Range(0, ratings.UserCount).ToArray();
        random.Shuffle(users);
        var pace = _options.LearningRate * MathF.Pow(_options.Decay, epoch);
        var shared = new float[_options.Factors];
        var start = new float[_options.Factors];
        foreach (var user in users)
        {
            cancellation.ThrowIfCancellationRequested();
            var (first, next) = (ratings.Starts[user], ratings.Starts[user + 1]);
            var order = Enumerable.Range(first, next - first).ToArray();
            random.Shuffle(order);
            SumRated(ratings, user, shared);
            shared.CopyTo(start, 0);
            foreach (var at in order)
            {
                Step(user, ratings.Items[at], _standard.Apply(ratings.Values[at]), shared, pace);
            }

            MoveRated(ratings, user, start, shared, pace);
        }

        if (!Array.TrueForAll(_userBias, float.IsFinite))
        {
            throw new InvalidOperationException("The error grew without bound: take a smaller learning rate.");
        }
    }

    private void Step(int user, int item, float target, Span<float> shared, float pace)
    {
        var own = Row(_users, user);
        var vector = Row(_items, item);
        var score = _userBias[user] + _itemBias[item] + TensorPrimitives.Dot<float>(own, vector);
        if (_options.Implicit)
        {
            score += TensorPrimitives.Dot<float>(shared, vector);
        }

        var error = target - score;
        _userBias[user] += pace * (error - (_options.BiasRegularisation * _userBias[user]));
        _itemBias[item] += pace * (error - (_options.BiasRegularisation * _itemBias[item]));
        var keep = 1 - (pace * _options.Regularisation);
        if (_options.Implicit)
        {
            GradientStep.Triple(own, shared, vector, pace * error, keep);
        }
        else
        {
            GradientStep.Pair(own, vector, pace * error, keep);
        }
    }

    // The sum of the vectors of what the user rated, over the root of their number.
    private void SumRated(Ratings ratings, int user, Span<float> shared)
    {
        shared.Clear();
        if (!_options.Implicit)
        {
            return;
        }

        var items = ratings.Items.AsSpan(ratings.Starts[user]..ratings.Starts[user + 1]);
        foreach (var item in items)
        {
            TensorPrimitives.Add<float>(shared, Row(_rated, item), shared);
        }

        TensorPrimitives.Multiply(shared, 1 / MathF.Sqrt(Math.Max(1, items.Length)), shared);
    }

    // The steps of a user move only the sum; what each part of it would have moved follows exactly from where it ends.
    private void MoveRated(Ratings ratings, int user, Span<float> start, Span<float> end, float pace)
    {
        var items = ratings.Items.AsSpan(ratings.Starts[user]..ratings.Starts[user + 1]);
        if (!_options.Implicit || items.Length == 0)
        {
            return;
        }

        var keep = MathF.Pow(1 - (pace * _options.Regularisation), items.Length);
        TensorPrimitives.MultiplyAdd(start, -keep, end, end);
        TensorPrimitives.Multiply(end, 1 / MathF.Sqrt(items.Length), end);
        foreach (var item in items)
        {
            TensorPrimitives.MultiplyAdd(Row(_rated, item), keep, end, Row(_rated, item));
        }
    }

    private void FoldRated(Ratings ratings)
    {
        var shared = new float[_options.Factors];
        for (var user = 0; user < ratings.UserCount; user++)
        {
            SumRated(ratings, user, shared);
            TensorPrimitives.Add<float>(Row(_users, user), shared, Row(_users, user));
        }
    }

    private Span<float> Row(float[] vectors, int row) => vectors.AsSpan(row * _options.Factors, _options.Factors);

    private readonly record struct Standard(float Mean, float Deviation, float Least, float Most)
    {
        public static Standard Of(float[] values)
        {
            if (values.Length == 0)
            {
                return new Standard(0, 1, 0, 0);
            }

            var mean = values.Sum(value => (double)value) / values.Length;
            var deviation = Math.Sqrt(values.Sum(value => Math.Pow(value - mean, 2)) / values.Length);
            return new Standard(
                (float)mean, deviation > 0 ? (float)deviation : 1, values.Min(), values.Max());
        }

        public float Apply(float value) => (value - Mean) / Deviation;

        public float Restore(float score) => Math.Clamp(Mean + (Deviation * score), Least, Most);
    }
}
