namespace Signet.Features;

/// <summary>A person's own tokens that still work, newest first.</summary>
internal static class ListPersonalTokens
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(IReadOnlyList<Row> Tokens);

    public sealed record Row(Guid Id, string Name, string[] Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt);

    public sealed class Handler(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var (userId, now) = (caller.RequireUserId, time.GetUtcNow());
            var tokens = await (
                from token in db.Tokens.AsNoTracking()
                where token.UserId == userId && token.Kind == TokenKind.Personal && token.RevokedAt == null && token.ExpiresAt > now
                from installation in db.Installations
                join user in db.Users on token.UserId equals user.Id
                where token.Epoch == installation.TokenEpoch + user.TokenEpoch
                orderby token.CreatedAt descending
                select new Row(token.Id, token.Name!, token.Scopes, token.CreatedAt, token.ExpiresAt, token.LastUsedAt)).ToListAsync(ct);
            return new(tokens);
        }
    }
}
