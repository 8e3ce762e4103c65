using System.Diagnostics;
using System.Net;
using System.Text;
using Ecom.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ecom.UnitTests.Client;

public sealed class RecommendationClientTests
{
    private const string Key = "a-key-that-nobody-may-see";
    private static readonly RecommendationQuestion _home = new() { CustomerId = "ann", Count = 2 };

    [Fact]
    public async Task A_failure_that_passes_is_tried_again_once_and_no_more()
    {
        using var platform = new Platform { Then = _ => Status(HttpStatusCode.InternalServerError) };
        await using var provider = Register(platform);
        var client = provider.GetRequiredService<RecommendationClient>();

        var error = await Assert.ThrowsAsync<EcomRequestException>(() => client.GetAsync(_home));

        Assert.Equal((500, true), (error.Status, error.IsTransient));
        Assert.Equal(2, platform.Asked);
        platform.Then = asked => asked == 3 ? Status(HttpStatusCode.BadGateway) : Answer("a", "b");
        Assert.Equal(AnswerOrigin.Platform, (await client.GetAsync(_home)).Origin);
        Assert.Equal(4, platform.Asked);
    }

    [Fact]
    public async Task What_does_not_pass_by_itself_is_told_at_once_with_its_errors()
    {
        using var platform = new Platform
        {
            Then = _ => Status(
                HttpStatusCode.BadRequest, """{"title":"Wrong","errors":{"count":["Must be between 1 and 50."]}}"""),
        };
        await using var provider = Register(platform);

        var error = await Assert.ThrowsAsync<EcomRequestException>(
            () => provider.GetRequiredService<RecommendationClient>().GetAsync(_home with { Count = 99 }));

        Assert.Equal((400, false), (error.Status, error.IsTransient));
        Assert.Equal("Wrong: count: Must be between 1 and 50.", error.Message);
        Assert.Equal(["count"], error.Errors.Keys);
        Assert.Equal(1, platform.Asked);
    }

