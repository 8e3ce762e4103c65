using Ecom.Recommendation.Lists;

namespace Ecom.Recommendation.Placements;

/// <summary>A product that may be shown, with what speaks for it.</summary>
internal struct Candidate
{
    public Product Product;

    /// <summary>Master data as they were when the request came.</summary>
    public ProductFacts Facts;

    /// <summary>The product of the history or cart that it is there for; null if none.</summary>
    public Product? Because;

    /// <summary>Baskets with both the product and <see cref="Because"/>; 0 where none were counted.</summary>
    public int Together;

    /// <summary>Baskets with <see cref="Because"/>.</summary>
    public int Of;

    /// <summary>As the list tells; comparable within one list only.</summary>
    public float Score;

    /// <summary>
    /// What candidates are ranked by, higher first: a whole number for each list, earlier lists higher, plus the place
    /// within the list as a share of one.
    /// </summary>
    public float Relevance;

    public ListSource Source;

    /// <summary>Whether it is one of the few products that most people want.</summary>
    public bool IsPopular;

    /// <summary>Whether it is ranked already.</summary>
    public bool IsTaken;

    /// <summary>The greatest of the scores that <see cref="Score"/> is the sum of, where it is one.</summary>
    public float Strongest;

    /// <summary>Likeness to the most similar product that is ranked before it, 0 to 1.</summary>
    public float Likeness;

    /// <summary>How lately the visitor was shown it, 0 (not that anybody knew) to 1.</summary>
    public float Shown;

    /// <summary>Probability with which it stands at its position; once it is in the answer.</summary>
    public double Propensity;
}

/// <summary>
/// The candidates of one request, each product once, in the order in which lists gave them. One for a thread, used
/// again and again: nothing is allocated for a request.
/// </summary>
internal sealed class Candidates
{
    [ThreadStatic]
    private static Candidates? _ofThread;

    private Candidate[] _items = new Candidate[256];
    private int[] _stamps = [];
    private int[] _places = [];
    private int _stamp;

    public int Count { get; private set; }

    public Span<Candidate> Items => _items.AsSpan(0, Count);

    /// <summary>The thread's candidates, empty.</summary>
    /// <param name="products">Numbers of products are below it.</param>
    public static Candidates Begin(int products)
    {
        var candidates = _ofThread ??= new Candidates();
        candidates.Count = 0;
        candidates._stamp++;
        if (candidates._stamps.Length < products)
        {
            Array.Resize(ref candidates._stamps, products + 1_024);
            Array.Resize(ref candidates._places, products + 1_024);
        }

        return candidates;
    }

    /// <summary>Whether the product was given or passed over in this request.</summary>
    public bool IsKnown(Product product) => product.Number < _stamps.Length && _stamps[product.Number] == _stamp;

    /// <summary>Where a product lies in <see cref="Items"/>; -1 if it is not there.</summary>
    public int PlaceOf(Product product) => IsKnown(product) ? _places[product.Number] : -1;

    /// <summary>Notes that a product is not to be looked at again.</summary>
    public void PassOver(Product product) => Mark(product, -1);

    /// <summary>Adds a product that is not known yet.</summary>
    public ref Candidate Add(Product product, ProductFacts facts)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, _items.Length * 2);
        }

        Mark(product, Count);
        ref var item = ref _items[Count++];
        item = new Candidate { Product = product, Facts = facts, IsPopular = product.IsPopular };
        return ref item;
    }

    private void Mark(Product product, int place)
    {
        // A product that became known after the request began.
        if (product.Number >= _stamps.Length)
        {
            Array.Resize(ref _stamps, product.Number + 1_024);
            Array.Resize(ref _places, product.Number + 1_024);
        }

        _stamps[product.Number] = _stamp;
        _places[product.Number] = place;
    }
}
