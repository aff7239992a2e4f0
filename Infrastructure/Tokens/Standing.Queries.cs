namespace Signet.Infrastructure.Tokens;

/// <summary>What <see cref="Standings"/> decides for one token, as queries over many: for lists and counts that people read.</summary>
internal static class StandingQueries
{
    public static IQueryable<Grant> ThatStand(this IQueryable<Grant> grants, AppDbContext db, DateTimeOffset now) =>
        from grant in grants
        where grant.RevokedAt == null && grant.ExpiresAt > now
        from installation in db.Installations
        from client in db.Clients
        from user in db.Users
        where client.Id == grant.ClientId && client.DisabledAt == null && user.Id == grant.UserId && user.DisabledAt == null
            && grant.Epoch == installation.TokenEpoch + client.TokenEpoch + user.TokenEpoch
            && (grant.IsOffline || db.Sessions.Any(session => session.Id == grant.SessionId && session.EndedAt == null && session.ExpiresAt > now))
        select grant;

    public static IQueryable<Token> ThatStand(this IQueryable<Token> tokens, AppDbContext db, DateTimeOffset now) =>
        from token in tokens
        where token.RevokedAt == null && token.ExpiresAt > now
            && (token.GrantId == null || db.Grants.ThatStand(db, now).Any(grant => grant.Id == token.GrantId))
            && (token.Actor != null || token.Epoch == db.Installations.Sum(installation => installation.TokenEpoch)
                + db.Clients.Where(client => client.Id == token.ClientId && client.DisabledAt == null).Sum(client => client.TokenEpoch)
                + db.Users.Where(user => user.Id == token.UserId && user.DisabledAt == null).Sum(user => user.TokenEpoch)
                // The app that an exchanged token speaks for. Those that act for it are asked where the token is read.
                + db.Clients.Where(client => token.UserId == null && client.Id == token.Subject && client.Id != token.ClientId && client.DisabledAt == null).Sum(client => client.TokenEpoch))
        select token;

    public static IQueryable<Session> ThatStand(this IQueryable<Session> sessions, DateTimeOffset now) =>
        sessions.Where(session => session.EndedAt == null && session.ExpiresAt > now && session.EndsAt > now);
}
