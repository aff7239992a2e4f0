namespace Signet.Infrastructure.Tokens;

/// <summary>
/// Whether what was issued still stands: its client enabled, its user enabled, its grant not revoked, its session not ended,
/// its epoch the current one. One statement, and the one place where this is decided for tokens, grants and codes.
/// </summary>
internal sealed class Standings(TimeProvider time)
{
    private readonly Func<AppDbContext, string?, Guid?, Guid?, Guid?, string?, Task<Standing>> read = EF.CompileAsyncQuery(
        (AppDbContext db, string? clientId, Guid? userId, Guid? grantId, Guid? sessionId, string? jti) => (
            from installation in db.Installations
            from client in db.Clients.Where(client => client.Id == clientId).DefaultIfEmpty()
            from grant in db.Grants.Where(grant => grant.Id == grantId).DefaultIfEmpty()
            join holder in db.Clients on grant.ClientId equals holder.Id into holders
            from holder in holders.DefaultIfEmpty()
            join person in db.Users on userId ?? grant.UserId equals person.Id into people
            from user in people.DefaultIfEmpty()
            from session in db.Sessions.Where(session => session.Id == sessionId).DefaultIfEmpty()
            from revoked in db.RevokedTokens.Where(revoked => revoked.Id == jti).DefaultIfEmpty()
            select new Standing
            {
                InstallationEpoch = installation.TokenEpoch,
                ClientExists = client != null,
                ClientDisabledAt = client!.DisabledAt,
                ClientEpoch = client != null ? client.TokenEpoch : 0,
                UserId = user != null ? user.Id : null,
                UserDisabledAt = user!.DisabledAt,
                UserEpoch = user != null ? user.TokenEpoch : 0,
                UserEmail = user!.Email,
                UserStamp = user!.SecurityStamp,
                GrantExists = grant != null,
                GrantEpoch = grant != null ? grant.Epoch : 0,
                HolderDisabledAt = holder!.DisabledAt,
                HolderEpoch = holder != null ? holder.TokenEpoch : 0,
                GrantRevokedAt = grant!.RevokedAt,
                GrantExpiresAt = grant.ExpiresAt,
                GrantIsOffline = grant != null && grant.IsOffline,
                SessionExists = session != null,
                SessionEndedAt = session!.EndedAt,
                SessionExpiresAt = session.ExpiresAt,
                IsRevoked = revoked != null,
            }).Single());

    /// <summary>Reads the standing of what hangs on these; null for what does not apply.</summary>
    public Task<Standing> Of(AppDbContext db, string? clientId, Guid? userId, Guid? grantId, Guid? sessionId, string? jti) =>
        read(db, clientId, userId, grantId, sessionId, jti);

    /// <summary>Why it no longer stands, in words for the log; null while it does.</summary>
    public string? Objection(Standing standing, long epoch, string? clientId, Guid? userId, Guid? grantId, Guid? sessionId)
    {
        var now = time.GetUtcNow();
        return standing switch
        {
            { IsRevoked: true } => "the token was revoked",
            { ClientExists: false } when clientId is not null => "the app was removed",
            { ClientDisabledAt: not null } => "the app is disabled",
            { UserId: null } when userId is not null => "the user was removed",
            { UserDisabledAt: not null } => "the user is disabled",
            { GrantExists: false } when grantId is not null => "the grant is gone",
            { GrantRevokedAt: not null } => "the grant was revoked",
            { GrantExpiresAt: { } end } when end <= now => "the grant has expired",
            { HolderDisabledAt: not null } => "the app that holds the grant is disabled",
            { GrantExists: true } when standing.GrantEpoch != standing.InstallationEpoch + standing.HolderEpoch + standing.UserEpoch => "everything of its user, app or installation was revoked since",
            _ when epoch != standing.Epoch => "everything of its user, app or installation was revoked since",
            { GrantIsOffline: true } => null,
            { SessionExists: false } when sessionId is not null => "the session is gone",
            { SessionEndedAt: not null } => "the session was ended",
            { SessionExpiresAt: { } end } when end <= now => "the session has expired",
            _ => null,
        };
    }
}

/// <summary>The facts that <see cref="Standings"/> judges.</summary>
internal sealed record Standing
{
    public long InstallationEpoch { get; init; }
    public bool ClientExists { get; init; }
    public DateTimeOffset? ClientDisabledAt { get; init; }
    public long ClientEpoch { get; init; }

    /// <summary>The person; of the grant, where the token does not name one.</summary>
    public Guid? UserId { get; init; }
    public DateTimeOffset? UserDisabledAt { get; init; }
    public long UserEpoch { get; init; }
    public string? UserEmail { get; init; }
    public string? UserStamp { get; init; }
    public bool GrantExists { get; init; }
    public long GrantEpoch { get; init; }

    /// <summary>Of the client that the grant was given to; another one's token may hang on it (RFC 8693).</summary>
    public DateTimeOffset? HolderDisabledAt { get; init; }
    public long HolderEpoch { get; init; }
    public DateTimeOffset? GrantRevokedAt { get; init; }
    public DateTimeOffset? GrantExpiresAt { get; init; }
    public bool GrantIsOffline { get; init; }
    public bool SessionExists { get; init; }
    public DateTimeOffset? SessionEndedAt { get; init; }
    public DateTimeOffset? SessionExpiresAt { get; init; }
    public bool IsRevoked { get; init; }

    /// <summary>What anything issued now for this client and user carries (see <see cref="Data.Epoch"/>).</summary>
    public long Epoch => InstallationEpoch + ClientEpoch + UserEpoch;
}
