using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Signet.Infrastructure.Data;

/// <summary>What an app holds itself to; each demands all of the one before.</summary>
internal enum SecurityProfile
{
    /// <summary>OAuth 2.1.</summary>
    [JsonStringEnumMemberName("oauth_2_1")] OAuth21,

    /// <summary>FAPI 2.0 Security Profile.</summary>
    [JsonStringEnumMemberName("fapi_2_0_security")] Fapi2Security,

    /// <summary>FAPI 2.0 Message Signing.</summary>
    [JsonStringEnumMemberName("fapi_2_0_message_signing")] Fapi2MessageSigning,
}

/// <summary>
/// The members of a client's metadata that only the feature of their name reads, by their names in RFC 7591 and its successors.
/// They are kept as one JSON document; what is null or false is left out of it.
/// </summary>
internal sealed record ClientSettings
{
    [JsonPropertyName("security_profile")] public SecurityProfile Profile { get; init; }

    // How the client proves itself and holds its tokens (RFC 7591 §2, RFC 7523, RFC 8705 §2, RFC 9449 §5.2)
    public JsonElement? Jwks { get; init; }
    public string? JwksUri { get; init; }
    public string? TokenEndpointAuthSigningAlg { get; init; }
    public string? TlsClientAuthSubjectDn { get; init; }
    public string? TlsClientAuthSanDns { get; init; }
    public string? TlsClientAuthSanUri { get; init; }
    public string? TlsClientAuthSanIp { get; init; }
    public string? TlsClientAuthSanEmail { get; init; }
    public bool TlsClientCertificateBoundAccessTokens { get; init; }
    public bool DpopBoundAccessTokens { get; init; }

    // Authorization requests and their answers (RFC 9126 §6, RFC 9101 §10.5, RFC 9396 §10, JARM §3)
    public string[]? ResponseTypes { get; init; }
    public string[]? ResponseModes { get; init; }
    public bool RequirePushedAuthorizationRequests { get; init; }

    /// <summary>Ours: a confidential app that cannot do PKCE asks without it. A challenge that is sent binds all the same (RFC 9700 §2.1.1).</summary>
    public bool PkceOptional { get; init; }
    public bool RequireSignedRequestObject { get; init; }
    public string? RequestObjectSigningAlg { get; init; }
    public string[]? RequestUris { get; init; }
    public string[]? AuthorizationDetailsTypes { get; init; }
    public string? AuthorizationSignedResponseAlg { get; init; }
    public string? AuthorizationEncryptedResponseAlg { get; init; }
    public string? AuthorizationEncryptedResponseEnc { get; init; }

    // What it learns of people (OpenID Connect Registration §2)
    public string? SubjectType { get; init; }
    public string? SectorIdentifierUri { get; init; }
    public string? IdTokenSignedResponseAlg { get; init; }
    public string? IdTokenEncryptedResponseAlg { get; init; }
    public string? IdTokenEncryptedResponseEnc { get; init; }
    public string? UserinfoSignedResponseAlg { get; init; }
    public string? UserinfoEncryptedResponseAlg { get; init; }
    public string? UserinfoEncryptedResponseEnc { get; init; }
    public string? IntrospectionSignedResponseAlg { get; init; }
    public string? IntrospectionEncryptedResponseAlg { get; init; }
    public string? IntrospectionEncryptedResponseEnc { get; init; }
    public long? DefaultMaxAge { get; init; }
    public bool RequireAuthTime { get; init; }
    public string[]? DefaultAcrValues { get; init; }

    // What people learn of it
    public string? InitiateLoginUri { get; init; }
    public string? LogoUri { get; init; }
    public string? PolicyUri { get; init; }
    public string? TosUri { get; init; }
    public string[]? Contacts { get; init; }
    public string? SoftwareId { get; init; }
    public string? SoftwareVersion { get; init; }

    // Signing out (OpenID Connect Back-Channel Logout §2.2, Front-Channel Logout §2)
    public string? BackchannelLogoutUri { get; init; }
    public bool BackchannelLogoutSessionRequired { get; init; }
    public string? FrontchannelLogoutUri { get; init; }
    public bool FrontchannelLogoutSessionRequired { get; init; }

