namespace Signet.Features;

/// <summary>
/// An app gives a token back (RFC 7009). An access token ends alone; a refresh token ends its whole grant. A personal token
/// belongs to no app: an API that it is for may end it, so that a leak can be stopped where it is seen.
/// </summary>
internal static partial class RevokeToken
{
    public sealed record Request(Client Asker, Secret Token) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result switch
        {
            Result.Revoked revoked => new("token revoked", revoked.Subject, revoked.UserId, Reason: Reason),
            Result.NotYours refused => new("revocation of another app's token refused", refused.Subject, Detail: $"asked by client:{Asker.Id}"),
            _ => null,
        };
    }

    /// <summary>How it ended; the app hears the same of each (RFC 7009 §2.2).</summary>
    public abstract record Result
    {
        public sealed record Revoked(string Subject, Guid? UserId) : Result;

        /// <summary>Issued to someone else: nothing changes, and the trail keeps the attempt.</summary>
        public sealed record NotYours(string Subject) : Result;

        /// <summary>Never existed, or is dead already.</summary>
        public sealed record Unknown : Result;
    }

    private const string Reason = "revoked by the app";

    public sealed class Handler(AppDbContext db, TokenReader tokens, Revocations revocations, ClientDirectory directory) : IRequestHandler<Request, Result>
    {
        public Task<Result> Handle(Request request, CancellationToken ct) =>
            RefreshSecret.Open(request.Token.Text) is { } refresh ? EndGrant(refresh, request.Asker, ct) : EndToken(request, ct);

        private async Task<Result> EndToken(Request request, CancellationToken ct)
        {
            if (await tokens.Read(request.Token, ct) is not { } token)
                return new Result.Unknown();
            var subject = $"token:{token.Id}";
            var mayEnd = token.IsPersonal ? await directory.IsFor(request.Asker, token.Audiences, ct) : token.ClientId == request.Asker.Id;
            if (!mayEnd)
                return new Result.NotYours(subject);
            if (token.RowId is { } id)
                await revocations.OfTokens(db.Tokens.Where(row => row.Id == id), Reason, ct);
            else
                await revocations.OfJwt(token, Reason, ct);
            return new Result.Revoked(subject, token.UserId);
        }

        // Whoever knows the handle has held a refresh token of this grant, perhaps one that was replaced since: its app means the grant.
        private async Task<Result> EndGrant(RefreshSecret refresh, Client asker, CancellationToken ct)
        {
            var handle = refresh.HandleBytes;
            var grant = await db.Grants.AsNoTracking().Where(grant => grant.RefreshHandle == handle)
                .Select(grant => new { grant.Id, grant.ClientId, grant.UserId }).FirstOrDefaultAsync(ct);
            if (grant is null)
                return new Result.Unknown();
            if (grant.ClientId != asker.Id)
                return new Result.NotYours($"grant:{grant.Id}");
            return await revocations.OfGrants(db.Grants.Where(row => row.Id == grant.Id), Reason, ct) == 0
                ? new Result.Unknown()
                : new Result.Revoked($"grant:{grant.Id}", grant.UserId);
        }
    }
}
