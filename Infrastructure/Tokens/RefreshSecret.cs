using System.Security.Cryptography;
using System.Text;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// A refresh token: <c>sgr_</c>, a handle that finds its grant, a secret, and a checksum. The successor of a secret is derived
/// from it and a salt (HKDF, RFC 5869), so that the database can answer a repeated refresh with the same one and still
/// never holds anything that a thief could present.
/// </summary>
internal sealed record RefreshSecret(string Handle, string Text)
{
    private const int HandleLength = 22;

    public byte[] HandleBytes => Encoding.ASCII.GetBytes(Handle);

    public byte[] Hash() => new Secret(Text).Hash();

    public static RefreshSecret New() => new(OpaqueValue.Random(HandleLength), OpaqueValue.Random(OpaqueValue.SecretLength));

    public RefreshSecret Successor(byte[] salt) => this with
    {
        Text = OpaqueValue.FromBytes(
            HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.ASCII.GetBytes(Text), outputLength: 3 * OpaqueValue.SecretLength, salt, "signet refresh token"u8.ToArray()),
            OpaqueValue.SecretLength),
    };

    /// <summary>What the client carries.</summary>
    public Secret Seal() => OpaqueValue.Seal(OpaqueValue.RefreshToken, Handle + Text);

    public static RefreshSecret? Open(string value) =>
        OpaqueValue.Open(OpaqueValue.RefreshToken, value, HandleLength + OpaqueValue.SecretLength) is { } body
            ? new(body[..HandleLength], body[HandleLength..])
            : null;

    public override string ToString() => "***";
}
