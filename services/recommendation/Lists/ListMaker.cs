using Ecom.Recommendation.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Lists;

/// <summary>Makes a visitor's list by folding the history into a model: the same for a whole generation and after one
/// click.</summary>
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
        var items = touched.Length == 0
            ? []
            : model.Recommend([.. touched.Reverse()], [.. leftOut.Concat(history.Hidden)], options.Value.ListLength);
        return CompactList.Encode(ticket, items);
    }
}
