namespace Signet.Features;

/// <summary>The apps that the caller looks after, or every app for an administrator who asks for all.</summary>
internal static partial class ListApps
{
    private const int Largest = 500;

    public sealed record Request : IRequest<Result>
    {
        /// <summary>Everyone's, where the caller is an administrator. The console always sees all.</summary>
        public bool OfEveryone { get; init; }

        /// <summary>A part of the name, the id, or the owner's e-mail address.</summary>
        public string? Find { get; init; }

        /// <summary>Those alone that nobody vouches for.</summary>
        public bool OnlyUnverified { get; init; }

        /// <summary>From 1.</summary>
        public int Page { get; init; } = 1;
        public int Size { get; init; } = 25;
    }

    public sealed record Result(App[] Apps, int Total, int Page, int Pages);

    public sealed record App(
        string Id, string Name, ClientKind Kind, bool IsPublic, string? OwnerEmail, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, bool SkipsConsent, int LiveSecrets, bool IsUnverified);

    public sealed class Handler(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var apps = Found(Visible(request), request.Find);
            if (request.OnlyUnverified)
                apps = apps.Where(app => app.Origin != ClientOrigin.Managed && app.VerifiedAt == null && app.DisabledAt == null);
            var total = await apps.CountAsync(ct);
            var size = Math.Clamp(request.Size, 1, Largest);
            var pages = Math.Max(1, (total + size - 1) / size);
            var page = Math.Clamp(request.Page, 1, pages);
            var rows = await (
                from app in apps.OrderByDescending(app => app.CreatedAt).ThenBy(app => app.Id).Skip((page - 1) * size).Take(size)
                select new
                {
                    App = app,
                    OwnerEmail = db.Users.Where(user => user.Id == app.OwnerId).Select(user => user.Email).FirstOrDefault(),
                    LiveSecrets = app.Secrets.Count(secret => secret.ExpiresAt == null || secret.ExpiresAt > now),
                }).AsNoTracking().ToArrayAsync(ct);
            return new Result(
                [.. rows.Select(row => new App(
                    row.App.Id, row.App.Name, row.App.Kind, row.App.IsPublic, row.OwnerEmail, row.App.CreatedAt, row.App.DisabledAt, row.App.SkipsConsent, row.LiveSecrets, row.App.IsUnverified))],
                total, page, pages);
        }

        private IQueryable<Client> Visible(Request request)
        {
            var managed = db.ManagedBy(caller).Where(app => app.Kind != ClientKind.Api);
            return caller.IsAdmin && caller.UserId is { } me && !request.OfEveryone ? managed.Where(app => app.OwnerId == me) : managed;
        }

        private IQueryable<Client> Found(IQueryable<Client> apps, string? find)
        {
            if (find?.Trim() is not { Length: > 0 and <= ClientIds.Longest } text)
                return apps;
            var part = $"%{text.ToUpperInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            return apps.Where(app => app.Id == text || EF.Functions.Like(app.Name.ToUpper(), part, "\\")
                || db.Users.Any(user => user.Id == app.OwnerId && EF.Functions.Like(user.NormalizedEmail!, part, "\\")));
        }
    }
}
