using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
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
    public required Authorization Authorization { get; init; }
    public required string RedirectUri { get; init; }
    public string? CodeChallenge { get; init; }

    /// <summary>The thumbprint of the DPoP key that the code is bound to (RFC 9449 §10), or null.</summary>
    public string? DpopThumbprint { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    [JsonIgnore]
    public byte[] Hash => new Secret(Id).Hash();
}

/// <summary>Seals and opens authorization codes.</summary>
internal sealed class AuthorizationCodes(IDataProtectionProvider protection)
{
    private const int Longest = 24 * 1024;
    private const int PackedFrom = 2 * 1024; // what authorization_details make long is packed: codes travel in URLs
    private const byte Packed = 0;
    private static readonly AuthorizationCodeJson Json = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    private readonly IDataProtector protector = protection.CreateProtector("authorization-code");

    public Secret Seal(AuthorizationCode code) =>
        new(WebEncoders.Base64UrlEncode(protector.Protect(Pack(JsonSerializer.SerializeToUtf8Bytes(code, Json.AuthorizationCode)))));

    /// <summary>What was sealed, or null for anything that was not sealed here. Expiry is the reader's to judge.</summary>
    public AuthorizationCode? Open(string? text)
    {
        if (text is not { Length: > 0 and <= Longest })
            return null;
        try
        {
            var bytes = protector.Unprotect(WebEncoders.Base64UrlDecode(text));
            return JsonSerializer.Deserialize(Unpack(bytes), Json.AuthorizationCode);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static byte[] Pack(byte[] json)
    {
        if (json.Length < PackedFrom)
            return json;
        using var packed = new MemoryStream();
        packed.WriteByte(Packed);
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(json);
        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] bytes)
    {
        if (bytes is not [Packed, ..])
            return bytes;
        using var json = new MemoryStream();
        using (var deflate = new DeflateStream(new MemoryStream(bytes, 1, bytes.Length - 1), CompressionMode.Decompress))
            deflate.CopyTo(json);
        return json.ToArray();
    }
}

[JsonSerializable(typeof(AuthorizationCode))]
internal sealed partial class AuthorizationCodeJson : JsonSerializerContext;
