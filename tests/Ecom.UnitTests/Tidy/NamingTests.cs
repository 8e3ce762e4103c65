using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ecom.UnitTests.Tidy;

/// <summary>A name that says "miscellaneous" hides what a type is for.</summary>
public sealed partial class NamingTests
{
    [Fact]
    public void No_type_or_folder_has_a_name_that_says_nothing() => Guard.Holds(SourceFile.All.SelectMany(Nameless));

    [Theory]
    [InlineData("class OrderHelper;")]
    [InlineData("static class StringUtils;")]
    [InlineData("class UtilityBelt;")]
    [InlineData("record ModelManager;")]
    [InlineData("interface ICommon;")]
    [InlineData("enum CommonKind { A }")]
    [InlineData("abstract class BaseConsumer;")]
    [InlineData("class Outer { struct InnerHelper { } }")]
    [InlineData("delegate void PriceHelper();")]
    public void A_nameless_type_is_caught(string source) =>
        Assert.Single(Nameless(new SourceFile("services/fraud/Planted.cs", source)));

    [Theory]
    [InlineData("class Baseline;")]
    [InlineData("class Basket;")]
    [InlineData("class StockManagement;")]
    [InlineData("class Utilisation;")]
    public void A_name_that_only_looks_like_it_passes(string source) =>
        Assert.Empty(Nameless(new SourceFile("services/fraud/Planted.cs", source)));

    [Theory]
    [InlineData("services/fraud/Helpers/Planted.cs")]
    [InlineData("shared/Ecom.Common/Planted.cs")]
    [InlineData("shared/Ecom.Algorithms/Utils/Planted.cs")]
    [InlineData("services/profiling/Models/Planted.cs")]
    public void A_nameless_folder_is_caught(string path) =>
        Assert.Single(Nameless(new SourceFile(path, "class Basket;")));

    [Theory]
    [InlineData("shared/Ecom.Contracts/Models/Planted.cs")]
    [InlineData("services/training/Models/Planted.cs")]
    public void Models_is_a_folder_where_machine_learning_models_are_the_domain(string path) =>
        Assert.Empty(Nameless(new SourceFile(path, "class Basket;")));

    private static IEnumerable<string> Nameless(SourceFile file)
    {
        var folder = file.Path.Split('/')[..^1].SelectMany(part => part.Split('.')).FirstOrDefault(
            part => part is "Common" or "Util" or "Utils" or "Helpers" or "Misc"
                || (part == "Models" && !MayHaveModels(file.Path)));
        if (folder is not null)
        {
            yield return $"{file.Path}: name the folder after its domain, not \"{folder}\".";
        }

        var names = file.Syntax.DescendantNodes().Select(node => node switch
        {
            BaseTypeDeclarationSyntax type => (Node: node, type.Identifier.Text),
            DelegateDeclarationSyntax type => (Node: node, type.Identifier.Text),
            _ => (Node: node, Text: ""),
        });
        foreach (var (node, name) in names.Where(found => SaysNothing().IsMatch(found.Text)))
        {
            yield return $"{file.At(node)}: name the type {name} after what it does.";
        }
    }

    private static bool MayHaveModels(string path) =>
        path.StartsWith("shared/Ecom.Contracts/", StringComparison.Ordinal)
        || path.StartsWith("services/training/", StringComparison.Ordinal);

    [GeneratedRegex("Helpers?$|Util(s|ity|ities)?(?![a-z])|Managers?$|Common(?![a-z])|^I?Base(?![a-z])")]
    private static partial Regex SaysNothing();
}
