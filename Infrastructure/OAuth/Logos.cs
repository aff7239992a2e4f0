using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// The pictures of apps that somebody here vouches for: fetched over the guarded way out when an app comes or changes, looked at,
/// and kept. Pages show what is kept, so that no browser of a person tells somebody else's server what it is about to allow.
/// </summary>
internal sealed class Logos(AppDbContext db, OutboundClient outbound)
{
    private const string Accepted = "image/png, image/jpeg, image/webp, image/gif";

    /// <summary>Call after a change of the app. A picture that cannot be had is none, and is asked for again with the next change.</summary>
    public async Task Refresh(string clientId, CancellationToken ct)
    {
        var app = await db.Clients.AsNoTracking().FirstOrDefaultAsync(app => app.Id == clientId, ct);
        var wanted = app is { IsUnverified: false, Settings.LogoUri: { } uri } ? uri : null;
        var kept = await db.ClientLogos.Where(logo => logo.ClientId == clientId).Select(logo => logo.Uri).FirstOrDefaultAsync(ct);
        if (wanted == kept)
            return;
        await db.ClientLogos.Where(logo => logo.ClientId == clientId).ExecuteDeleteAsync(ct);
        if (wanted is not null && await outbound.Get(wanted, Accepted, ct) is { } picture && MediaType(picture) is { } mediaType)
            await db.InsertIfAbsent(new ClientLogo { ClientId = clientId, Uri = wanted, MediaType = mediaType, Picture = picture }, ct);
    }

    /// <summary>What the first bytes say that it is, whatever its server calls it; null for anything that is no picture of dots, SVG among it.</summary>
    public static string? MediaType(ReadOnlySpan<byte> picture) => picture switch
    {
        _ when picture.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) => "image/png",
        _ when picture.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) => "image/jpeg",
        _ when picture.StartsWith("GIF87a"u8) || picture.StartsWith("GIF89a"u8) => "image/gif",
        _ when picture.Length > 12 && picture.StartsWith("RIFF"u8) && picture[8..].StartsWith("WEBP"u8) => "image/webp",
        _ => null,
    };
}
