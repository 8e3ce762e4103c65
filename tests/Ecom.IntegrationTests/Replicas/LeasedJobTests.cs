using System.Collections.Concurrent;
using Ecom.Profiling;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Jobs;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Ecom.IntegrationTests.Replicas;

/// <summary>A leased job runs on one replica, and moves when that one stops.</summary>
public sealed class LeasedJobTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_job_runs_on_one_replica_and_moves_when_it_stops()
    {
        var log = new JobLog();
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("profiling")).ConnectionString,
            ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            ["Services:Training"] = "http://127.0.0.1:9",
        };
        var hosts = new List<ServiceHost> { await StartAsync(), await StartAsync() };
        await Eventually.BeTrueAsync(() => Task.FromResult(!log.Owners.IsEmpty));
        await Task.Delay(TimeSpan.FromSeconds(1));
        var owner = Assert.Single(log.Owners);

        var holder = hosts.Single(host => host.Services.GetRequiredService<ServiceIdentity>().Instance == owner);
        await holder.DisposeAsync();

        await Eventually.BeTrueAsync(() => Task.FromResult(log.Owners.Distinct().Count() == 2), seconds: 30);
        Assert.Equal(1, log.MostAtOnce);
        await hosts.Single(host => host != holder).DisposeAsync();

        Task<ServiceHost> StartAsync() => ServiceHost.StartAsync(
            builder =>
            {
                builder.AddProfiling();
                builder.Services.AddSingleton(log);
                builder.Services.AddHostedService<LongJob>();
            },
            app => app.MapProfiling(),
            configuration);
    }

    /// <summary>Who ran, and how many at once.</summary>
    private sealed class JobLog
    {
        private int _running;
        private int _most;

        public ConcurrentQueue<string> Owners { get; } = [];

        public int MostAtOnce => Volatile.Read(ref _most);

        public void Begin(string owner)
        {
            Owners.Enqueue(owner);
            var running = Interlocked.Increment(ref _running);
            Interlocked.Exchange(ref _most, Math.Max(running, _most));
        }

        public void End() => Interlocked.Decrement(ref _running);
    }

    /// <summary>Works until it is stopped.</summary>
    private sealed class LongJob(JobLog log, ServiceIdentity identity, Leases leases, ILogger<LongJob> logger)
        : LeasedJob("long", TimeSpan.FromMilliseconds(200), leases, logger)
    {
        protected override async Task RunAsync(CancellationToken cancellation)
        {
            log.Begin(identity.Instance);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                log.End();
            }
        }
    }
}
