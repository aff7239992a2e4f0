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
        var text = Encoding.UTF8.GetBytes($"{Sector(client.Settings, client.RedirectUris, client.Id)}|{userId}");
        return WebEncoders.Base64UrlEncode(HMACSHA256.HashData(key ??= await ReadKey(ct), text));
    }

    /// <summary>Whether the client would know people by other subjects than it did, after this change.</summary>
    public static bool Move(Client client, ClientSettings settings, string[] redirectUris) => settings.IsPairwise
        && (!client.Settings.IsPairwise || Sector(client.Settings, client.RedirectUris, client.Id) != Sector(settings, redirectUris, client.Id));

    /// <summary>The host that answers go to: only where it is https has whoever gets them anything to do with it.</summary>
    public static string? HostOf(string redirectUri) => Uri.TryCreate(redirectUri, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps ? uri.Host : null;

    /// <summary>The host that a pairwise client's subjects are of (§8.1); the client's own, where there is none.</summary>
    private static string Sector(ClientSettings settings, string[] redirectUris, string clientId) =>
        settings.SectorIdentifierUri is { } uri ? new Uri(uri).Host : redirectUris is [var first, ..] ? HostOf(first) ?? clientId : clientId;

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
