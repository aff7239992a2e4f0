namespace Signet.Features;

/// <summary>A person ends one of their sessions, or all but the one they are in. Dead at once, everywhere.</summary>
internal static partial class EndSessions
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        /// <summary>Which one; null for all others.</summary>
        public Guid? Id { get; init; }

        public AuditEntry? Audit(Result result) => result.Count == 0
            ? null
            : new("sessions ended", $"user:{result.UserId}", result.UserId, Id is null ? $"all others: {result.Count}" : null);
    }

    public sealed record Result(Guid UserId, int Count);

    public sealed class Handler(AppDbContext db, Caller caller, Revocations revocations) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var own = db.Sessions.Where(session => session.UserId == caller.RequireUserId);
            var meant = request.Id is { } id ? own.Where(session => session.Id == id) : own.Where(session => session.Id != caller.SessionId);
            if (request.Id is null)
                await db.ForgetBrowsers(caller.RequireUserId, ct);
            return new Result(caller.RequireUserId, await revocations.OfSessions(meant, "ended by the user", ct));
        }
    }
}
