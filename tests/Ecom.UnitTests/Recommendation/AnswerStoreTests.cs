using Ecom.Contracts.Recommendations;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;

namespace Ecom.UnitTests.Recommendation;

public sealed class AnswerStoreTests
{
    [Fact]
    public void No_message_holds_more_answers_than_the_contract_allows_and_none_is_lost()
    {
        ServedAnswer[] answers = [.. Enumerable.Range(0, 250).Select(Answer)];

        var messages = AnswerStore.MessagesOf(answers).ToArray();

        Assert.Equal([100, 100, 50], messages.Select(message => message.Answers.Count));
        Assert.Equal(
            answers.Select(answer => answer.Message), messages.SelectMany(message => message.Answers));
    }

    private static ServedAnswer Answer(int number) => new()
    {
        Id = new AnswerId
        {
            Placement = "home",
            ModelVersion = 0,
            Experiment = 0,
            Arm = 0,
            Unit = 0,
            ServedAt = DateTimeOffset.UnixEpoch,
        },
        AnonymousId = null,
        Degraded = false,
        Elapsed = TimeSpan.Zero,
        Message = new ServedRecommendation
        {
            RecommendationId = $"r{number}",
            Placement = "home",
            ProductIds = ["a"],
            Source = "popular",
            ServedAt = DateTimeOffset.UnixEpoch,
        },
    };
}
