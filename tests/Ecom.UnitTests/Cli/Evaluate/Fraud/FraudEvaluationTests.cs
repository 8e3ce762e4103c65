using Ecom.Algorithms.Fraud;
using Ecom.Cli.Evaluate.Fraud;
using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli.Evaluate.Fraud;

public sealed class FraudEvaluationTests
{
    private static readonly TransactionFile _file = GivenPayments.Made();
    private static readonly FraudOptions _options = new() { Transactions = "given", Threads = 2, Seed = 1 };
    private static readonly PaymentMatrix _matrix = Replay(_file);
    private static readonly int _firstDay = _file.DayOf(0) + 72;

    [Fact]
    public void The_default_ranks_better_than_the_baseline_and_is_calibrated_where_a_constant_is_not()
    {
        var file = GivenPayments.Made(paymentsADay: 500);
        var matrix = Replay(file);
        var training = new FraudTraining(file, matrix, _options, CancellationToken.None);
        var week = new FraudWeek(file, _firstDay);
        var model = training.Calibrated(week);
        var scores = Array.ConvertAll(week.Test, at => model.Score(matrix.Row(at)));
        var judged = week.Judge.Probabilities(scores);
        var constant = week.Judge.Probabilities(
            Array.ConvertAll(week.Test, _ => training.BaseRate(week)), scores);

        Assert.InRange(judged["ap"], 0.7, 1);
        Assert.True(judged["logLoss"] < constant["logLoss"]);
        Assert.True(judged[FraudJudge.TopError] < 0.3 * constant[FraudJudge.TopError]);
    }

    [Fact]
    public void Rewriting_the_future_changes_no_score_before_it()
    {
        // Labels that had not arrived by tomorrow, and payments from tomorrow on.
        var known = _file.FirstOf(_firstDay - 6);
        var tomorrow = _file.FirstOf(_firstDay + 1);
        var rewritten = _file with
        {
            Frauds = [.. _file.Frauds.Select((fraud, at) => fraud != (at >= known))],
            Amounts = [.. _file.Amounts.Select((amount, at) => at < tomorrow ? amount : 3 * amount)],
        };

        Assert.Equal(Scores(_file, _matrix), Scores(rewritten, Replay(rewritten)));
        Assert.NotEqual(
            Scores(_file, _matrix),
            Scores(_file with { Frauds = [.. _file.Frauds.Select((fraud, at) => fraud != (at == 5_000))] }, _matrix));

        double[] Scores(TransactionFile file, PaymentMatrix matrix)
        {
            var training = new FraudTraining(file, matrix, _options, CancellationToken.None);
            var model = training.Calibrated(new FraudWeek(file, _firstDay));
            return [.. Enumerable.Range(tomorrow - 120, 120).Select(at => model.Score(matrix.Row(at)))];
        }
    }

    [Fact]
    public void Cards_known_to_be_compromised_leave_the_test_week()
    {
        var week = new FraudWeek(_file, _firstDay);
        var compromised = week.Train.Where(at => _file.Frauds[at]).Select(at => _file.Customers[at]).ToHashSet();

        Assert.NotEmpty(compromised);
        Assert.All(week.Test, at => Assert.DoesNotContain(_file.Customers[at], compromised));
        Assert.All(week.Train, at => Assert.InRange(_file.DayOf(at), _firstDay - 14, _firstDay - 8));
        Assert.All(week.Test, at => Assert.InRange(_file.DayOf(at), _firstDay, _firstDay + 6));
    }

    [Fact]
    public void A_file_that_is_too_short_is_refused()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(
                path,
                "TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD\n2018-04-01,c,t,1,0\n2018-05-01,c,t,1,1\n");
            var evaluation = new FraudEvaluation(
                _options with { Transactions = path }, _ => { }, CancellationToken.None);

            Assert.Contains("must lie in the file", Assert.Throws<SetupException>(evaluation.Run).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static PaymentMatrix Replay(TransactionFile file) =>
        PaymentMatrix.Replay(file, _ => { }, CancellationToken.None);
}
