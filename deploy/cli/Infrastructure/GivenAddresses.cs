namespace Ecom.Cli.Infrastructure;

/// <summary>Servers that run already, somewhere else; used instead of private instances.</summary>
internal sealed record GivenAddresses
{
    /// <summary>Npgsql connection string of a role that may create databases and roles.</summary>
    public string? Postgres { get; init; }

    /// <summary>StackExchange.Redis configuration; every service uses the same database.</summary>
    public string? Redis { get; init; }

    /// <summary><c>amqp://user:password@host:port/vhost</c>, with all permissions in that virtual host.</summary>
    public Uri? RabbitMq { get; init; }

    /// <summary>Names of the servers for which nothing is given.</summary>
    public IReadOnlyList<string> Absent =>
        new (string Name, object? Address)[]
        {
            (PostgresServer.Name, Postgres), (RedisServer.Name, Redis), (RabbitMqServer.Name, RabbitMq),
        }
        .Where(server => server.Address is null)
        .Select(server => server.Name)
        .ToArray();

    /// <summary>From <c>ECOM_POSTGRES</c>, <c>ECOM_REDIS</c> and <c>ECOM_RABBITMQ</c>.</summary>
    /// <exception cref="SetupException">A value has not the form that is asked for.</exception>
    public static GivenAddresses FromEnvironment(Func<string, string?> read)
    {
        var postgres = Value("ECOM_POSTGRES");
        var rabbitMq = Value("ECOM_RABBITMQ");
        if (postgres?.Contains("://", StringComparison.Ordinal) == true)
        {
            throw new SetupException(
                "ECOM_POSTGRES must have the form Host=…;Port=5432;Username=…;Password=…, of a role that may create "
                + "databases and roles.");
        }

        Uri? address = null;
        if (rabbitMq is not null
            && (!Uri.TryCreate(rabbitMq, UriKind.Absolute, out address) || address.Scheme is not ("amqp" or "amqps")))
        {
            throw new SetupException("ECOM_RABBITMQ must have the form amqp://user:password@host:5672/vhost.");
        }

        return new GivenAddresses { Postgres = postgres, Redis = Value("ECOM_REDIS"), RabbitMq = address };

        string? Value(string name) => read(name) is { Length: > 0 } value ? value : null;
    }
}
