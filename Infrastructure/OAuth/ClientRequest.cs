using System.Diagnostics;

namespace Signet.Infrastructure.OAuth;

/// <summary>A request of an app to one of the protocol's own endpoints: who asks, proven, and with what parameters.</summary>
internal sealed record ClientRequest(Client Client, Parameters Parameters)
{
    private static readonly OAuthRefusal Unreadable =
        new(OAuthError.InvalidRequest.Saying("Send the parameters as application/x-www-form-urlencoded, or as a JSON object of strings."));

    private static readonly OAuthRefusal Repeated = new(OAuthError.InvalidRequest.Saying("A parameter is repeated."));

    /// <summary>How each of those endpoints begins: the body is read, then the app shows who it is. No answer to it may be kept by anybody in between.</summary>
    public static async ValueTask<(ClientRequest? Request, OAuthRefusal? Refusal)> Read(HttpContext http, ClientAuthentication clients, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        if (await Parameters.FromBody(http.Request, ct) is not { } parameters)
            return (null, Unreadable);
        if (parameters.Repeated is not null)
            return (null, Repeated);
        return await clients.Identify(http.Request, parameters, ct) switch
        {
            ClientAuthentication.Result.Identified { Client: var client } => (new(client, parameters), null),
            ClientAuthentication.Result.Refused { Error: var error } => (null, new(error)),
            _ => throw new UnreachableException(),
        };
    }
}
