namespace Signet.Infrastructure.OAuth;

/// <summary>
/// Who the calling app is (RFC 6749 §2.3), wherever that is asked: finds the one way in which a request says it, and leaves the
/// proof to the file of that way. An app uses the ways that it is registered for and no other.
/// </summary>
internal sealed class ClientAuthentication(
    ClientDirectory directory, ClientDocuments documents, ClientSecretProof secrets, ClientAssertion assertions, TlsClientAuth issued, SelfSignedTlsClientAuth selfSigned, FailedSecrets failures)
{
    public abstract record Result
    {
        public sealed record Identified(Client Client) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    public async ValueTask<Result> Identify(HttpRequest request, Parameters parameters, CancellationToken ct)
    {
        if (ClientClaim.Read(request, parameters, out var claim) is { } objection)
            return new Result.Refused(objection);
        if (claim.Id is not { Length: > 0 and <= ClientIds.Longest } && claim.Way is not ClientClaim.Ways.Assertion)
            return new Result.Refused(OAuthError.InvalidClient.Saying("Say who the client is: client_id with client_secret, in the Authorization header or in the body, or a client_assertion."));

        var id = claim.Id is { Length: <= ClientIds.Longest } ? claim.Id : "";
        var client = await directory.Find(id, ct);
        if (client is null or { Origin: ClientOrigin.Document })
        {
            switch (await documents.OfCaller(id, client, request.HttpContext.Connection.RemoteIpAddress, ct))
            {
                case ClientDocuments.Result.Found found:
                    client = found.Client;
                    break;
                case ClientDocuments.Result.Refused refused:
                    return new Result.Refused(refused.Error);
            }
        }

        var refusal = client is { DisabledAt: null } ? await Objection(client, claim, request.HttpContext, ct) : OAuthError.InvalidClient.Because("no such client, or a disabled one");
        if (refusal is null)
            return new Result.Identified(client!);
        var source = $"{id}|{Subscriber.Of(request.HttpContext.Connection.RemoteIpAddress)}";
        // Only wrong proofs are slowed down: nobody can lock a client out of its own door.
        if (failures.IsExhausted(source))
            return new Result.Refused(OAuthError.SlowDown);
        failures.Count(source);
        return new Result.Refused(refusal);
    }

    private async ValueTask<OAuthError?> Objection(Client client, ClientClaim claim, HttpContext http, CancellationToken ct) => claim.Way switch
    {
        ClientClaim.Ways.Basic => secrets.Objection(client, ClientAuthenticationMethods.Basic, claim.Secret),
        ClientClaim.Ways.Post => secrets.Objection(client, ClientAuthenticationMethods.Post, claim.Secret),
        ClientClaim.Ways.Assertion => await assertions.Objection(client, claim.Assertion, ct),
        // Without a word in the request it is the connection that proves something, or nothing has to be proved.
        _ when client.Registers(ClientAuthenticationMethods.None) => null,
        _ when client.Registers(ClientAuthenticationMethods.TlsClientAuth) => issued.Objection(client, ClientCertificate.Of(http)),
        _ when client.Registers(ClientAuthenticationMethods.SelfSignedTlsClientAuth) => await selfSigned.Objection(client, ClientCertificate.Of(http), ct),
        _ => OAuthError.InvalidClient.Because("nothing proves who it is"),
    };
}
