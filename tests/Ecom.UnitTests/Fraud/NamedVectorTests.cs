using System.Text.Json;
using Ecom.Fraud.Payments;

namespace Ecom.UnitTests.Fraud;

public sealed class NamedVectorTests
{
    private static readonly NamedVector _vector = new(new VectorNames(["a", "b"]), [1.5, double.NaN]);

    [Fact]
    public void It_reads_like_a_dictionary_where_a_missing_number_is_null()
    {
        Assert.Equal((1.5, null, 2), (_vector["a"], _vector["b"], _vector.Count));
        Assert.Null(_vector.GetValueOrDefault("c"));
        Assert.Throws<KeyNotFoundException>(() => _vector["c"]);
        Assert.True(_vector.ContainsKey("b") && !_vector.ContainsKey("c"));
        Assert.Equal([KeyValuePair.Create("a", (double?)1.5), new("b", null)], _vector);
        Assert.Equal((double?[])[1.5, null], ((IReadOnlyDictionary<string, double?>)_vector).Values);
    }

    [Fact]
    public void Its_JSON_is_an_object_with_all_names() => Assert.Equal(
        """{"a":1.5,"b":null}""", JsonSerializer.Serialize<IReadOnlyDictionary<string, double?>>(_vector));

    [Fact]
    public void Numbers_from_elsewhere_become_one()
    {
        var made = NamedVector.Of(new Dictionary<string, double?> { ["a"] = 1.5, ["b"] = null });

        Assert.Equal(_vector, made);
        Assert.Same(made, NamedVector.Of(made));
    }
}
