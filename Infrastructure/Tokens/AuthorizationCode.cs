using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// An authorization code (RFC 6749 §1.3.1): nothing is stored for it. It carries the authorization, sealed; redeeming it
/// inserts the grant under the hash of its id, which can happen once.
/// </summary>
internal sealed record AuthorizationCode
{
    /// <summary>Random; what makes the code one of a kind, however its text is spelled.</summary>
    public required string Id { get; init; }
    public required string ClientId { get; init; }
    public required Guid UserId { get; init; }
    public required Guid SessionId { get; init; }
    public required string RedirectUri { get; init; }
    public required string[] Scopes { get; init; }
    public required string[] Audiences { get; init; }
    public string? Nonce { get; init; }
    public string? CodeChallenge { get; init; }
    public required DateTimeOffset AuthenticatedAt { get; init; }
    public required string[] Methods { get; init; }
    public required long Epoch { get; init; }

    /// <summary>The person's security stamp: a code dies with the password and the second step it was given under.</summary>
    public required string? Stamp { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    [JsonIgnore]
    public byte[] Hash => new Secret(Id).Hash();
}

/// <summary>Seals and opens authorization codes.</summary>
internal sealed class AuthorizationCodes(IDataProtectionProvider protection)
{
    private const int Longest = 16 * 1024;
    private readonly IDataProtector protector = protection.CreateProtector("authorization-code");

    public Secret Seal(AuthorizationCode code) =>
        new(WebEncoders.Base64UrlEncode(protector.Protect(JsonSerializer.SerializeToUtf8Bytes(code, AuthorizationCodeJson.Default.AuthorizationCode))));

    /// <summary>What was sealed, or null for anything that was not sealed here. Expiry is the reader's to judge.</summary>
    public AuthorizationCode? Open(string? text)
    {
        if (text is not { Length: > 0 and <= Longest })
            return null;
        try
        {
            var bytes = protector.Unprotect(WebEncoders.Base64UrlDecode(text));
            return JsonSerializer.Deserialize(bytes, AuthorizationCodeJson.Default.AuthorizationCode);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(AuthorizationCode))]
internal sealed partial class AuthorizationCodeJson : JsonSerializerContext;
