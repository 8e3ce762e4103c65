using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli;

public sealed class GivenAddressesTests
{
    [Fact]
    public void Only_servers_without_an_address_are_started()
    {
        var given = Read(("ECOM_REDIS", "cache:6379"), ("ECOM_RABBITMQ", "amqp://shop:secret@broker:5672/ecom"));

        Assert.Equal([PostgresServer.Name], given.Absent);
    }

    [Fact]
    public void An_empty_variable_gives_nothing() => Assert.Equal(3, Read(("ECOM_POSTGRES", "")).Absent.Count);

    [Theory]
    [InlineData("ECOM_POSTGRES", "postgres://admin:secret@database:5432")]
    [InlineData("ECOM_RABBITMQ", "broker:5672")]
    [InlineData("ECOM_RABBITMQ", "http://broker:15672")]
    public void A_value_of_another_form_is_refused_with_the_form(string name, string value)
    {
        var failure = Assert.Throws<SetupException>(() => Read((name, value)));

        Assert.StartsWith($"{name} must have the form", failure.Message, StringComparison.Ordinal);
    }

    private static GivenAddresses Read(params (string Name, string Value)[] variables) =>
        GivenAddresses.FromEnvironment(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
