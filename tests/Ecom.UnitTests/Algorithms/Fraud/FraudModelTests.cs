using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.UnitTests.Algorithms.Fraud;

public sealed class FraudModelTests
{
    private static readonly string[] _names = ["amount", "count", "constant"];
    private static readonly PlattCalibration _calibration = new(0.5, 0.25);

    private static readonly float[][] _vectors =
        [[200, 1, 7], [50, 3, 7], [float.NaN, float.NaN, float.NaN], [-1e30f, float.PositiveInfinity, 0]];

    private static readonly FraudModel _ofTrees = Build(new TreeEnsemble(3, -1, [[
        new TreeNode(0, 100, true, 1, 0.5), new TreeNode(-1, 0, false, 0, -2), new TreeNode(-1, 0, false, 0, 3)]]));

    private static readonly FraudModel _ofTerms = Build(LogisticTerms.Fit(Rows(), 3, Labels()));

    public static TheoryData<string> Kinds => ["trees", "terms"];

    [Fact]
    public void The_reasons_are_those_of_the_calibrated_log_odds()
    {
        var contributions = new double[3];
        var probability = _ofTrees.Explain([200, 1, 7], contributions);

        Assert.Equal(1 / (1 + Math.Exp(-((0.5 * 2) + 0.25))), probability);
        Assert.Equal([1.25, 0, 0], contributions);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_score_is_the_same_bits_with_and_without_reasons(string kind)
    {
        foreach (var vector in _vectors)
        {
            AssertSameBits(Of(kind).Score(vector), Of(kind).Explain(vector, new double[3]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Written_and_read_again_everything_it_says_is_the_same_bits(string kind)
    {
        var model = Of(kind);
        var read = FraudModel.Read(new MemoryStream(Bytes(model)));

        Assert.Equal(model.Names, read.Names);
        Assert.Equal(model.Calibration, read.Calibration);
        Assert.Equal(model.TrainedOn, read.TrainedOn);
        foreach (var vector in _vectors)
        {
            var (one, other) = (new double[3], new double[3]);
            AssertSameBits(model.Explain(vector, one), read.Explain(vector, other));
            AssertSameBits(model.Anomaly(vector)!.Value, read.Anomaly(vector)!.Value);
            Assert.Equal(one, other);
        }

        foreach (var (bins, again) in model.Reference.Features.Append(model.Reference.Score)
            .Zip(read.Reference.Features.Append(read.Reference.Score)))
        {
            Assert.Equal(bins.Edges.ToArray(), again.Edges.ToArray());
            Assert.Equal(bins.Shares.ToArray(), again.Shares.ToArray());
        }

        Assert.Equal(Bytes(model), Bytes(read));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_model_cut_short_anywhere_is_refused(string kind)
    {
        var bytes = Bytes(Of(kind));

        for (var length = 0; length < bytes.Length; length += 1 + (length / 100))
        {
            Assert.Throws<InvalidDataException>(() => FraudModel.Read(new MemoryStream(bytes[..length])));
        }
    }

    [Fact]
    public void Something_else_is_refused()
    {
        var bytes = Bytes(_ofTrees);

        Assert.Throws<InvalidDataException>(() => FraudModel.Read(new MemoryStream(new byte[100])));
        bytes[4] = 9;
        Assert.Contains(
            "format 9", Assert.Throws<InvalidDataException>(() => FraudModel.Read(new MemoryStream(bytes))).Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_damaged_model_is_refused_or_read_but_never_breaks_the_reader(string kind)
    {
        var bytes = Bytes(Of(kind));
        var random = new Random(1);
        for (var trial = 0; trial < 500; trial++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(8, 1_000)] = (byte)random.Next(256);
            try
            {
                FraudModel.Read(new MemoryStream(damaged)).Score(_vectors[0]);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void Odder_payments_are_odder_than_a_greater_share()
    {
        var ordinary = _ofTrees.Anomaly([50, 5, 7])!.Value;
        var odd = _ofTrees.Anomaly([5_000, 500, 7])!.Value;

        Assert.InRange(ordinary, 0, 0.9);
        Assert.InRange(odd, 0.99, 1);
    }

    [Fact]
    public void Without_a_forest_nothing_is_said_of_anomalies() =>
        Assert.Null(new FraudModel(
            _names,
            new TreeEnsemble(3, 0, []),
            PlattCalibration.None,
            _ofTrees.Reference,
            _ofTrees.TrainedOn).Anomaly([1, 2, 3]));

    [Fact]
    public void Parts_that_do_not_fit_each_other_are_refused() =>
        Assert.Throws<ArgumentException>(() => new FraudModel(
            ["amount", "amount", "constant"],
            new TreeEnsemble(3, 0, []),
            PlattCalibration.None,
            _ofTrees.Reference,
            _ofTrees.TrainedOn));

    private static FraudModel Of(string kind) => kind == "trees" ? _ofTrees : _ofTerms;

    private static FraudModel Build(IMarginModel margins) => new(
        _names,
        margins,
        _calibration,
        FraudReference.Of(Rows(), margins, _calibration),
        new TrainedOn(DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch.AddDays(9), 400, 40),
        AnomalyModel.Fit(Rows(), 3, [0, 1]));

    private static float[] Rows()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, 400).SelectMany(row => new[]
        {
            row % 7 == 0 ? float.NaN : random.NextSingle() * 100, random.Next(10), 7,
        })];
    }

    private static bool[] Labels() => [.. Rows().Chunk(3).Select(row => row[1] > 8 || float.IsNaN(row[0]))];

    private static byte[] Bytes(FraudModel model)
    {
        using var stream = new MemoryStream();
        model.Write(stream);
        return stream.ToArray();
    }

    private static void AssertSameBits(double one, double other) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(one), BitConverter.DoubleToInt64Bits(other));
}
