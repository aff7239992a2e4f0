namespace Signet.Features;

/// <summary>An administrator removes an API with its scopes and credentials: no token can be asked for it any more.</summary>
internal static partial class RemoveApi
{
    public sealed record Request(Guid Id) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Removed removed
            ? new("API removed", $"client:{removed.ClientId}", Detail: removed.Audience)
            : null;
    }

    public abstract record Result
    {
        public sealed record Removed(string Audience, string ClientId) : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (!caller.IsAdmin || await db.Resources.AsNoTracking().FirstOrDefaultAsync(api => api.Id == request.Id, ct) is not { } api)
                return new Result.NotFound();
            // The API and its scopes go with its credentials (cascade).
            var removed = await db.Clients.Where(client => client.Id == api.ClientId).ExecuteDeleteAsync(ct);
            directory.Forget();
            return removed == 1 ? new Result.Removed(api.Audience, api.ClientId) : new Result.NotFound();
        }
    }
}
