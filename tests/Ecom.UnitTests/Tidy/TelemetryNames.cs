using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ecom.UnitTests.Tidy;

/// <summary>A name that operators see.</summary>
/// <param name="Section">Heading of docs/telemetry.md that lists it.</param>
/// <param name="Name">The name; a part known only at run time is written <c>{}</c>.</param>
/// <param name="At">Where the code makes it.</param>
internal sealed record TelemetryName(string Section, string Name, string At);

/// <summary>Finds the sources, spans and metrics that the code makes.</summary>
internal static class TelemetryNames
{
    public const string Sources = "Sources";
    public const string Spans = "Spans";
    public const string Metrics = "Metrics";

    public static IReadOnlyList<TelemetryName> In(IReadOnlyCollection<SourceFile> files)
    {
        var constants = files.SelectMany(Constants).ToLookup(constant => constant.Name, constant => constant.Value);
        return [.. files.SelectMany(file => In(file, constants))];
    }

    private static IEnumerable<TelemetryName> In(SourceFile file, ILookup<string, string> constants)
    {
        foreach (var node in file.Syntax.DescendantNodes())
        {
            var (section, argument) = node switch
            {
                InvocationExpressionSyntax call => Named(call),
                ObjectCreationExpressionSyntax made when IsSource(made.Type.ToString()) =>
                    (Sources, made.ArgumentList?.Arguments.FirstOrDefault()),
                ImplicitObjectCreationExpressionSyntax made when IsSource(DeclaredType(made)) =>
                    (Sources, made.ArgumentList.Arguments.FirstOrDefault()),
                _ => (null, null),
            };
            if (section is not null && argument is not null)
            {
                foreach (var name in Values(argument.Expression, constants))
                {
                    yield return new TelemetryName(section, name, file.At(node));
                }
            }
        }
    }

    private static (string? Section, ArgumentSyntax? Name) Named(InvocationExpressionSyntax call)
    {
        if (MemberName(call.Expression) is not { } member)
        {
            return (null, null);
        }

        var arguments = call.ArgumentList.Arguments;
        return member.Identifier.Text switch
        {
            "CreateCounter" or "CreateHistogram" or "CreateUpDownCounter" or "CreateGauge"
                or "CreateObservableCounter" or "CreateObservableUpDownCounter" or "CreateObservableGauge"
                => (Metrics, arguments.FirstOrDefault()),
            "StartActivity" or "CreateActivity" => (Spans, arguments.FirstOrDefault()),
            // EventSpans.Start(source, name, …): the one place that continues the traces of batched events.
            "Start" when call.Expression.ToString() == "EventSpans.Start" => (Spans, arguments.ElementAtOrDefault(1)),
            _ => (null, null),
        };
    }

    private static SimpleNameSyntax? MemberName(ExpressionSyntax called) => called switch
    {
        MemberAccessExpressionSyntax member => member.Name,
        MemberBindingExpressionSyntax member => member.Name,
        _ => null,
    };

    private static bool IsSource(string? type) => type is "ActivitySource" or "Meter";

    private static string? DeclaredType(ImplicitObjectCreationExpressionSyntax made) => made.Parent?.Parent switch
    {
        VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } => declaration.Type.ToString(),
        PropertyDeclarationSyntax property => property.Type.ToString(),
        _ => null,
    };

    // What is no literal, no constant and no interpolated text (a parameter) is named where it is passed in.
    private static IEnumerable<string> Values(ExpressionSyntax name, ILookup<string, string> constants) => name switch
    {
        LiteralExpressionSyntax literal when literal.Token.Value is string text => [text],
        InterpolatedStringExpressionSyntax text => [string.Concat(text.Contents.Select(
            part => part is InterpolatedStringTextSyntax fixedText ? fixedText.TextToken.ValueText : "{}"))],
        ConditionalExpressionSyntax either =>
            Values(either.WhenTrue, constants).Concat(Values(either.WhenFalse, constants)),
        MemberAccessExpressionSyntax member => constants[LastTwo(member)],
        IdentifierNameSyntax identifier => constants[$"{TypeAround(identifier)}.{identifier.Identifier.Text}"],
        _ => [],
    };

    private static string LastTwo(MemberAccessExpressionSyntax member) =>
        $"{member.Expression.ToString().Split('.')[^1]}.{member.Name}";

    private static string? TypeAround(SyntaxNode node) =>
        node.FirstAncestorOrSelf<TypeDeclarationSyntax>()?.Identifier.Text;

    private static IEnumerable<(string Name, string Value)> Constants(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<FieldDeclarationSyntax>()
            .Where(field => field.Modifiers.Any(modifier => modifier.Text == "const"))
            .SelectMany(field => field.Declaration.Variables)
            .Where(variable => variable.Initializer?.Value is LiteralExpressionSyntax { Token.Value: string })
            .Select(variable => (
                $"{TypeAround(variable)}.{variable.Identifier.Text}",
                (string)((LiteralExpressionSyntax)variable.Initializer!.Value).Token.Value!));
}
