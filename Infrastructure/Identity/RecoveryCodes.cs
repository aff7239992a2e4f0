using System.Security.Cryptography;

namespace Signet.Infrastructure.Identity;

/// <summary>Ten codes for the day when the phone is gone: 120 random bits each, shown once, kept as hashes.</summary>
internal sealed class RecoveryCodes(AppDbContext db, TimedSeal seals, TimeProvider time)
{
    public const int Count = 10;
    private const int Length = 24; // × 5 bits
    private const int Group = 4;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567"; // base 32, RFC 4648 §6
    private const string Purpose = "recovery-codes";

    /// <summary>Codes as they are shown, once; <paramref name="Sealed"/> lets the same person download what was just shown.</summary>
    public sealed record Sheet(Secret[] Codes, string Sealed);

    /// <summary>Replaces the user's codes, within the caller's transaction.</summary>
    public async Task<Sheet> Replace(Guid userId, CancellationToken ct)
    {
        var codes = Enumerable.Range(0, Count).Select(_ => new Secret(string.Join('-', RandomNumberGenerator.GetString(Alphabet, Length).Chunk(Group).Select(group => new string(group))))).ToArray();
        await db.RecoveryCodes.Where(row => row.UserId == userId).ExecuteDeleteAsync(ct);
        db.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { Hash = Hash(code), UserId = userId, CreatedAt = time.GetUtcNow() }));
        await db.SaveChangesAsync(ct);
        return new Sheet(codes, seals.Seal(Purpose, userId, string.Join('\n', codes.Select(code => code.Text))));
    }

    /// <summary>The codes of a sheet that was shown to this person within the last minutes, one a line; null for anything else.</summary>
    public Secret? Open(Guid userId, string? sealedCodes) => seals.Open(Purpose, userId, sealedCodes) is { } lines ? new Secret(lines) : null;

    /// <summary>By its length: codes of authenticator apps have six digits.</summary>
    public static bool IsOne(Secret code) => SecondFactor.Clean(code).Length >= Length;

    public static byte[] Hash(Secret code) => new Secret(SecondFactor.Clean(code)).Hash();
}
