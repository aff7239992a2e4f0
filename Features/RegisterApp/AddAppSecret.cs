namespace Signet.Features;

/// <summary>An app gets a second secret, so that the first can be replaced without an outage. It is shown this once.</summary>
internal static partial class AddAppSecret
{
    private const int Most = 2;

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string AppId { get; init; } = "";

        /// <summary>Null for a secret that does not expire.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }

        /// <summary>Where there are two already, the older one makes room.</summary>
        public bool ReplacesOldest { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Added added
            ? new("app secret added", $"client:{AppId}", added.OwnerId, $"secret {added.SecretId}")
            : null;
    }

    public abstract record Result
    {
        public sealed record Added(Guid SecretId, Secret Secret, DateTimeOffset? ExpiresAt, Guid? OwnerId) : Result;

        /// <summary>There are two live ones: one of them has to be revoked first.</summary>
        public sealed record TooMany : Result;

        /// <summary>The app proves itself in another way, or not at all.</summary>
        public sealed record NeedsNone : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(TimeProvider time)
        {
            RuleFor(request => request.ExpiresAt)
                .Must(expires => expires is null || expires > time.GetUtcNow()).WithMessage("The expiry must be in the future, or be left out.")
                .Must(expires => expires is null || expires < time.GetUtcNow().AddYears(10)).WithMessage("The expiry must be within ten years, or be left out.");
        }
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory, ClientSecretJwt signing, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            await using var all = await db.Database.BeginTransactionAsync(ct);
            // The update holds the app's row until the end, so that of two requests at once the second counts what the first has added.
            if (await db.ManagedBy(caller).Where(app => app.Id == request.AppId).ExecuteUpdateAsync(set => set.SetProperty(app => app.UpdatedAt, now), ct) == 0)
                return new Result.NotFound();
            var app = await db.Clients.AsNoTracking().Include(app => app.Secrets).SingleAsync(app => app.Id == request.AppId, ct);
            if (!app.HasSecret)
                return new Result.NeedsNone();
            var live = app.Secrets.Where(secret => secret.ExpiresAt is null || secret.ExpiresAt > now).OrderByDescending(secret => secret.CreatedAt).ThenByDescending(secret => secret.Id).ToArray();
            if (live.Length >= Most && !request.ReplacesOldest)
                return new Result.TooMany();

            var kept = live.Take(Most - 1).Select(secret => secret.Id).ToArray();
            await db.ClientSecrets.Where(secret => secret.ClientId == app.Id && !kept.Contains(secret.Id)).ExecuteDeleteAsync(ct);
            var made = OpaqueValue.New(OpaqueValue.ClientSecret);
            var row = ClientSecretRules.Row(app.Id, made, now, request.ExpiresAt?.ToUniversalTime(), signing.Seal(app.Id, app.AuthenticationMethods, made));
            await db.InsertIfAbsent(row, ct);
            await all.CommitAsync(ct);
            directory.Forget();
            return new Result.Added(row.Id, made, row.ExpiresAt, app.OwnerId);
        }
    }
}
