namespace Ecom.Algorithms.Recommendation;

/// <summary>An item that is taken together with another.</summary>
/// <param name="Item">Index of the item.</param>
/// <param name="Score">By the chosen measure, above 0.</param>
/// <param name="Evidence">The counts; the first item is the other.</param>
public readonly record struct CoPurchasePartner(int Item, float Score, PairEvidence Evidence);

/// <summary>How often two items were taken together: the numbers behind "bought together in 212 of 480
/// baskets".</summary>
/// <param name="Together">Baskets (or customers) with both.</param>
/// <param name="WithItem">Baskets with the first item.</param>
/// <param name="WithOther">Baskets with the second item.</param>
/// <param name="Total">All baskets.</param>
public readonly record struct PairEvidence(int Together, int WithItem, int WithOther, int Total)
{
    /// <summary>Share of the baskets with the first item that hold the second, in [0, 1].</summary>
    public double Confidence => WithItem == 0 ? 0 : (double)Together / WithItem;

    /// <summary>How many times more often together than by chance; 1 is chance, 0 is never.</summary>
    public double Lift => Together == 0 ? 0 : (double)Together * Total / ((double)WithItem * WithOther);

    /// <summary>Dunning's log-likelihood ratio (2 ln Λ, chi-squared with one degree of freedom): how surely the two
    /// belong together, or apart; at least 0.</summary>
    /// <remarks>Dunning, "Accurate methods for the statistics of surprise and coincidence", 1993.</remarks>
    public double LogLikelihoodRatio
    {
        get
        {
            var (onlyItem, onlyOther) = (WithItem - Together, WithOther - Together);
            var neither = Total - Together - onlyItem - onlyOther;
            var cells = Part(Together) + Part(onlyItem) + Part(onlyOther) + Part(neither);
            var margins = Part(WithItem) + Part(Total - WithItem) + Part(WithOther) + Part(Total - WithOther);
            return Math.Max(0, 2 * (cells - margins + Part(Total)));
        }
    }

    private static double Part(double count) => count > 0 ? count * Math.Log(count) : 0;
}
