using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Ecom.Console.Sessions;

/// <summary>Ends the view of an open page within half a minute after its key was taken away.</summary>
internal sealed class SessionWatch(ILoggerFactory loggers, ApiKeys keys)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(Session.IsValid(keys, authenticationState.User));
}
