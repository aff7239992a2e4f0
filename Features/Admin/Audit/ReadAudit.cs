namespace Signet.Features;

/// <summary>An administrator reads what happened, newest first.</summary>
internal static partial class ReadAudit
{
    private const int PageSize = 50;

    /// <summary>Each filter keeps the events that contain the text.</summary>
    public sealed record Request : IRequest<Result>
    {
        public string? Action { get; init; }
        public string? Actor { get; init; }
        public string? Subject { get; init; }
        public int Page { get; init; } = 1;
    }

    public sealed record Result(AuditEvent[] Events, int Page, bool HasNext);

    public sealed class Handler(AppDbContext db) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var page = Math.Clamp(request.Page, 1, 100_000);
            var events = db.AuditEvents.AsNoTracking();
            if (Text(request.Action) is { } action)
                events = events.Where(happened => happened.Action.Contains(action));
            if (Text(request.Actor) is { } actor)
                events = events.Where(happened => happened.Actor.Contains(actor));
            if (Text(request.Subject) is { } subject)
                events = events.Where(happened => happened.Subject.Contains(subject));
            var found = await events.OrderByDescending(happened => happened.At).ThenByDescending(happened => happened.Id)
                .Skip((page - 1) * PageSize).Take(PageSize + 1).ToArrayAsync(ct);
            return new Result(found[..Math.Min(found.Length, PageSize)], page, found.Length > PageSize);
        }

        private static string? Text(string? filter) => filter?.Trim() is { Length: > 0 and <= 256 } text ? text : null;
    }
}