    // CIBA §4
    public string? BackchannelTokenDeliveryMode { get; init; }
    public string? BackchannelClientNotificationEndpoint { get; init; }
    public string? BackchannelAuthenticationRequestSigningAlg { get; init; }

    /// <summary>Whose assertions the app may turn into tokens (RFC 7523 §2.1).</summary>
    public TrustedIssuer[]? TrustedIssuers { get; init; }

    /// <summary>Whose tokens the app may exchange, and for which APIs (RFC 8693 §2.1); none without it.</summary>
    public ExchangeRule[]? TokenExchange { get; init; }

    /// <summary>The names of all members, as on the wire; what only follows from them is none.</summary>
    public static readonly IReadOnlySet<string> Members = ClientSettingsJson.Default.ClientSettings.Properties.Where(property => property.Set is not null).Select(property => property.Name).ToHashSet(StringComparer.Ordinal);

    public bool IsPairwise => SubjectType == "pairwise";
    public bool IsFapi => Profile >= SecurityProfile.Fapi2Security;

    /// <summary>Every authorization request comes through the pushed authorization request endpoint (RFC 9126 §6, FAPI 2.0 Security Profile §5.3.2.2).</summary>
    public bool MustPush => RequirePushedAuthorizationRequests || IsFapi;

    /// <summary>Every authorization request is a signed object (RFC 9101 §10.5, FAPI 2.0 Message Signing §5.3.1).</summary>
    public bool MustSignRequests => RequireSignedRequestObject || Profile >= SecurityProfile.Fapi2MessageSigning;

    /// <summary>Every answer to an authorization request and to introspection is signed (FAPI 2.0 Message Signing §5.4, §5.5).</summary>
    public bool MustSignAnswers => Profile >= SecurityProfile.Fapi2MessageSigning;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static ClientSettings Parse(string json) => JsonSerializer.Deserialize(json, ClientSettingsJson.Default.ClientSettings) ?? new();

    /// <summary>The settings with these members changed and null ones taken away (RFC 7396).</summary>
    /// <exception cref="JsonException">A member is unknown or of the wrong type.</exception>
    public ClientSettings With(IEnumerable<KeyValuePair<string, JsonElement>> changes)
    {
        var document = JsonNode.Parse(ToString())!.AsObject();
        foreach (var (name, value) in changes)
        {
            if (value.ValueKind == JsonValueKind.Null)
                document.Remove(name);
            else
                document[name] = JsonSerializer.SerializeToNode(value);
        }

        return document.Deserialize(ClientSettingsJson.Default.ClientSettings) ?? new();
    }

    /// <summary>The members that are set.</summary>
    public Dictionary<string, JsonElement> ToMembers() =>
        JsonSerializer.SerializeToElement(this, ClientSettingsJson.Default.ClientSettings).EnumerateObject().ToDictionary(member => member.Name, member => member.Value);

    /// <summary>Whether this member says the same in both.</summary>
    public bool HasSame(string member, ClientSettings other)
    {
        var (mine, others) = (ToMembers().TryGetValue(member, out var own), other.ToMembers().TryGetValue(member, out var its));
        return mine == others && (!mine || JsonElement.DeepEquals(own, its));
    }

    /// <summary>The document, as it is kept.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, ClientSettingsJson.Default.ClientSettings);

    public bool Equals(ClientSettings? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}

/// <summary>An issuer whose assertions are accepted as grants (RFC 7523 §3): its <c>iss</c>, where its keys are, and whose subjects it may speak for.</summary>
internal sealed record TrustedIssuer
{
    public required string Issuer { get; init; }
    public JsonElement? Jwks { get; init; }
    public string? JwksUri { get; init; }
}

/// <summary>What a client may exchange (RFC 8693).</summary>
internal sealed record ExchangeRule
{
    /// <summary>The client whose tokens it may present; <c>*</c> for any.</summary>
    public required string SubjectClient { get; init; }

    /// <summary>The APIs that the new token may be for.</summary>
    public required string[] Audiences { get; init; }

    /// <summary>True to let the new token be the subject's alone (impersonation); false demands an actor (<c>act</c>).</summary>
    public bool AllowsImpersonation { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ClientSettings))]
internal sealed partial class ClientSettingsJson : JsonSerializerContext;
