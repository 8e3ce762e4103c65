using Ecom.UnitTests.Contracts;

namespace Ecom.UnitTests.Tidy;

/// <summary>docs/messages.md lists every message of the contracts, and nothing else.</summary>
public sealed class MessagesPageTests
{
    private static readonly string[] _messages = ["Orders.OrderPlaced", "Models.TrainModel"];

    [Fact]
    public void The_page_lists_every_message_and_nothing_else() =>
        Guard.Holds(Differences(Repository.Read("docs/messages.md"), [.. Messages.All.Select(Messages.NameOf)]));

    [Fact]
    public void A_complete_page_passes() =>
        Assert.Empty(Differences("## Messages\n| `Orders.OrderPlaced` | x |\n| `Models.TrainModel` |", _messages));

    [Fact]
    public void A_message_that_the_page_lacks_is_caught() =>
        Assert.Contains(
            "| `Models.TrainModel` |",
            Assert.Single(Differences("## Messages\n| `Orders.OrderPlaced` |\nTrainModel", _messages)),
            StringComparison.Ordinal);

    [Fact]
    public void A_row_without_message_is_caught() =>
        Assert.Contains(
            "Orders.Gone",
            Assert.Single(Differences(
                "## Messages\n| `Orders.OrderPlaced` |\n| `Models.TrainModel` |\n| `Orders.Gone` |", _messages)),
            StringComparison.Ordinal);

    private static IEnumerable<string> Differences(string page, IReadOnlyCollection<string> messages)
    {
        var listed = MarkdownTable.Names(page, "Messages");
        foreach (var missing in messages.Except(listed))
        {
            yield return $"docs/messages.md lacks a row under \"## Messages\": | `{missing}` | publisher | consumers "
                + "| when | key fields | counts once by |";
        }

        foreach (var unknown in listed.Except(messages))
        {
            yield return $"docs/messages.md lists {unknown}, which the contracts do not have: take the row out.";
        }
    }
}
