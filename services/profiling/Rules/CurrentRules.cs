using Ecom.Algorithms.Association;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Profiling.Rules;

/// <summary>The newest rules in memory with an index by product, followed every second by each replica.</summary>
internal sealed class CurrentRules(RuleStore store, ILogger<CurrentRules> logger)
    : Follower("the rules", TimeSpan.FromSeconds(1), logger)
{
    private volatile ServedRules _served = ServedRules.None;

    public ServedRules Served => _served;

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        if (await store.ReadNewestAsync(_served.RunId, cancellation) is { } newest)
        {
            _served = new ServedRules(newest.RunId, newest.Rules, newest.Names);
        }
    }
}

/// <summary>The rules of one run.</summary>
internal sealed class ServedRules
{
    private readonly Dictionary<string, int> _indexes;
    private readonly Dictionary<AssociationRule, MinedRule> _mined;
    private readonly BasketCompletion _completion;
    private readonly IReadOnlyDictionary<string, string> _names;

    public ServedRules(long runId, IReadOnlyList<MinedRule> rules, IReadOnlyDictionary<string, string> names)
    {
        RunId = runId;
        Rules = rules;
        _names = names;
        _indexes = rules
            .SelectMany(rule => rule.Antecedent.Append(rule.Consequent))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Index()
            .ToDictionary(product => product.Item, product => product.Index);
        _mined = new Dictionary<AssociationRule, MinedRule>(ReferenceEqualityComparer.Instance);
        foreach (var rule in rules)
        {
            _mined.Add(ToIndexes(rule), rule);
        }

        _completion = new BasketCompletion([.. _mined.Keys]);
    }

    public static ServedRules None { get; } = new(0, [], new Dictionary<string, string>());

    /// <summary>0 before a first run.</summary>
    public long RunId { get; }

    /// <summary>By confidence, then lift.</summary>
    public IReadOnlyList<MinedRule> Rules { get; }

    /// <summary>The best rules that a basket fulfils, each for another product that is not in it.</summary>
    public IReadOnlyList<MinedRule> Complete(IEnumerable<string> basket, int count)
    {
        var items = basket.Where(_indexes.ContainsKey).Select(product => _indexes[product]).ToArray();
        return [.. _completion.Complete(items, count).Select(completion => _mined[completion.Rule])];
    }

    /// <summary>The product's name; its id if the catalogue does not know it.</summary>
    public string NameOf(string productId) => _names.GetValueOrDefault(productId, productId);

    private AssociationRule ToIndexes(MinedRule rule) => new()
    {
        Antecedent = [.. rule.Antecedent.Select(product => _indexes[product]).Order()],
        Consequent = _indexes[rule.Consequent],
        Count = rule.Baskets,
        AntecedentCount = rule.AntecedentBaskets,
        Support = rule.Support,
        Confidence = rule.Confidence,
        Lift = rule.Lift,
    };
}
