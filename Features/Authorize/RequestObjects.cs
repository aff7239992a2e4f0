using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Features;

/// <summary>Authorization requests (RFC 9101) and authentication requests (OpenID Connect CIBA §7.1.1) as objects that the app signed: read here, and nowhere else.</summary>
internal sealed class RequestObjects(RemoteKeys keys, IOptions<SignetOptions> options)
{
    private const int Longest = 16 * 1024;
    private const int LongestJti = 512;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestForMessageSigning = TimeSpan.FromMinutes(60);
    private static readonly string[] Types = ["oauth-authz-req+jwt", "jwt"];
    private static readonly string[] NotParameters = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

    public abstract record Outcome
    {
        public sealed record Read(Parameters Parameters) : Outcome;
        public sealed record Refused(OAuthError Error) : Outcome;
    }

    /// <summary>The parameters of an object that this client signed; nothing beside it counts.</summary>
    /// <param name="asOf">When the request came: it need not last until the person has signed in.</param>
    public ValueTask<Outcome> Read(Client client, string? text, DateTimeOffset asOf, CancellationToken ct) => Read(
        client, text, asOf, Rules, client.Settings.RequestObjectSigningAlg is { } registered ? [registered] : client.Settings.IsFapi ? SigningAlgorithms.Fapi : SigningAlgorithms.All, ct);

    /// <summary>The same for an authentication request by the back channel, signed by the algorithm that the client registered for it, and good once.</summary>
    public async ValueTask<Outcome> ReadAuthenticationRequest(Client client, string? text, string algorithm, DateTimeOffset now, Once once, CancellationToken ct)
    {
        var outcome = await Read(client, text, now, [.. Rules, .. AuthenticationRules], [algorithm], ct);
        if (outcome is Outcome.Refused refused)
            return new Outcome.Refused(OAuthError.InvalidRequest.Saying(refused.Error.Description)); // CIBA §13 knows no other code
        var jws = Jws.Read(text, Longest)!;
        return await once.Take($"authentication request of {client.Id}", jws["jti"]!, jws.Time("exp")!.Value, ct)
            ? outcome
            : new Outcome.Refused(OAuthError.InvalidRequest.Saying("The request object was used before; make a new one, with a jti of its own, for each request."));
    }

    private async ValueTask<Outcome> Read(Client client, string? text, DateTimeOffset asOf, Rule<Subject>[] rules, string[] algorithms, CancellationToken ct)
    {
        if (Jws.Read(text, Longest) is not { } jws)
            return Refuse("It is not a signed JWT");
        // Asked first: who sends rubbish shall not make us fetch anything.
        if (jws.Algorithm is not { } algorithm || !algorithms.Contains(algorithm))
            return Refuse($"Its alg must be one of {string.Join(", ", algorithms)}");
        var candidates = await keys.For(jws, client.Settings.Jwks, client.Settings.JwksUri, ct);
        if (!candidates.Any(key => jws.IsSignedBy(key, algorithms)))
            return Refuse("It is not signed with a key that this client registered (jwks, jwks_uri)");
        try
        {
            return rules.FirstObjection(new Subject(jws, client, options.Value.Issuer, asOf)) is { } objection
                ? new Outcome.Refused(objection)
                : new Outcome.Read(Parameters.FromObject(jws.Payload).Without(NotParameters, "client_id", client.Id));
        }
        catch (InvalidOperationException) // text that is not Unicode
        {
            return Refuse("It has text that is not Unicode");
        }
    }

    private sealed record Subject(Jws Object, Client Client, string Issuer, DateTimeOffset AsOf)
    {
        public bool NeedsWindow => Client.Settings.Profile >= SecurityProfile.Fapi2MessageSigning;
    }

    /// <summary>What a signed object must say of itself, in order.</summary>
    private static readonly Rule<Subject>[] Rules =
    [
        new("it is typed as a request (RFC 9101 §10.8)", it => it.Object.Type is null || Types.Contains(it.Object.Type) ? null : Error("Its typ must be oauth-authz-req+jwt or JWT")),
        new("its issuer is the client (RFC 9101 §4)", it => it.Object["iss"] == it.Client.Id ? null : Error("Its iss must be the client_id")),
        new("it is no client assertion (RFC 9101 §10.8)", it => it.Object["sub"] == it.Client.Id ? Error("Its sub must not be the client_id") : null),
        new("it is for this server (RFC 9101 §4)", it => it.Object.Audiences.Contains(it.Issuer) ? null : Error("Its aud must have the issuer of this server")),
        new("it ends (RFC 9101 §10.2)", it => it.Object.Time("exp") > it.AsOf ? null : Error("Its exp must be a time that is to come")),
        new("it has begun (RFC 7519 §4.1.5)", it => it.Object.HasBegun(it.AsOf + Skew) ? null : Error("Its nbf must be a time that has come")),
        new("it was made (FAPI 2.0 Security Profile §5.3.2.1)", it => !it.Object.Payload.TryGetProperty("iat", out _) || it.Object.Time("iat") <= it.AsOf + Skew ? null : Error("Its iat must be a time that has come")),
        new("it is fresh (FAPI 2.0 Message Signing §5.3.1)", it => it.NeedsWindow
            && !(it.Object.Time("nbf") is { } begins && it.AsOf - begins <= LongestForMessageSigning && it.Object.Time("exp") - begins <= LongestForMessageSigning)
                ? Error("Its nbf must be there and at most 60 minutes past, and its exp at most 60 minutes later") : null),
        new("its client is the one outside (RFC 9101 §5)", it => !it.Object.Payload.TryGetProperty("client_id", out _) || it.Object["client_id"] == it.Client.Id ? null : Error("Its client_id must be the one outside")),
        new("no object within the object (RFC 9101 §4)", it => it.Object.Payload.TryGetProperty("request", out _) || it.Object.Payload.TryGetProperty("request_uri", out _)
            ? Error("It may have neither request nor request_uri") : null),
    ];

    /// <summary>What an authentication request must say besides (CIBA §7.1.1), within the hour of FAPI-CIBA §5.2.2.</summary>
    private static readonly Rule<Subject>[] AuthenticationRules =
    [
        new("it says when it was made (CIBA §7.1.1)", it => it.Object.Time("iat") <= it.AsOf + Skew ? null : Error("Its iat must be the time at which it was made")),
        new("it says from when it is good (CIBA §7.1.1)", it => it.Object.Time("nbf") is { } begins && it.AsOf - begins <= LongestForMessageSigning ? null : Error("Its nbf must be there and at most 60 minutes past")),
        new("it does not last for long (FAPI-CIBA §5.2.2)", it => it.Object.Time("exp") - it.Object.Time("nbf") <= LongestForMessageSigning ? null : Error("Its exp may be at most 60 minutes after its nbf")),
        new("it has a name of its own (CIBA §7.1.1)", it => it.Object["jti"] is { Length: <= LongestJti } ? null : Error($"Its jti must be a text of at most {LongestJti} characters that no other request has")),
    ];

    private static OAuthError Error(string what) => OAuthError.InvalidRequestObject.Saying($"The request object was refused. {what}.");

    private static Outcome.Refused Refuse(string what) => new(Error(what));
}
