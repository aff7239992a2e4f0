using System.Diagnostics;
using Hangfire;

namespace Signet.Features;

/// <summary>A person allows or denies what an app asked them by the back channel, once; the app is told where it wants to be.</summary>
internal static partial class DecideOnApproval
{
    public sealed record Request(Guid Id, bool Allows) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result switch
        {
            Result.Allowed allowed => new("approval given", $"client:{allowed.ClientId}", allowed.UserId, string.Join(' ', allowed.Scopes)),
            Result.Denied denied => new("approval denied", $"client:{denied.ClientId}", denied.UserId),
            Result.Forbidden forbidden => new("approval refused", $"client:{forbidden.ClientId}", forbidden.UserId, forbidden.Reason),
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

        /// <summary>It is over, was decided already, or is somebody else's.</summary>
        public sealed record Gone : Result;
    }

    public sealed class Handler(PendingAuthorizations pending, IBackgroundJobClient jobs, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var userId = caller.RequireUserId;
            var decision = await pending.Decide(pending.Open(GrantTypes.Ciba).Where(row => row.Id == request.Id && row.UserId == userId), request.Allows, ct);
            switch (decision)
            {
                case PendingAuthorizations.Decision.Approved { Of: var it }:
                    PingApp.Enqueue(jobs, it);
                    return new Result.Allowed(it.ClientId, userId, it.Scopes);
                case PendingAuthorizations.Decision.Denied { Of: var it }:
                    PingApp.Enqueue(jobs, it);
                    return new Result.Denied(it.ClientId, userId);
                case PendingAuthorizations.Decision.Forbidden { Of: var it } forbidden:
                    PingApp.Enqueue(jobs, it);
                    return new Result.Forbidden(it.ClientId, userId, forbidden.Reason);
                case PendingAuthorizations.Decision.NeedsProof more:
                    return new Result.NeedsProof(more.Missing);
                case PendingAuthorizations.Decision.Gone:
                    return new Result.Gone();
                default:
                    throw new UnreachableException();
            }
        }
    }
}
