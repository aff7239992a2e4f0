using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Tokens;

/// <summary>What an access token says. <paramref name="User"/> is null for client credentials.</summary>
internal sealed record AccessTokenContent(
    string ClientId, string[] Scopes, string[] Audiences, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, long Epoch, TokenUser? User)
{
    public Confirmation? Confirmation { get; init; }

    /// <summary>The <c>authorization_details</c> (RFC 9396 §9.1), as JSON.</summary>
    public string? Details { get; init; }

    /// <summary>Who acts for the subject (<c>act</c>, RFC 8693 §4.1), as JSON.</summary>
    public string? Actor { get; init; }

    /// <summary>The app that the token speaks for, where that is not the one that holds it; null where a person is behind it.</summary>
    public string? SubjectClient { get; init; }

    /// <summary>The <c>jti</c> of every token that it goes back to (RFC 8693): it ends with each.</summary>
    public string[] ExchangedFrom { get; init; } = [];
}

/// <summary>What an ID token says (OpenID Connect Core §2).</summary>
internal sealed record IdTokenContent(Client Client, TokenUser User, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    public string? Nonce { get; init; }

    /// <summary>The access token beside it, for <c>at_hash</c> (§3.1.3.6).</summary>
    public string? AccessToken { get; init; }

    /// <summary>The code beside it, for <c>c_hash</c> (§3.3.2.11).</summary>
    public string? Code { get; init; }

    /// <summary>What the app asked for by the parameter <c>claims</c>, and what the person has of it (§5.5).</summary>
    public RequestedClaims Requested { get; init; } = RequestedClaims.None;
    public Dictionary<string, object> PersonClaims { get; init; } = [];
}

/// <summary>The person and the authorization behind a token. <paramref name="Subject"/> is what this client knows the person as (<c>sub</c>).</summary>
/// <param name="SessionId">Null where no session led to it.</param>
/// <param name="AuthenticatedAt">Null where the person did not prove themselves here.</param>
internal sealed record TokenUser(Guid UserId, string Subject, Guid GrantId, Guid? SessionId, DateTimeOffset? AuthenticatedAt, string[] Methods)
{
    public static TokenUser Of(Grant grant, string subject) =>
        new(grant.UserId, subject, grant.Id, grant.SessionOrNull, grant.WasAuthenticated ? grant.AuthenticatedAt : null, grant.Methods);
}

/// <summary>Makes tokens: JWT access tokens (RFC 9068), opaque ones, and ID tokens (OpenID Connect Core §2).</summary>
internal sealed partial class TokenWriter(KeyRing keys, EncryptedResponses encrypted, IOptions<SignetOptions> options)
{
    public const string AccessTokenType = "at+jwt";
    public const string IdTokenType = "JWT";
    public const string LogoutTokenType = "logout+jwt";
    private static readonly TimeSpan LifeOfLogoutTokens = TimeSpan.FromMinutes(2);

