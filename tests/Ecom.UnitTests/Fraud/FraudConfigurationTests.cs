using Ecom.Fraud;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ecom.UnitTests.Fraud;

public sealed class FraudConfigurationTests
{
    [Fact]
    public void A_rule_takes_what_is_configured()
    {
        var options = Read("Fraud:Rules:device_ring:When", "device_customers_7d_with_this >= 4");

        Assert.Equal("device_customers_7d_with_this >= 4", options.Rules["device_ring"].When);
    }

    [Theory]
    [InlineData("Fraud:Rules:device_ring:Threshold", "Threshold")]
    [InlineData("Fraud:ReveiwAt", "ReveiwAt")]
    public void A_setting_that_nobody_reads_is_refused_by_its_name(string key, string named)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Read(key, "0.4"));

        Assert.Contains($"'{named}'", refused.ToString(), StringComparison.Ordinal);
    }

    private static FraudOptions Read(string key, string value)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [key] = value,
            ["ConnectionStrings:Postgres"] = "Host=127.0.0.1;Database=none",
            ["ConnectionStrings:Redis"] = "127.0.0.1:1",
            ["ConnectionStrings:RabbitMq"] = "amqp://nobody:none@127.0.0.1:1/",
        });
        builder.AddFraud();
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<IOptions<FraudOptions>>().Value;
    }
}
