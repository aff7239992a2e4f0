using System.Net;
using System.Threading.RateLimiting;

namespace Signet.Infrastructure.OAuth;

/// <summary>An initial access token (RFC 7591 §3) that is good now.</summary>
/// <param name="UserId">Whose the apps are that register with it; null for the installation's.</param>
/// <param name="Scopes">What they may ask for; none for all that such apps may have.</param>
internal sealed record InitialToken(Guid Id, string Name, Guid? UserId, string[] Scopes);

/// <summary>A program that registers itself.</summary>
/// <param name="Token">What it showed; null where anybody may register.</param>
/// <param name="RegistrationTokenHash">Of what it will manage its registration with.</param>
internal sealed record Registrant(InitialToken? Token, byte[] RegistrationTokenHash, string? SoftwareStatement)
{
    public ClientRegistration Registration => new(Token?.Name, Token?.Scopes is { Length: > 0 } scopes ? scopes : null, SoftwareStatement);

    /// <summary>For the audit trail.</summary>
    public string Words => Token is null ? "" : $" with the token {Token.Id} ({Token.Name})";
}

/// <summary>Finds initial access tokens that are good: not over, not revoked, not used up, and of somebody who may still register apps.</summary>
internal sealed class InitialTokens(AppDbContext db, Standings standings, IOptions<SignetOptions> options, TimeProvider time)
{
    public async Task<InitialToken?> Find(Secret presented, CancellationToken ct)
    {
        if (OpaqueValue.Open(OpaqueValue.InitialAccess, presented.Text) is null)
            return null;
        var hash = presented.Hash();
        var now = time.GetUtcNow();
        var forAdmins = options.Value.Registration.Apps == AppRegistration.Admins;
        var row = await db.Tokens.AsNoTracking()
            .Where(token => token.Hash == hash && token.Kind == TokenKind.Registration && token.RevokedAt == null && token.ExpiresAt > now && (token.MostUses == null || token.Uses < token.MostUses))
            .Where(token => token.UserId == null || !forAdmins || db.UserRoles.Any(role => role.UserId == token.UserId && role.RoleId == Roles.AdminId))
            .FirstOrDefaultAsync(ct);
        if (row is null || standings.Objection(await standings.Of(db, null, row.UserId, null, null, null), row.Epoch, null, row.UserId, null, null) is not null)
            return null;
        return new(row.Id, row.Name!, row.UserId, row.Scopes);
    }
}

internal static class InitialTokenUses
{
    /// <summary>The registration tokens that the caller looks after: for administrators all, for a person their own, for an app that acts for itself those of its owner.</summary>
    public static IQueryable<Token> RegistrationTokensOf(this AppDbContext db, Caller caller)
    {
        var all = db.Tokens.Where(token => token.Kind == TokenKind.Registration);
        return caller switch
        {
            { IsAdmin: true } => all,
            { UserId: { } user } => all.Where(token => token.UserId == user),
            { ClientId: { } machine } => all.Where(token => db.Clients.Any(self => self.Id == machine && self.OwnerId == token.UserId)),
            _ => all.Where(_ => false),
        };
    }

    /// <summary>Counts one use, in one statement and inside the transaction of what it is used for; false when there is none left.</summary>
    public static async Task<bool> TakeUse(this AppDbContext db, InitialToken token, DateTimeOffset now, CancellationToken ct) =>
        await db.Tokens.Where(row => row.Id == token.Id && row.RevokedAt == null && row.ExpiresAt > now && (row.MostUses == null || row.Uses < row.MostUses))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Uses, row => row.Uses + 1).SetProperty(row => row.LastUsedAt, now), ct) == 1;
}

/// <summary>How often anybody may ask to be registered: thirty times in ten minutes from one address.</summary>
internal sealed class RegistrationAllowance : IDisposable
{
    public const int Most = 30;

    private readonly PartitionedRateLimiter<IPAddress?> limiter = PartitionedRateLimiter.Create<IPAddress?, string>(address =>
        RateLimitPartition.GetSlidingWindowLimiter(Subscriber.Of(address), _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = Most,
            Window = TimeSpan.FromMinutes(10),
            SegmentsPerWindow = 10,
            QueueLimit = 0,
        }));

    public bool Take(IPAddress? from)
    {
        using var lease = limiter.AttemptAcquire(from);
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
