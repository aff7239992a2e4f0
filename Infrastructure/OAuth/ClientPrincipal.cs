using System.Security.Claims;

namespace Signet.Infrastructure.OAuth;

internal static class ClientPrincipal
{
    /// <summary>Lets the rest of the request know that this app asks, and no browser's session.</summary>
    public static void ActAs(this HttpContext http, Client client) =>
        http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(Claims.ClientId, client.Id)], "client"));

    /// <summary>The same for a program that somebody has let in, with no more right than that; null for one that nobody in particular has.</summary>
    public static void ActFor(this HttpContext http, Guid? userId) =>
        http.User = new ClaimsPrincipal(new ClaimsIdentity(userId is { } id ? [new Claim(Claims.Subject, id.ToString())] : [], "registration"));
}
