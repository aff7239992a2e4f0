using System.Text.Json;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// Whose key a token is bound to (<c>cnf</c>, RFC 7800 §3.1): <c>jkt</c> for DPoP (RFC 9449 §6.1), <c>x5t#S256</c> for a client
/// certificate (RFC 8705 §3.1). The thumbprint is base64url of a SHA-256.
/// </summary>
internal sealed record Confirmation(string Method, string Thumbprint)
{
    public const string Dpop = "jkt";
    public const string Certificate = "x5t#S256";

    /// <summary>What a token answer calls the token's type.</summary>
    public static string TokenType(Confirmation? confirmation) => confirmation is { Method: Dpop } ? "DPoP" : "Bearer";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static Confirmation? Parse(string? text) => text?.Split(':', 2) is [var method, var thumbprint] ? new(method, thumbprint) : null;

    /// <summary>Reads the claim <c>cnf</c>.</summary>
    public static Confirmation? Of(JsonElement claim)
    {
        foreach (var method in (string[])[Dpop, Certificate])
        {
            if (claim.ValueKind == JsonValueKind.Object && claim.TryGetProperty(method, out var thumbprint) && thumbprint.ValueKind == JsonValueKind.String)
                return new(method, thumbprint.GetString()!);
        }

        return null;
    }

    public override string ToString() => $"{Method}:{Thumbprint}";
}
