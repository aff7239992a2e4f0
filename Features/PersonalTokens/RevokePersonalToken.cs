namespace Signet.Features;

/// <summary>A person ends one of their own tokens.</summary>
internal static class RevokePersonalToken
{
    public sealed record Request(Guid Id) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Revoked revoked ? new("personal token revoked", $"token:{Id}", revoked.UserId) : null;
    }

    public abstract record Result
    {
        public sealed record Revoked(Guid UserId) : Result;

        /// <summary>Not one of this person's, or over already.</summary>
        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Revocations revocations, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var userId = caller.RequireUserId;
            var mine = db.Tokens.Where(token => token.Id == request.Id && token.UserId == userId && token.Kind == TokenKind.Personal);
            return await revocations.OfTokens(mine, "revoked by its owner", ct) == 0 ? new Result.NotFound() : new Result.Revoked(userId);
        }
    }
}
