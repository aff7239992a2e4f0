using System.Text.Json;

namespace Signet.Infrastructure.Tokens;

/// <summary>Answers of endpoints as JWTs, for the clients that want them signed.</summary>
internal sealed partial class TokenWriter
{
    public const string IntrospectionType = "token-introspection+jwt";

    /// <summary>Claims about a person, signed for one client (OpenID Connect Core §5.3.2). It never expires, so nothing takes it for an ID token.</summary>
    public async ValueTask<string> UserInfo(Client client, string algorithm, IReadOnlyDictionary<string, object> claims, CancellationToken ct)
    {
        var key = await keys.Signer(algorithm, ct);
        return Sign(key, IdTokenType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("aud", client.Id);
            foreach (var (name, value) in claims)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value, JsonSerializerOptions.Default);
            }
        });
    }

    /// <summary>What introspection found, signed for who asked (RFC 9701 §5).</summary>
    public async ValueTask<string> Introspection(Client asker, DateTimeOffset now, JsonElement answer, CancellationToken ct)
    {
        var key = await keys.Signer(SignedResponses.OfIntrospection(asker.Settings), ct);
        return Sign(key, IntrospectionType, json =>
        {
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("aud", asker.Id);
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WritePropertyName("token_introspection");
            answer.WriteTo(json);
        });
    }
}
