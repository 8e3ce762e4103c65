using System.Net;
using System.Text.RegularExpressions;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Xunit;

namespace Ecom.IntegrationTests.Console;

public sealed partial class PagesTests(ConsoleFixture console) : IClassFixture<ConsoleFixture>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/traces")]
    [InlineData("/traces/0102030405060708090a0b0c0d0e0f10")]
    public async Task A_page_leads_to_the_login_without_a_session(string path)
    {
        using var browser = NewBrowser();
        using var keyed = NewBrowser();
        keyed.DefaultRequestHeaders.Add("X-Api-Key", ServiceHost.KeyOf(Scopes.Admin));

        foreach (var client in new[] { browser, keyed })
        {
            using var response = await client.GetAsync(path);

            Assert.Equal(HttpStatusCode.Found, response.StatusCode);
            Assert.StartsWith("/login", response.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_of_ops_opens_both_pages_until_sign_out()
    {
        using var browser = NewBrowser();
        using var login = await LoginAsync(browser, ServiceHost.KeyOf(Scopes.Ops));

        Assert.Equal("/", login.Headers.Location!.OriginalString);
        var cookie = Assert.Single(
            login.Headers.GetValues("Set-Cookie"), set => set.StartsWith("ecom-console=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.Contains("Services ready", await browser.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("Customer", await browser.GetStringAsync("/traces"), StringComparison.Ordinal);

        using var logout = await SubmitAsync(browser, "/traces", "/logout", []);
        using var after = await browser.GetAsync("/traces");
        Assert.Equal(HttpStatusCode.Found, after.StatusCode);
    }

    [Fact]
    public async Task A_key_of_scope_read_sees_the_live_page_and_no_traces()
    {
        using var browser = NewBrowser();
        using var login = await LoginAsync(browser, ServiceHost.KeyOf(Scopes.Read));

        Assert.DoesNotContain("href=\"/traces\"", await browser.GetStringAsync("/"), StringComparison.Ordinal);
        using var traces = await browser.GetAsync("/traces");
        Assert.StartsWith("/login", traces.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("")]
    [InlineData("test-ingest")]
    public async Task A_wrong_key_or_one_without_a_fitting_scope_is_refused(string key)
    {
        using var browser = NewBrowser();
        using var login = await LoginAsync(browser, key);

        Assert.Equal("/login?reason=refused", login.Headers.Location!.OriginalString);
        using var page = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_is_refused()
    {
        using var browser = NewBrowser();
        using var form = new FormUrlEncodedContent([new("key", ServiceHost.KeyOf(Scopes.Ops))]);
        using var response = await browser.PostAsync("/login", form);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Who_guesses_keys_has_to_wait()
    {
        await using var strict = await console.StartAsync(
            new Dictionary<string, string?> { ["Console:LoginsPerMinute"] = "2" });
        using var browser = NewBrowser(strict.Address);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var refused = await LoginAsync(browser, "guess");
        }

        using var login = await LoginAsync(browser, ServiceHost.KeyOf(Scopes.Ops));

        Assert.Equal("/login?reason=wait", login.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("/traces?orderId=o-1", "/traces?orderId=o-1")]
    [InlineData("https://example.org/", "/")]
    [InlineData("//example.org/", "/")]
    [InlineData("/\\example.org/", "/")]
    public async Task After_the_login_the_page_asked_for_opens_if_it_is_ours(string returnUrl, string expected)
    {
        using var browser = NewBrowser();
        using var login = await SubmitAsync(
            browser, "/login", "/login", [new("key", ServiceHost.KeyOf(Scopes.Ops)), new("returnUrl", returnUrl)]);

        Assert.Equal(expected, login.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_session_does_not_open_the_api()
    {
        using var browser = NewBrowser();
        using var login = await LoginAsync(browser, ServiceHost.KeyOf(Scopes.Ops));
        using var response = await browser.GetAsync("/v1/traces");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Pages_load_from_the_console_only_and_are_framed_by_nobody()
    {
        using var browser = NewBrowser();
        using var response = await browser.GetAsync("/login");

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.DoesNotContain("://", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chosen_colours_are_remembered()
    {
        using var browser = NewBrowser();
        using var chosen = await SubmitAsync(browser, "/login", "/theme", [new("theme", "dark")]);

        Assert.Contains("data-theme=\"dark\"", await browser.GetStringAsync("/login"), StringComparison.Ordinal);
    }

    private HttpClient NewBrowser(Uri? address = null) => new(
        new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
    {
        BaseAddress = address ?? console.Host.Address,
    };

    private static Task<HttpResponseMessage> LoginAsync(HttpClient browser, string key) =>
        SubmitAsync(browser, "/login", "/login", [new("key", key)]);

    private static async Task<HttpResponseMessage> SubmitAsync(
        HttpClient browser, string page, string action, IEnumerable<KeyValuePair<string, string>> fields)
    {
        var token = Token().Match(await browser.GetStringAsync(page)).Groups[1].Value;
        using var form = new FormUrlEncodedContent([.. fields, new("__RequestVerificationToken", token)]);
        return await browser.PostAsync(action, form);
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();
}
