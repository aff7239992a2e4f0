using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// A client signs a JWT that says who it is (RFC 7521 §4.2, RFC 7523 §3, OpenID Connect Core §9). Everything about the JWT but
/// its signature, which <see cref="PrivateKeyJwt"/> and <see cref="ClientSecretJwt"/> know.
/// </summary>
internal sealed class ClientAssertion(PrivateKeyJwt byKey, ClientSecretJwt bySecret, IServiceScopeFactory scopes, IOptions<SignetOptions> options, TimeProvider time)
{
    public const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    public const int Longest = 8 * 1024;
    private const int LongestJti = 512;

    /// <summary>How far ahead <c>exp</c> may be: for so long a <c>jti</c> is remembered.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    /// <summary>By how much the clocks of client and server may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private sealed record Presented(Jws Jws, Client Client, string Issuer, string[] TokenEndpoints, DateTimeOffset Now);

    private static readonly Rule<Presented>[] Rules =
    [
        // RFC 8725 §3.11: a DPoP proof, a request object, a token or a logout token is no assertion, whoever signed it.
        new("typ is that of a client assertion", it => !it.Jws.Header.TryGetProperty("typ", out _) || it.Jws.Type is "jwt" or "client-authentication+jwt"
            ? null : Say("typ must be JWT or client-authentication+jwt, or be left out.")),
        new("iss and sub are the client", it => it.Jws["iss"] == it.Client.Id && it.Jws["sub"] == it.Client.Id
            ? null : Say("iss and sub must both be the client_id.")),
        new("aud is this server and nobody else", it => IsForUs(it)
            ? null : Say($"aud must be {it.Issuer} and nothing else.")),
        new("exp is soon", it => it.Jws.Time("exp") is { } exp && exp > it.Now && exp <= it.Now + LongestLife + Skew
            ? null : Say($"exp must be in the future, and at most {LongestLife.TotalMinutes:0} minutes ahead.")),
        new("nbf has come", it => it.Jws.HasBegun(it.Now + Skew)
            ? null : Say("nbf is in the future.")),
        new("iat has come", it => !it.Jws.Payload.TryGetProperty("iat", out _) || it.Jws.Time("iat") <= it.Now + Skew
            ? null : Say("iat is in the future.")),
        new("jti is there", it => it.Jws["jti"] is { Length: <= LongestJti }
            ? null : Say($"jti must be a text of at most {LongestJti} characters that no other assertion has.")),
    ];

    /// <summary>Null for an assertion that proves who the client is, and has not done so before on any node.</summary>
    public async ValueTask<OAuthError?> Objection(Client client, Jws? jws, CancellationToken ct)
    {
        if (jws is null)
            return Say("it is not a signed JWT (RFC 7515, compact form).");
        var issuer = options.Value.Issuer;
        if (Rules.FirstObjection(new(jws, client, issuer, options.Value.Urls("/oauth/token"), time.GetUtcNow())) is { } objection)
            return objection;
        if (!await IsSigned(client, jws, ct))
            return OAuthError.InvalidClient.Because("the assertion's signature, algorithm or way of signing is not the client's");
        // The last question: whoever cannot sign cannot use up a jti of somebody who can.
        using var scope = scopes.CreateScope();
        return await scope.ServiceProvider.GetRequiredService<Once>().Take($"client assertion of {client.Id}", jws["jti"]!, jws.Time("exp")!.Value, ct)
            ? null
            : Say("it was used before. Make a new one, with a jti of its own, for each request.");
    }

    private async ValueTask<bool> IsSigned(Client client, Jws jws, CancellationToken ct) =>
        client.Registers(ClientAuthenticationMethods.PrivateKeyJwt) ? await byKey.IsSigned(client, jws, ct)
        : client.Registers(ClientAuthenticationMethods.ClientSecretJwt) && bySecret.IsSigned(client, jws);

    // One audience and no more: an assertion that others accept too could be carried on from them to us. FAPI 2.0 §5.3.2.1 has
    // the issuer as a text alone; OpenID Connect Core §9 suggests the token endpoint.
    private static bool IsForUs(Presented it) => it.Client.Settings.Profile == SecurityProfile.OAuth21
        ? it.Jws.Audiences is [var audience] && (audience == it.Issuer || it.TokenEndpoints.Contains(audience))
        : it.Jws["aud"] == it.Issuer;

    private static OAuthError Say(string what) => OAuthError.InvalidClient.Saying($"The client assertion is refused: {what}");
}
