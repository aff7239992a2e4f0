namespace Signet.Infrastructure.Jose;

/// <summary>The signature algorithms that are spoken here, ours and those of clients (RFC 7518 §3.1, RFC 8037 §3.1).</summary>
internal static class SigningAlgorithms
{
    public const string Es256 = "ES256";
    public const string Rs256 = "RS256";
    public const string Ps256 = "PS256";
    public const string EdDsa = "EdDSA";

    /// <summary>What newer programs call it (RFC 9864 §2.2): read, and not written.</summary>
    public const string Ed25519 = "Ed25519";

    public static readonly string[] All = [Es256, Rs256, Ps256, EdDsa];

    /// <summary>Those that FAPI 2.0 allows (Security Profile §5.4.1).</summary>
    public static readonly string[] Fapi = [Ps256, Es256, EdDsa];
}
