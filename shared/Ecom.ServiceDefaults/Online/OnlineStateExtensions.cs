using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ecom.ServiceDefaults.Online;

/// <summary>State in Redis that cannot be lost, because it is made again.</summary>
public static class OnlineStateExtensions
{
    /// <summary>
    /// Adds the generations of a service's online state and the watch that notices when Redis lost them. Needs
    /// AddPostgres, AddRedis and a table <c>generations</c>; call it before AddMessaging: the first message must find
    /// the generations known. The service adds its own <see cref="RebuildJob"/>.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="definitions">Version of the definitions of the state.</param>
    public static WebApplicationBuilder AddOnlineState(this WebApplicationBuilder builder, string definitions)
    {
        builder.Services.AddSingleton<Generations>();
        builder.Services.AddHostedService(
            services => ActivatorUtilities.CreateInstance<GenerationWatch>(services, definitions));
        return builder;
    }
}
