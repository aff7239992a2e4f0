using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signet.Features;

internal static partial class IntrospectToken
{
    /// <summary>The members of RFC 7662 §2.2, and those of RFC 9068 §2.2.1 about the sign-in. What is null is left out.</summary>
    public sealed record Answer
    {
        [JsonPropertyName("active")] public bool IsActive { get; } = true;
        [JsonPropertyName("scope")] public required string Scope { get; init; }
        [JsonPropertyName("client_id")] public string? ClientId { get; init; }

        /// <summary>The e-mail address, where the person let the app have it: with the scope <c>email</c> (RFC 7662 §5).</summary>
        [JsonPropertyName("username")] public string? Username { get; init; }

        /// <summary>Absent for a refresh token: it is no type of access token (RFC 6749 §7.1).</summary>
        [JsonPropertyName("token_type")] public string? TokenType { get; init; }
        [JsonPropertyName("exp")] public required long ExpiresAt { get; init; }
        [JsonPropertyName("iat")] public required long IssuedAt { get; init; }
        [JsonPropertyName("sub")] public required string Subject { get; init; }
        [JsonPropertyName("aud"), JsonConverter(typeof(OneOrMany))] public required string[] Audiences { get; init; }
        [JsonPropertyName("iss")] public required string Issuer { get; init; }
        [JsonPropertyName("jti")] public string? Id { get; init; }
        [JsonPropertyName("cnf")] public Dictionary<string, string>? Confirmation { get; init; }
        [JsonPropertyName("authorization_details")] public JsonElement? Details { get; init; }
        [JsonPropertyName("act")] public JsonElement? Actor { get; init; }
        [JsonPropertyName("sid")] public Guid? SessionId { get; init; }
        [JsonPropertyName("auth_time")] public long? AuthenticatedAt { get; init; }
        [JsonPropertyName("acr")] public string? Assurance { get; init; }
        [JsonPropertyName("amr")] public string[]? Methods { get; init; }
    }

    public sealed record NoAnswer
    {
        [JsonPropertyName("active")] public bool IsActive { get; }
    }

    /// <summary>One audience is a string, as in the token itself (RFC 7519 §4.1.3).</summary>
    public sealed class OneOrMany : JsonConverter<string[]>
    {
        public override string[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, string[] value, JsonSerializerOptions options)
        {
            if (value is [var only])
            {
                writer.WriteStringValue(only);
                return;
            }

            writer.WriteStartArray();
            foreach (var text in value)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IntrospectToken.Answer))]
[JsonSerializable(typeof(IntrospectToken.NoAnswer))]
internal sealed partial class IntrospectTokenJson : JsonSerializerContext;
