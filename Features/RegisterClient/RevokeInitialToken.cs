namespace Signet.Features;

/// <summary>A registration token ends. The apps that came with it stay.</summary>
internal static class RevokeInitialToken
{
    public sealed record Request(Guid Id) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Revoked revoked ? new("registration token revoked", $"token:{Id}", revoked.UserId) : null;
    }

    public abstract record Result
    {
        public sealed record Revoked(Guid? UserId) : Result;

        /// <summary>Not one that the caller looks after, or over already.</summary>
        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Revocations revocations, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var rows = db.RegistrationTokensOf(caller).Where(token => token.Id == request.Id);
            var userId = await rows.Select(token => token.UserId).FirstOrDefaultAsync(ct);
            return await revocations.OfTokens(rows, "revoked by who looks after it", ct) == 0 ? new Result.NotFound() : new Result.Revoked(userId);
        }
    }
}
