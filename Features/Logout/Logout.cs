using Microsoft.AspNetCore.Authentication;

namespace Signet.Features;

/// <summary>A person ends the session of this browser, and with it what lives from the session.</summary>
internal static partial class Logout
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        /// <summary>What the app asked for that sent the person here, if one did.</summary>
        public LogoutWish? Wish { get; init; }

        public AuditEntry? Audit(Result result) => result.UserId is { } id ? new("signed out", $"user:{id}", id, Wish?.ClientId is { } app ? $"asked by client:{app}" : null) : null;
    }

    public sealed record Result(Guid? UserId, Farewell Farewell);

    public sealed class Handler(AppDbContext db, ClientDirectory directory, IHttpContextAccessor accessor, Caller caller) : IRequestHandler<Request, Result>
    {
        private const int MostFrames = 20;

        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var apps = await WithPages(ct);
            var http = accessor.HttpContext!;
            await http.SignOutAsync(Schemes.Session);
            await http.SignOutAsync(Schemes.Pending);
            return new Result(caller.UserId, Farewell.Of(request.Wish, goesOn: true) with { SessionId = caller.SessionId, ClientIds = apps });
        }

        private async Task<string[]> WithPages(CancellationToken ct)
        {
            if (caller.SessionId is not { } id)
                return [];
            var apps = new List<string>();
            foreach (var app in await db.Grants.Where(grant => grant.SessionId == id).Select(grant => grant.ClientId).Distinct().ToListAsync(ct))
            {
                if (await directory.Find(app, ct) is { DisabledAt: null, Settings.FrontchannelLogoutUri: not null } && apps.Count < MostFrames)
                    apps.Add(app);
            }

            return [.. apps];
        }
    }
}
