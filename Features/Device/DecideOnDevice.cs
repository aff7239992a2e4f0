using System.Diagnostics;

namespace Signet.Features;

/// <summary>A person allows or denies what a device asks for, once (RFC 8628 §3.3).</summary>
internal static class DecideOnDevice
{
    /// <param name="Id">The request that the person was shown.</param>
    public sealed record Request(Guid Id, bool Allows) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result switch
        {
            Result.Allowed allowed => new("device allowed", $"client:{allowed.ClientId}", allowed.UserId, string.Join(' ', allowed.Scopes)),
            Result.Denied denied => new("device denied", $"client:{denied.ClientId}", denied.UserId),
            Result.Forbidden forbidden => new("device refused", $"client:{forbidden.ClientId}", forbidden.UserId, forbidden.Reason),
            _ => null,
        };
    }

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Allowed(string ClientId, Guid UserId, string[] Scopes) : Result;
        public sealed record Denied(string ClientId, Guid UserId) : Result;
        public sealed record Forbidden(string ClientId, Guid UserId, string Reason) : Result;

        /// <summary>The person proves more of who they are first, and decides then.</summary>
        public sealed record NeedsProof(Doorway.Admission Missing) : Result;

        /// <summary>It is over, or was decided already.</summary>
        public sealed record Gone : Result;
    }

    public sealed class Handler(PendingAuthorizations pending, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct) =>
            await pending.Decide(pending.Open(GrantTypes.DeviceCode).Where(row => row.Id == request.Id), request.Allows, ct) switch
            {
                PendingAuthorizations.Decision.Approved { Of: var it } => new Result.Allowed(it.ClientId, caller.RequireUserId, it.Scopes),
                PendingAuthorizations.Decision.Denied { Of: var it } => new Result.Denied(it.ClientId, caller.RequireUserId),
                PendingAuthorizations.Decision.Forbidden { Of: var it } forbidden => new Result.Forbidden(it.ClientId, caller.RequireUserId, forbidden.Reason),
                PendingAuthorizations.Decision.NeedsProof more => new Result.NeedsProof(more.Missing),
                PendingAuthorizations.Decision.Gone => new Result.Gone(),
                _ => throw new UnreachableException(),
            };
    }
}
