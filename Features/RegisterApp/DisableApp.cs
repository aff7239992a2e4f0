namespace Signet.Features;

/// <summary>An app is shut, which ends everything that was issued to it, or opened again, which revives nothing.</summary>
internal static partial class DisableApp
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string Id { get; init; } = "";

        /// <summary>True opens a disabled app again.</summary>
        public bool Enable { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Done done
            ? new(Enable ? "app enabled" : "app disabled", $"client:{Id}", done.OwnerId)
            : null;
    }

    public abstract record Result
    {
        public sealed record Done(Guid? OwnerId) : Result;

        /// <summary>It is as was asked for already.</summary>
        public sealed record Unchanged : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, Revocations revocations, ClientDirectory directory, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var app = await db.ManagedBy(caller).Where(app => app.Id == request.Id && app.Kind != ClientKind.Api)
                .Select(app => new { app.Id, app.OwnerId }).FirstOrDefaultAsync(ct);
            if (app is null)
                return new Result.NotFound();
            var changed = request.Enable ? await Enable(app.Id, ct) : await Disable(app.Id, ct);
            directory.Forget();
            return changed ? new Result.Done(app.OwnerId) : new Result.Unchanged();
        }

        private async Task<bool> Enable(string id, CancellationToken ct) =>
            await db.Clients.Where(app => app.Id == id && app.DisabledAt != null)
                .ExecuteUpdateAsync(set => set.SetProperty(app => app.DisabledAt, (DateTimeOffset?)null), ct) == 1;

        private async Task<bool> Disable(string id, CancellationToken ct)
        {
            await using var all = await db.Database.BeginTransactionAsync(ct);
            var now = time.GetUtcNow();
            var changed = await db.Clients.Where(app => app.Id == id && app.DisabledAt == null).ExecuteUpdateAsync(
                set => set.SetProperty(app => app.DisabledAt, now).SetProperty(app => app.TokenEpoch, app => app.TokenEpoch + 1)
                    .SetProperty(app => app.RegistrationTokenHash, (byte[]?)null), ct) == 1;
            await revocations.OfGrants(db.Grants.Where(grant => grant.ClientId == id), "the app was disabled", ct);
            await revocations.OfTokens(db.Tokens.Where(token => token.ClientId == id), "the app was disabled", ct);
            await all.CommitAsync(ct);
            return changed;
        }
    }
}
