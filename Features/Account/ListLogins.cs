namespace Signet.Features;

/// <summary>A person's ways to sign in: the password, and logins at external providers.</summary>
internal static partial class ListLogins
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(bool HasPassword, IReadOnlyList<Row> Logins);

    public sealed record Row(string Key, string Name);

    public sealed class Handler(AppDbContext db, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var me = caller.RequireUserId;
            var logins = await db.UserLogins.Where(login => login.UserId == me).OrderBy(login => login.LoginProvider)
                .Select(login => new Row(login.LoginProvider, login.ProviderDisplayName ?? login.LoginProvider)).ToListAsync(ct);
            return new Result(await db.Users.AnyAsync(user => user.Id == me && user.PasswordHash != null, ct), logins);
        }
    }
}
