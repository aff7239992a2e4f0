namespace Signet.Features;

/// <summary>What a person's account looks like, with what happened to it lately.</summary>
internal static partial class ShowAccount
{
    private const int Latest = 10;

    public sealed record Request : IRequest<Result>;

    public sealed record Result(string Name, string Email, bool HasPassword, bool HasTwoFactor, int Sessions, Happening[] Latest);

    public sealed record Happening(string What, DateTimeOffset At, string? IpAddress, string? Detail);

    public sealed class Handler(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var id = caller.RequireUserId;
            var now = time.GetUtcNow();
            var latest = await db.AuditEvents.Where(audit => audit.UserId == id).OrderByDescending(audit => audit.At).Take(Latest)
                .Select(audit => new Happening(audit.Action, audit.At, audit.IpAddress, audit.Detail)).ToArrayAsync(ct);
            var sessions = await db.Sessions.CountAsync(session => session.UserId == id && session.EndedAt == null && session.ExpiresAt > now && session.EndsAt > now, ct);
            return await db.Users.Where(user => user.Id == id)
                .Select(user => new Result(user.Name, user.Email!, user.PasswordHash != null, user.TwoFactorEnabled, sessions, latest)).SingleAsync(ct);
        }
    }
}