    [Fact]
    public async Task A_platform_that_hangs_is_left_after_its_time_and_the_last_answer_comes_with_its_age()
    {
        using var platform = new Platform { Then = _ => Answer("a", "b") };
        await using var provider = Register(platform, settings =>
        {
            // The first, good answer has this time as well, on a busy machine.
            settings.AttemptTimeout = TimeSpan.FromSeconds(2);
            settings.TotalTimeout = TimeSpan.FromSeconds(5);
        });
        var client = provider.GetRequiredService<RecommendationClient>();
        var before = await client.GetAsync(_home);
        platform.Then = null;

        var watch = Stopwatch.StartNew();
        var after = await client.GetAsync(_home);

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(3.5), TimeSpan.FromSeconds(30));
        Assert.Equal(before.Items, after.Items);
        Assert.Equal(before.RecommendationId, after.RecommendationId);
        Assert.Equal(
            (AnswerOrigin.LastKnown, true, "platform_away"), (after.Origin, after.Degraded, after.DegradedBecause));
        Assert.True(after.Age > TimeSpan.Zero);
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(_home, impatient.Token));
    }

    [Fact]
    public async Task A_stranger_gets_what_is_recommended_most_without_what_is_shown_carried_or_excluded()
    {
        using var platform = new Platform { Then = _ => Answer("a", "b") };
        await using var provider = Register(platform, settings => settings.FallbackProducts = ["z"]);
        var client = provider.GetRequiredService<RecommendationClient>();
        await client.GetAsync(_home);
        platform.Then = _ => Answer("b", "c");
        await client.GetAsync(_home with { CustomerId = "bea" });
        platform.Then = _ => Status(HttpStatusCode.InternalServerError);

        var stranger = await client.GetAsync(new RecommendationQuestion { Count = 2 });
        Assert.Equal(["b", "a"], stranger.Items.Select(item => item.ProductId));
        Assert.Equal((AnswerOrigin.Popular, "", "popular"),
            (stranger.Origin, stranger.RecommendationId, stranger.Items[0].Reason.Code));
        var page = await client.GetAsync(
            new RecommendationQuestion { ProductId = "b", Exclude = ["c"], Brands = ["Acme"] });
        Assert.Equal(["a"], page.Items.Select(item => item.ProductId));
        Assert.Equal("relaxed", page.Filtered);
        var cart = await client.GetAsync(new RecommendationQuestion { Cart = ["a", "b", "c"] });
        Assert.Equal(("z", AnswerOrigin.Configured), (cart.Items.Single().ProductId, cart.Origin));
        await Assert.ThrowsAsync<EcomRequestException>(
            () => client.GetAsync(new RecommendationQuestion { Brands = ["Acme"], Strict = true }));
    }

    [Fact]
    public async Task Retry_after_is_kept_to_and_an_old_answer_is_not_given()
    {
        var clock = new FakeTimeProvider();
        using var platform = new Platform { Then = _ => Answer("a") };
        await using var provider = Register(
            platform, settings => settings.RememberedFor = TimeSpan.FromMinutes(1), clock);
        var client = provider.GetRequiredService<RecommendationClient>();
        await client.GetAsync(_home);
        platform.Then = _ => Status(HttpStatusCode.ServiceUnavailable, retryAfter: 20);

        Assert.Equal(AnswerOrigin.LastKnown, (await client.GetAsync(_home)).Origin);
        Assert.Equal(AnswerOrigin.LastKnown, (await client.GetAsync(_home)).Origin);
        Assert.Equal(2, platform.Asked);
        clock.Advance(TimeSpan.FromSeconds(61));
        var error = await Assert.ThrowsAsync<EcomRequestException>(() => client.GetAsync(_home));
        Assert.Equal((503, 3), (error.Status, platform.Asked));
    }

    [Fact]
    public async Task After_many_failures_the_platform_is_left_alone()
    {
        using var platform = new Platform { Then = _ => Answer("a") };
        await using var provider = Register(platform);
        var client = provider.GetRequiredService<RecommendationClient>();
        await client.GetAsync(_home);
        platform.Then = _ => throw new HttpRequestException("refused");

        for (var asked = 0; asked < 40; asked++)
        {
            Assert.Equal(AnswerOrigin.LastKnown, (await client.GetAsync(_home)).Origin);
        }

        Assert.InRange(platform.Asked, 10, 24);
    }

    [Fact]
    public async Task Pages_follow_the_cursor_until_there_is_none()
    {
        using var platform = new Platform
        {
            Then = asked => asked == 4 ? Answer() : AnswerWith($"\"next\":\"page{asked + 1}\"", $"p{asked}"),
        };
        await using var provider = Register(platform);
        var seen = new List<string>();

        await foreach (var page in provider.GetRequiredService<RecommendationClient>().GetPagesAsync(_home))
        {
            seen.AddRange(page.Items.Select(item => item.ProductId));
        }

        Assert.Equal(["p1", "p2", "p3"], seen);
        Assert.EndsWith("&cursor=page4", platform.Paths[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_visitor_hides_is_not_remembered_and_saying_it_is_tried_again()
    {
        using var platform = new Platform { Then = _ => Answer("a") };
        await using var provider = Register(platform, settings => settings.RememberedAnswers = 1);
        var client = provider.GetRequiredService<RecommendationClient>();
        await client.GetAsync(_home with { Brands = ["Acme"] });
        platform.Then = asked => Status(asked == 2 ? HttpStatusCode.BadGateway : HttpStatusCode.NoContent);

        await client.SendFeedbackAsync(new RecommendationFeedback { CustomerId = "ann", ProductId = "a" });

        Assert.Equal(3, platform.Asked);
        Assert.Equal("v1/feedback", platform.Paths[^1]);
        platform.Then = _ => Status(HttpStatusCode.InternalServerError);
        await Assert.ThrowsAsync<EcomRequestException>(() => client.GetAsync(_home with { Brands = ["Acme"] }));
    }

    [Fact]
    public async Task The_key_is_sent_and_never_logged()
    {
        using var platform = new Platform
        {
            Then = asked => asked > 1 ? Status(HttpStatusCode.BadGateway) : Answer("a"),
        };
        var log = new LogLines();
        await using var provider = Register(platform, log: log);
        await provider.GetRequiredService<RecommendationClient>().GetAsync(_home);
        await provider.GetRequiredService<RecommendationClient>().GetAsync(_home);

        Assert.Equal(Key, platform.LastKey);
        Assert.Contains(log.Lines, line => line.Contains("X-Api-Key", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains(Key, StringComparison.Ordinal));
        Assert.DoesNotContain(Key, provider.GetRequiredService<IOptions<EcomClientOptions>>().Value.ToString()!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_makes_no_sense_is_refused()
    {
        using var platform = new Platform();
        await using var provider = Register(platform, settings => settings.TotalTimeout = TimeSpan.FromMilliseconds(1));

        Assert.Throws<OptionsValidationException>(provider.GetRequiredService<RecommendationClient>);
    }

    private static ServiceProvider Register(
        Platform platform,
        Action<EcomClientOptions>? configure = null,
        TimeProvider? clock = null,
        LogLines? log = null)
    {
        var services = new ServiceCollection();
        if (clock is not null)
        {
            services.AddSingleton(clock);
        }

        if (log is not null)
        {
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        }

        services.AddEcomClient(settings =>
        {
            settings.RecommendationAddress = new Uri("http://127.0.0.1:9");
            settings.ApiKey = Key;

            // A busy machine must not decide these tests.
            settings.AttemptTimeout = TimeSpan.FromSeconds(20);
            settings.TotalTimeout = TimeSpan.FromSeconds(60);
            configure?.Invoke(settings);
        });
        foreach (var name in new[] { EcomClientExtensions.PageClient, EcomClientExtensions.PatientClient })
        {
            services.AddHttpClient(name).ConfigurePrimaryHttpMessageHandler(() => platform);
        }

        return services.BuildServiceProvider();
    }

    private static HttpResponseMessage Answer(params string[] products) => AnswerWith("\"model\":null", products);

    private static HttpResponseMessage AnswerWith(string more, params string[] products)
    {
        var items = products.Select((product, at) => $$$"""
            {"position":{{{at + 1}}},"productId":"{{{product}}}","name":null,"score":1,"source":"personal",
             "reason":{"code":"for_you","text":"Chosen for you"}}
            """);
        return Status(HttpStatusCode.OK, $$"""
            {"recommendationId":"r","placement":"home","items":[{{string.Join(',', items)}}],"degraded":false,{{more}}}
            """);
    }

    private static HttpResponseMessage Status(HttpStatusCode status, string? body = null, int retryAfter = 0)
    {
        var type = status == HttpStatusCode.OK ? "application/json" : "application/problem+json";
        var answer = new HttpResponseMessage(status)
        {
            Content = new StringContent(body ?? "{}", Encoding.UTF8, type),
        };
        if (retryAfter > 0)
        {
            answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(retryAfter));
        }

        return answer;
    }

    // Answers what the test says, by the number of the request; hangs where it says nothing.
    private sealed class Platform : HttpMessageHandler
    {
        public Func<int, HttpResponseMessage>? Then { get; set; }

        public List<string> Paths { get; } = [];

        public int Asked => Paths.Count;

        public string? LastKey { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Paths.Add(request.RequestUri!.PathAndQuery.TrimStart('/'));
            LastKey = request.Headers.GetValues("X-Api-Key").Single();
            if (Then is null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            return Then!(Asked);
        }
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                Lines.Add($"{formatter(state, exception)} {exception}");
            }
        }
    }
}
