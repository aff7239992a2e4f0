namespace Signet.Features;

/// <summary>What an administrator sees of one person, and may change.</summary>
internal static partial class ShowUser
{
    private const int LatestEvents = 20;

    public sealed record Request(Guid Id) : IRequest<Result?>;

    public sealed record Result
    {
        public required Guid Id { get; init; }
        public required string Name { get; init; }
        public required string? Email { get; init; }
        public required bool IsEmailConfirmed { get; init; }
        public required bool IsAdmin { get; init; }
        public required bool HasSecondFactor { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset? LastSignInAt { get; init; }
        public required DateTimeOffset? DisabledAt { get; init; }
        public required int Sessions { get; init; }
        public required int Grants { get; init; }
        public required int Tokens { get; init; }
        public required App[] Apps { get; init; }
        public AuditEvent[] Events { get; init; } = [];
    }

    public sealed record App(string Id, string Name);

    public sealed class Handler(AppDbContext db, TimeProvider time) : IRequestHandler<Request, Result?>
    {
        public async Task<Result?> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var shown = await db.Users.AsNoTracking().Where(user => user.Id == request.Id).Select(user => new Result
            {
                Id = user.Id,
                Name = user.Name,
                Email = user.Email,
                IsEmailConfirmed = user.EmailConfirmed,
                IsAdmin = db.UserRoles.Any(role => role.UserId == user.Id && role.RoleId == Roles.AdminId),
                HasSecondFactor = user.TwoFactorEnabled,
                CreatedAt = user.CreatedAt,
                LastSignInAt = user.LastSignInAt,
                DisabledAt = user.DisabledAt,
                Sessions = db.Sessions.Count(session => session.UserId == user.Id && session.EndedAt == null && session.ExpiresAt > now && session.EndsAt > now),
                Grants = db.Grants.Count(grant => grant.UserId == user.Id && grant.RevokedAt == null && grant.ExpiresAt > now),
                Tokens = db.Tokens.Count(token => token.UserId == user.Id && token.RevokedAt == null && token.ExpiresAt > now),
                Apps = db.Clients.Where(client => client.OwnerId == user.Id).OrderBy(client => client.Name).Select(client => new App(client.Id, client.Name)).ToArray(),
            }).FirstOrDefaultAsync(ct);
            if (shown is null)
                return null;
            var subject = $"user:{shown.Id}";
            return shown with
            {
                Events = await db.AuditEvents.AsNoTracking().Where(happened => happened.UserId == shown.Id || happened.Actor == subject || happened.Subject == subject)
                    .OrderByDescending(happened => happened.At).Take(LatestEvents).ToArrayAsync(ct),
            };
        }
    }
}
