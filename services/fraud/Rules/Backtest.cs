using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Scoring;
using Ecom.Rules.Evaluation;

namespace Ecom.Fraud.Rules;

/// <summary>A payment of the past, with what was known of it then and what is known now.</summary>
internal sealed record PastPayment
{
    public required string PaymentId { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public required long BaseAmount { get; init; }

    public required PaymentFacts Facts { get; init; }

    /// <summary>What was decided.</summary>
    public required FraudDecision Decision { get; init; }

    /// <summary>What a label said that had arrived by then; null if none had.</summary>
    public required bool? FraudThen { get; init; }

    /// <summary>What the newest label says; null if there is none.</summary>
    public required bool? FraudNow { get; init; }
}

/// <summary>Counts what a version of a rule would have done to payments of the past.</summary>
internal sealed class Backtest(NamedRule rule)
{
    private const int MostSamples = 20;
    private readonly CompiledRule _condition = ShadowRule.Of(rule).Rule;
    private readonly Dictionary<RuleSet, RuleSet> _changed = [];
    private readonly Dictionary<(FraudDecision From, FraudDecision To), DecisionChange> _changes = [];
    private readonly List<BacktestSample> _samples = [];
    private LabelCounts _then = new();
    private LabelCounts _now = new();
    private long _payments;
    private long _held;
    private long _heldAmount;
    private long _withoutSet;

    /// <summary>How many payments were looked at.</summary>
    public long Payments => _payments;

    /// <summary>Looks at a payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="decidedBy">The rules that decided it; null if they were not kept.</param>
    public void Add(PastPayment payment, RuleSet? decidedBy)
    {
        var holds = _condition.Holds(RuleSchema.SlotsOf(payment.Facts).View);
        _payments++;
        _then = _then.With(payment.FraudThen, holds);
        _now = _now.With(payment.FraudNow, holds);
        if (holds)
        {
            _held++;
            _heldAmount += payment.BaseAmount;
        }

        var decision = DecideBy(decidedBy, payment);
        if (decision is { } changed && changed != payment.Decision)
        {
            var key = (payment.Decision, changed);
            _changes[key] = _changes.GetValueOrDefault(key, new DecisionChange { From = key.Decision, To = changed })
                .With(payment);
        }

        if (_samples.Count < MostSamples && (holds || (decision is not null && decision != payment.Decision)))
        {
            _samples.Add(new BacktestSample
            {
                PaymentId = payment.PaymentId,
                AttemptedAt = payment.AttemptedAt,
                Held = holds,
                Decision = payment.Decision,
                WouldBe = decision,
                FraudNow = payment.FraudNow,
            });
        }
    }

    /// <summary>What was counted.</summary>
    public BacktestResult ToResult() => new()
    {
        Payments = _payments,
        Held = _held,
        HeldAmount = _heldAmount,
        KnownThen = _then,
        KnownNow = _now,
        Changes = [.. _changes.Values.OrderBy(change => change.From).ThenBy(change => change.To)],
        WithoutRules = _withoutSet,
        Samples = _samples,
    };

    // The rules of that time, with this version in the place of the one that was active, or beside them; the model said
    // what it said.
    private FraudDecision? DecideBy(RuleSet? decidedBy, PastPayment payment)
    {
        if (decidedBy is null)
        {
            _withoutSet++;
            return null;
        }

        if (!_changed.TryGetValue(decidedBy, out var changed))
        {
            _changed[decidedBy] = changed = decidedBy.With(rule);
        }

        return Judgement.DecisionOf(changed.Judge(payment.Facts), payment.Facts.Opinion);
    }
}

/// <summary>What a version of a rule would have done.</summary>
internal sealed record BacktestResult
{
    /// <summary>Payments of the time.</summary>
    public required long Payments { get; init; }

    /// <summary>Payments that its condition holds for.</summary>
    public required long Held { get; init; }

    /// <summary>Their amounts, minor units of the base currency.</summary>
    public required long HeldAmount { get; init; }

    /// <summary>By the labels that had arrived by <c>knownAt</c>.</summary>
    public required LabelCounts KnownThen { get; init; }

    /// <summary>By the labels that have arrived by now.</summary>
    public required LabelCounts KnownNow { get; init; }

    /// <summary>Decisions that would have been others, had this version been in force.</summary>
    public required IReadOnlyList<DecisionChange> Changes { get; init; }

    /// <summary>Payments whose rules of that time were not kept: they have no part in the changes.</summary>
    public required long WithoutRules { get; init; }

    /// <summary>The first payments that it holds for or that would have been decided otherwise.</summary>
    public required IReadOnlyList<BacktestSample> Samples { get; init; }
}

/// <summary>What labels say.</summary>
internal sealed record LabelCounts
{
    /// <summary>Payments labelled as fraud, held or not.</summary>
    public long Frauds { get; init; }

    /// <summary>Frauds that the condition holds for.</summary>
    public long Caught { get; init; }

    /// <summary>Payments that it holds for and that are labelled as genuine.</summary>
    public long FalsePositives { get; init; }

    /// <summary>Payments that it holds for and of which nothing is known.</summary>
    public long Unlabelled { get; init; }

    public LabelCounts With(bool? fraud, bool holds) => this with
    {
        Frauds = Frauds + (fraud == true ? 1 : 0),
        Caught = Caught + (fraud == true && holds ? 1 : 0),
        FalsePositives = FalsePositives + (fraud == false && holds ? 1 : 0),
        Unlabelled = Unlabelled + (fraud is null && holds ? 1 : 0),
    };
}

/// <summary>Payments whose decision would have been another.</summary>
internal sealed record DecisionChange
{
    public required FraudDecision From { get; init; }

    public required FraudDecision To { get; init; }

    public long Payments { get; init; }

    /// <summary>Of those, known fraud by now.</summary>
    public long Frauds { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public long Amount { get; init; }

    public DecisionChange With(PastPayment payment) => this with
    {
        Payments = Payments + 1,
        Frauds = Frauds + (payment.FraudNow == true ? 1 : 0),
        Amount = Amount + payment.BaseAmount,
    };
}

/// <summary>A payment to look at.</summary>
internal sealed record BacktestSample
{
    public required string PaymentId { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    /// <summary>Whether the condition holds for it.</summary>
    public required bool Held { get; init; }

    /// <summary>What was decided.</summary>
    public required FraudDecision Decision { get; init; }

    /// <summary>What would have been decided; null if the rules of that time were not kept.</summary>
    public required FraudDecision? WouldBe { get; init; }

    public required bool? FraudNow { get; init; }
}
