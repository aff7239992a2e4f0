using System.Security.Claims;

namespace Signet.Infrastructure.OAuth;

internal static class ClientPrincipal
{
    /// <summary>Lets the rest of the request know that this app asks, and no browser's session.</summary>
    public static void ActAs(this HttpContext http, Client client) =>
        http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(Claims.ClientId, client.Id)], "client"));
}