    /// <summary>A self-contained token; nothing is stored.</summary>
    public async ValueTask<string> Jwt(AccessTokenContent content, CancellationToken ct)
    {
        var key = await keys.Signer(KeyRing.AccessTokenAlgorithm, ct);
        return Sign(key, AccessTokenType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("sub", content.User?.Subject ?? content.SubjectClient ?? content.ClientId);
            WriteAudience(json, content.Audiences);
            json.WriteNumber("exp", content.ExpiresAt.ToUnixTimeSeconds());
            json.WriteNumber("iat", content.IssuedAt.ToUnixTimeSeconds());
            json.WriteString("jti", OpaqueValue.Random(22));
            json.WriteString("client_id", content.ClientId);
            if (content.Scopes is not [])
                json.WriteString("scope", string.Join(' ', content.Scopes));
            if (content.User is { } user)
            {
                if (user.SessionId is { } session)
                    json.WriteString("sid", session);
                json.WriteString("grant_id", user.GrantId);
                WriteAuthentication(json, user.AuthenticatedAt, user.Methods, Assurance.Of(user.Methods));
            }

            if (content.Confirmation is { } confirmation)
            {
                json.WriteStartObject("cnf");
                json.WriteString(confirmation.Method, confirmation.Thumbprint);
                json.WriteEndObject();
            }

            WriteJson(json, "authorization_details", content.Details);
            WriteJson(json, "act", content.Actor);
            if (content.ExchangedFrom is not [])
                WriteTexts(json, "exchanged_from", content.ExchangedFrom);
            json.WriteNumber("epoch", content.Epoch);
        });
    }

    /// <summary>An opaque token and the row that finds it again.</summary>
    public static (Secret Secret, Token Row) Opaque(AccessTokenContent content)
    {
        var secret = OpaqueValue.New(OpaqueValue.AccessToken);
        return (secret, new Token
        {
            Id = Guid.CreateVersion7(content.IssuedAt),
            Hash = secret.Hash(),
            Kind = TokenKind.Access,
            ClientId = content.ClientId,
            UserId = content.User?.UserId,
            Subject = content.User?.Subject ?? content.SubjectClient,
            GrantId = content.User?.GrantId,
            Scopes = content.Scopes,
            Audiences = content.Audiences,
            Confirmation = content.Confirmation?.ToString(),
            Details = content.Details,
            Actor = content.Actor,
            ExchangedFrom = content.ExchangedFrom is [] ? null : content.ExchangedFrom,
            Epoch = content.Epoch,
            CreatedAt = content.IssuedAt,
            ExpiresAt = content.ExpiresAt,
        });
    }

    public async ValueTask<string> IdToken(IdTokenContent content, CancellationToken ct)
    {
        var key = await keys.Signer(SignedResponses.OfIdTokens(content.Client.Settings), ct);
        var signed = Sign(key, IdTokenType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("sub", content.User.Subject);
            json.WriteString("aud", content.Client.Id);
            json.WriteNumber("exp", content.ExpiresAt.ToUnixTimeSeconds());
            json.WriteNumber("iat", content.IssuedAt.ToUnixTimeSeconds());
            if (content.User.SessionId is { } session)
                json.WriteString("sid", session);
            if (content.Nonce is { } nonce)
                json.WriteString("nonce", nonce);
            if (content.AccessToken is { } accessToken)
                json.WriteString("at_hash", LeftHalf(accessToken, key.Algorithm));
            if (content.Code is { } code)
                json.WriteString("c_hash", LeftHalf(code, key.Algorithm));
            WriteAuthentication(json, content.User.AuthenticatedAt, content.User.Methods, content.Requested.AcrOf(content.User.Methods));
            foreach (var (name, value) in content.PersonClaims)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value, JsonSerializerOptions.Default);
            }
        });
        return await encrypted.Seal(content.Client, EncryptedResponses.IdToken, signed, isJwt: true, ct);
    }

    /// <summary>That a session of this person has ended, in the words and by the algorithms of the app's ID tokens, encrypted where they are (OpenID Connect Back-Channel Logout §2.4).</summary>
    public async ValueTask<string> LogoutToken(Client client, string subject, Guid sessionId, DateTimeOffset now, CancellationToken ct)
    {
        var key = await keys.Signer(SignedResponses.OfIdTokens(client.Settings), ct);
        var signed = Sign(key, LogoutTokenType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("sub", subject);
            json.WriteString("aud", client.Id);
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteNumber("exp", (now + LifeOfLogoutTokens).ToUnixTimeSeconds());
            json.WriteString("jti", OpaqueValue.Random(22));
            json.WriteString("sid", sessionId);
            json.WriteStartObject("events");
            json.WriteStartObject("http://schemas.openid.net/event/backchannel-logout");
            json.WriteEndObject();
            json.WriteEndObject();
        });
        return await encrypted.Seal(client, EncryptedResponses.IdToken, signed, isJwt: true, ct);
    }

    // The hash is the one of the ID token's own algorithm (§3.1.3.6); Ed25519 has SHA-512 inside.
    private static string LeftHalf(string text, string algorithm)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        var hash = algorithm == SigningAlgorithms.EdDsa ? SHA512.HashData(bytes) : SHA256.HashData(bytes);
        return Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2));
    }

    private static void WriteJson(Utf8JsonWriter json, string claim, string? value)
    {
        if (value is null)
            return;
        json.WritePropertyName(claim);
        json.WriteRawValue(value);
    }

    private static void WriteAuthentication(Utf8JsonWriter json, DateTimeOffset? at, string[] methods, string acr)
    {
        if (at is not { } time)
            return;
        json.WriteNumber("auth_time", time.ToUnixTimeSeconds());
        json.WriteString("acr", acr);
        WriteTexts(json, "amr", methods);
    }

    private static void WriteTexts(Utf8JsonWriter json, string claim, string[] texts)
    {
        json.WriteStartArray(claim);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteAudience(Utf8JsonWriter json, string[] audiences)
    {
        if (audiences is [var only])
        {
            json.WriteString("aud", only);
            return;
        }

        WriteTexts(json, "aud", audiences);
    }

    private static string Sign(KeyMaterial key, string type, Action<Utf8JsonWriter> write)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        var signed = $"{key.Header(type)}.{Base64Url.EncodeToString(payload.WrittenSpan)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}

/// <summary>How sure a sign-in makes us of the person (<c>acr</c>): one factor, or two.</summary>
internal static class Assurance
{
    public const string OneFactor = "aal1";
    public const string TwoFactors = "aal2";
    public static readonly string[] All = [OneFactor, TwoFactors];

    /// <summary>The first of these values that holds for a person who proved themselves by these methods; two factors are one factor too.</summary>
    public static string? Among(string[] values, string[] methods) => values.Contains(Of(methods)) ? Of(methods) : values.Contains(OneFactor) ? OneFactor : null;

    public static string Of(string[] methods) => methods.Contains(AuthenticationMethods.Multiple) ? TwoFactors : OneFactor;
}

/// <summary>Values of <c>amr</c> (RFC 8176 §2); <c>fed</c> (an external provider) and <c>rcv</c> (a recovery code) are ours.</summary>
internal static class AuthenticationMethods
{
    public const string Password = "pwd";
    public const string OneTimePassword = "otp";
    public const string RecoveryCode = "rcv";
    public const string Federated = "fed";
    public const string Multiple = "mfa";
}
