using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.UnitTests.Algorithms.Fraud;

public sealed class FraudModelTests
{
    private static readonly FraudModel _model = new(
        ["amount", "count"],
        new TreeEnsemble(2, -1, [[
            new TreeNode(0, 100, true, 1, 0.5), new TreeNode(-1, 0, false, 0, -2), new TreeNode(-1, 0, false, 0, 3)]]),
        new PlattCalibration(0.5, 0.25));

    [Fact]
    public void The_reasons_are_those_of_the_calibrated_log_odds()
    {
        var contributions = new double[2];
        var probability = _model.Explain([200, 1], contributions);

        Assert.Equal(1 / (1 + Math.Exp(-((0.5 * 2) + 0.25))), probability);
        Assert.Equal([1.25, 0], contributions);
        Assert.Equal(_model.Score([200, 1]), probability);
    }

    [Fact]
    public void Written_and_read_again_the_scores_are_the_same_bits()
    {
        using var stream = new MemoryStream();
        _model.Write(stream);
        stream.Position = 0;
        var read = FraudModel.Read(stream);

        Assert.Equal(_model.Names, read.Names);
        Assert.Equal(_model.Calibration, read.Calibration);
        Assert.Equal(
            BitConverter.DoubleToInt64Bits(_model.Score([200, 1])),
            BitConverter.DoubleToInt64Bits(read.Score([200, 1])));
    }

    [Fact]
    public void Something_else_or_a_part_of_a_model_is_refused()
    {
        using var stream = new MemoryStream();
        _model.Write(stream);
        var bytes = stream.ToArray();

        Assert.Throws<InvalidDataException>(() => FraudModel.Read(new MemoryStream(new byte[100])));
        Assert.Throws<InvalidDataException>(() => FraudModel.Read(new MemoryStream(bytes[..^3])));
        bytes[4] = 9;
        Assert.Contains(
            "format 9", Assert.Throws<InvalidDataException>(() => FraudModel.Read(new MemoryStream(bytes))).Message);
    }
}
