namespace Signet.Features;

/// <summary>One secret of an app stops working at once.</summary>
internal static partial class RevokeAppSecret
{
    public sealed record Request(string AppId, Guid SecretId) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Revoked revoked
            ? new("app secret revoked", $"client:{AppId}", revoked.OwnerId, $"secret {SecretId}")
            : null;
    }

    public abstract record Result
    {
        public sealed record Revoked(Guid? OwnerId) : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var app = await db.ManagedBy(caller).Where(app => app.Id == request.AppId).Select(app => new { app.Id, app.OwnerId }).FirstOrDefaultAsync(ct);
            if (app is null || await db.ClientSecrets.Where(secret => secret.ClientId == app.Id && secret.Id == request.SecretId).ExecuteDeleteAsync(ct) == 0)
                return new Result.NotFound();
            directory.Forget();
            return new Result.Revoked(app.OwnerId);
        }
    }
}
