using Microsoft.AspNetCore.DataProtection;
using OtpNet;
using QRCoder;

namespace Signet.Infrastructure.Identity;

/// <summary>Authenticator apps (TOTP, RFC 6238): new secrets with their QR codes, secrets at rest, and which time step a code is of.</summary>
internal sealed class Authenticator(
    IDataProtectionProvider protection, TimedSeal seals, IOptions<SignetOptions> options, TimeProvider time)
{
    private const string Purpose = "totp-secret";
    private const int SecretBytes = 20; // RFC 4226 §4 R6 recommends 160 bits
    private const int PixelsPerModule = 6;
    private static readonly VerificationWindow OneStepEitherWay = new(previous: 1, future: 1);

    /// <summary>A secret on its way into an authenticator app. <paramref name="Sealed"/> travels in the form until a code confirms it.</summary>
    public sealed record Offer(Secret Key, string QrCode, string Sealed);

    public Offer NewOffer(User user) => Describe(user, KeyGeneration.GenerateRandomKey(SecretBytes));

    /// <summary>The same offer again, or null when it is not this person's or too old.</summary>
    public Offer? SameOffer(User user, string? sealedSecret) => OpenOffer(user.Id, sealedSecret) is { } secret ? Describe(user, secret) : null;

    public byte[]? OpenOffer(Guid userId, string? sealedSecret) =>
        seals.Open(Purpose, userId, sealedSecret) is { } secret ? Base32Encoding.ToBytes(secret) : null;

    /// <summary>What the database keeps of a secret.</summary>
    public string SealForRest(Guid userId, byte[] secret) => Rest(userId).Protect(Base32Encoding.ToString(secret));

    /// <summary>The time step of a right code within one step of now; null for a wrong one.</summary>
    public long? StepOf(User user, Secret code) =>
        user.SealedTotpSecret is { } secret ? StepOf(Base32Encoding.ToBytes(Rest(user.Id).Unprotect(secret)), code) : null;

    public long? StepOf(byte[] secret, Secret code) =>
        SecondFactor.Clean(code) is { Length: 6 } digits && digits.All(char.IsAsciiDigit)
        && new Totp(secret).VerifyTotp(time.GetUtcNow().UtcDateTime, digits, out var step, OneStepEitherWay) ? step : null;

    private IDataProtector Rest(Guid userId) => protection.CreateProtector(Purpose, userId.ToString());

    private Offer Describe(User user, byte[] secret)
    {
        var key = Base32Encoding.ToString(secret).TrimEnd('=');
        var issuer = Uri.EscapeDataString(new Uri(options.Value.Issuer).Host);
        var uri = $"otpauth://totp/{issuer}:{Uri.EscapeDataString(user.Email!)}?secret={key}&issuer={issuer}&algorithm=SHA1&digits=6&period=30";
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var picture = new PngByteQRCode(data);
        return new Offer(
            new Secret(string.Join(' ', key.Chunk(4).Select(group => new string(group)))),
            "data:image/png;base64," + Convert.ToBase64String(picture.GetGraphic(PixelsPerModule)),
            seals.Seal(Purpose, user.Id, key));
    }
}
