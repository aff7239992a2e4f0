using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What a client knows a person as (<c>sub</c>): everywhere the same, or <c>pairwise</c>, another for each sector, so that two
/// clients cannot put together what they know (OpenID Connect Core §8.1).
/// </summary>
internal sealed class Subjects(IServiceScopeFactory scopes, IDataProtectionProvider protection)
{
    private const int KeyLength = 32;
    private volatile byte[]? key;

    public async ValueTask<string> Of(Client client, Guid userId, CancellationToken ct)
    {
        if (!client.Settings.IsPairwise)
            return userId.ToString();
        var text = Encoding.UTF8.GetBytes($"{Sector(client)}|{userId}");
        return WebEncoders.Base64UrlEncode(HMACSHA256.HashData(key ??= await ReadKey(ct), text));
    }

    /// <summary>The host that a pairwise client's subjects are of (§8.1).</summary>
    private static string Sector(Client client) =>
        client.Settings.SectorIdentifierUri is { } uri ? new Uri(uri).Host
        : client.RedirectUris is [var first, ..] && new Uri(first) is { Host: { Length: > 0 } host } ? host
        : client.Id;

    private async Task<byte[]> ReadKey(CancellationToken ct)
    {
        var protector = protection.CreateProtector("pairwise-subjects");
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var made = protector.Protect(RandomNumberGenerator.GetBytes(KeyLength));
        // The first node to need one makes it; the others find it.
        await db.Installations.Where(installation => installation.SealedPairwiseKey == null)
            .ExecuteUpdateAsync(set => set.SetProperty(installation => installation.SealedPairwiseKey, made), ct);
        return protector.Unprotect(await db.Installations.Select(installation => installation.SealedPairwiseKey!).SingleAsync(ct));
    }
}
