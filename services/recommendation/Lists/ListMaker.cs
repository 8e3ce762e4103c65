using Ecom.Recommendation.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Lists;

/// <summary>Makes a visitor's list by folding the history into a model: the same for a whole generation and after one
/// click.</summary>
/// <remarks>
/// A product counts by the strongest interest shown in it, as the model learnt, else as it is set; how it fades with
/// age is the model's own.
/// </remarks>
internal sealed class ListMaker(IOptions<RecommendationOptions> options)
{
    // Bounds the work of one list: what lies further back hardly moves it.
    private const int MostHistory = 500;

    /// <summary>
    /// The list as it is stored; of a browser without what it looked at, of a customer without what was bought.
    /// </summary>
    public byte[] Make(VisitorHistory history, long ticket, ModelWithIds model)
    {
        var touched = history.Products.Take(MostHistory).ToArray();
        IEnumerable<string> leftOut = Visitor.IsCustomer(history.Visitor)
            ? options.Value.LeaveOutBought ? history.Bought : []
            : touched;
        (string Product, float Weight)[] weighed =
        [
            .. touched
                .Zip(history.Interests, (product, interest) => (product, Weight: WeightOf((Interest)interest, model)))
                .Where(one => one.Weight > 0)
                .Reverse(),
        ];
        var items = weighed.Length == 0
            ? []
            : model.Recommend(weighed, [.. leftOut.Concat(history.Hidden)], options.Value.ListLength);
        return CompactList.Encode(ticket, items);
    }

    private float WeightOf(Interest interest, ModelWithIds model) => model.LearntWeights is { } learnt
        ? (float)learnt.GetValueOrDefault(interest switch
        {
            Interest.Bought => "purchase",
            Interest.Carted => "cart",
            Interest.Wished => "favourite",
            _ => "view",
        })
        : options.Value.Weights.Of(interest);
}
