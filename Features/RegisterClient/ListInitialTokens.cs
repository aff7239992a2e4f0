namespace Signet.Features;

/// <summary>The registration tokens that have not ended, used up or not: a person's own, and for administrators all; newest first.</summary>
internal static class ListInitialTokens
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(IReadOnlyList<Row> Tokens);

    public sealed record Row(
        Guid Id, string Name, string[] Scopes, string? OwnerEmail, int Uses, int? MostUses, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt)
    {
        public bool IsUsedUp => Uses >= MostUses;
    }

    public sealed class Handler(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct) => new(await (
            from token in db.RegistrationTokensOf(caller).AsNoTracking().ThatStand(db, time.GetUtcNow())
            orderby token.CreatedAt descending
            select new Row(
                token.Id, token.Name!, token.Scopes, db.Users.Where(user => user.Id == token.UserId).Select(user => user.Email).FirstOrDefault(),
                token.Uses, token.MostUses, token.CreatedAt, token.ExpiresAt, token.LastUsedAt)).ToListAsync(ct));
    }
}
