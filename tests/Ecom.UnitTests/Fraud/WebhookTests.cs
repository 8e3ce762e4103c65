using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ecom.Fraud;
using Ecom.Fraud.Webhooks;
using Ecom.ServiceDefaults.Privacy;
using Microsoft.Extensions.Options;

namespace Ecom.UnitTests.Fraud;

/// <summary>Signature, schedule, secrets, and where webhooks may lead.</summary>
public sealed class WebhookTests
{
    [Fact]
    public void A_signature_proves_time_and_body_with_each_live_secret()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
        var header = WebhookSignature.Of(["new", "old"], at, "{\"a\":1}");
        string[] proofs = [.. new[] { "new", "old" }.Select(secret => Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "1767225600.{\"a\":1}"u8)))];
        Assert.Equal($"t=1767225600,v1={proofs[0]},v1={proofs[1]}", header);
        Assert.NotEqual(header, WebhookSignature.Of(["new", "old"], at.AddSeconds(1), "{\"a\":1}"));
    }

    [Fact]
    public void Retries_grow_over_more_than_a_day_and_end()
    {
        var waits = Enumerable.Range(1, 20).Select(RetrySchedule.After).ToArray();
        var taken = waits.TakeWhile(wait => wait is not null).Select(wait => wait!.Value).ToArray();
        Assert.Equal(10, taken.Length);
        Assert.Equal(taken.Order(), taken);
        Assert.True(taken.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait) >= TimeSpan.FromHours(24));
        Assert.All(waits.Skip(taken.Length), Assert.Null);
    }

    [Theory]
    [InlineData("https://hooks.example.com/fraud?x=1", true)]
    [InlineData("https://8.8.8.8/x", true)]
    [InlineData("http://hooks.example.com/", false)]
    [InlineData("ftp://hooks.example.com/", false)]
    [InlineData("https://user:pass@hooks.example.com/", false)]
    [InlineData("https://hooks.example.com/#x", false)]
    [InlineData("https://localhost/", false)]
    [InlineData("http://127.0.0.1/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("https://10.1.2.3/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("/relative", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_https_to_the_public_is_taken(string? url, bool isTaken) =>
        Assert.Equal(isTaken, WebhookTarget.ProblemOf(url, new WebhookOptions()) is null);

    [Fact]
    public void Loopback_is_taken_when_configured_and_then_with_http_too()
    {
        var options = new WebhookOptions { AllowLoopback = true };
        Assert.Null(WebhookTarget.ProblemOf("http://127.0.0.1:5000/x", options));
        Assert.NotNull(WebhookTarget.ProblemOf("http://hooks.example.com/", options));
        Assert.NotNull(WebhookTarget.ProblemOf("https://10.1.2.3/", options));
    }

    [Theory]
    [InlineData("1.1.1.1", true, true)]
    [InlineData("2606:4700::1111", true, true)]
    [InlineData("192.168.1.1", false, true)]
    [InlineData("172.31.0.1", false, true)]
    [InlineData("fd00::1", false, true)]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("0.0.0.0", false, false)]
    [InlineData("100.64.0.1", false, false)]
    [InlineData("169.254.169.254", false, false)]
    [InlineData("::ffff:169.254.169.254", false, false)]
    [InlineData("64:ff9b::a00:1", false, false)]
    [InlineData("fe80::1", false, false)]
    [InlineData("224.0.0.1", false, false)]
    [InlineData("255.255.255.255", false, false)]
    public void What_a_name_leads_to_is_looked_at_too(string address, bool isPublic, bool isPrivateAtMost)
    {
        Assert.Equal(isPublic, WebhookTarget.IsAllowed(IPAddress.Parse(address), new WebhookOptions()));
        Assert.Equal(isPrivateAtMost, WebhookTarget.IsAllowed(
            IPAddress.Parse(address), new WebhookOptions { AllowPrivateNetworks = true }));
    }

    [Fact]
    public void Secrets_are_encrypted_and_a_change_is_noticed()
    {
        var secrets = new WebhookSecrets(Options.Create(new PrivacyOptions
        {
            HashKey = Convert.ToBase64String(new byte[32]),
        }));
        var secret = WebhookSecrets.Make();
        var stored = secrets.Encrypt(secret);
        Assert.Equal(secret, secrets.Decrypt(stored));
        Assert.NotEqual(stored, secrets.Encrypt(secret));
        Assert.DoesNotContain(secret, Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
        stored[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => secrets.Decrypt(stored));
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_is_a_failed_attempt_that_says_what_to_do()
    {
        var secrets = new WebhookSecrets(Options.Create(new PrivacyOptions
        {
            HashKey = Convert.ToBase64String(new byte[32]),
        }));
        using var sender = new WebhookSender(Options.Create(new FraudOptions()), secrets, TimeProvider.System);
        var attempt = await sender.SendAsync(
            new DueDelivery
            {
                DeliveryId = Guid.NewGuid(),
                Url = "https://hooks.example.com/",
                Secret = new byte[64],
                PreviousSecret = null,
                PreviousUntil = null,
                Attempts = 0,
                EventId = Guid.NewGuid(),
                Position = 1,
                Kind = "alert.raised",
                Version = 1,
                At = TimeProvider.System.GetUtcNow(),
                Body = "{}",
            },
            CancellationToken.None);

        Assert.False(attempt.IsDelivered);
        Assert.Contains("Rotate", attempt.Error, StringComparison.Ordinal);
    }
}
