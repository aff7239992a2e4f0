using System.Text.Json;

namespace Signet.Infrastructure.Tokens;

/// <summary>Answers of endpoints as JWTs, for the clients that want them signed or encrypted.</summary>
internal sealed partial class TokenWriter
{
    public const string IntrospectionType = "token-introspection+jwt";

    /// <summary>
    /// Claims about a person for one client: signed, encrypted, or both, as it registered (OpenID Connect Core §5.3.2); null where it
    /// wants them plain. A signed answer never expires, so nothing takes it for an ID token.
    /// </summary>
    public async ValueTask<string?> UserInfo(Client client, IReadOnlyDictionary<string, object> claims, CancellationToken ct)
    {
        if (client.Settings.UserinfoSignedResponseAlg is not { } algorithm)
        {
            return client.Settings.UserinfoEncryptedResponseAlg is null
                ? null
                : await encrypted.Seal(client, EncryptedResponses.UserInfo, JsonSerializer.Serialize(claims), isJwt: false, ct);
        }

        var key = await keys.Signer(algorithm, ct);
        var signed = Sign(key, IdTokenType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("aud", client.Id);
            foreach (var (name, value) in claims)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value, JsonSerializerOptions.Default);
            }
        });
        return await encrypted.Seal(client, EncryptedResponses.UserInfo, signed, isJwt: true, ct);
    }

    /// <summary>What introspection found, signed for who asked (RFC 9701 §5).</summary>
    public async ValueTask<string> Introspection(Client asker, DateTimeOffset now, JsonElement answer, CancellationToken ct)
    {
        var key = await keys.Signer(SignedResponses.OfIntrospection(asker.Settings), ct);
        var signed = Sign(key, IntrospectionType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("aud", asker.Id);
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WritePropertyName("token_introspection");
            answer.WriteTo(json);
        });
        return await encrypted.Seal(asker, EncryptedResponses.Introspection, signed, isJwt: true, ct);
    }

    /// <summary>The answer to an authorization request as a JWT (JARM §2.1): its parameters beside who made it, for whom, and until when.</summary>
    public async ValueTask<string> AuthorizationResponse(
        string algorithm, Client client, DateTimeOffset expiresAt, IEnumerable<(string Name, string Value)> answer, CancellationToken ct)
    {
        var key = await keys.Signer(algorithm, ct);
        var signed = Sign(key, IdTokenType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("aud", client.Id);
            json.WriteNumber("exp", expiresAt.ToUnixTimeSeconds());
            foreach (var (name, value) in answer.Where(parameter => parameter.Name != "iss"))
                json.WriteString(name, value);
        });
        return await encrypted.Seal(client, EncryptedResponses.Authorization, signed, isJwt: true, ct);
    }
}
