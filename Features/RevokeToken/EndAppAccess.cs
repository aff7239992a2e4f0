namespace Signet.Features;

/// <summary>A person ends everything that an app may do for them: its grants, and the consent that it would come back with.</summary>
internal static partial class EndAppAccess
{
    public sealed record Request(string ClientId) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Ended ended
            ? new("access of an app ended", $"client:{ClientId}", ended.UserId, $"{ended.Grants} grants")
            : null;
    }

    public abstract record Result
    {
        public sealed record Ended(Guid UserId, int Grants) : Result;
        public sealed record NothingThere : Result;
    }

    public sealed class Handler(AppDbContext db, Revocations revocations, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var userId = caller.RequireUserId;
            // The consent first, and what was approved and not fetched yet: without them nothing new comes to be while the grants end.
            var consents = await db.Consents.Where(consent => consent.UserId == userId && consent.ClientId == request.ClientId).ExecuteDeleteAsync(ct);
            var approved = await db.PendingAuthorizations.Where(pending => pending.UserId == userId && pending.ClientId == request.ClientId && pending.Status == PendingStatus.Approved)
                .ExecuteUpdateAsync(set => set.SetProperty(pending => pending.Status, PendingStatus.Denied), ct);
            var grants = await revocations.OfGrants(db.Grants.Where(grant => grant.UserId == userId && grant.ClientId == request.ClientId), "ended by the user", ct);
            return consents + approved + grants == 0 ? new Result.NothingThere() : new Result.Ended(userId, grants);
        }
    }
}
