namespace Signet.Features;

/// <summary>Brings the database to this version's schema, with keys to sign with. Any number of processes may ask at once: one does it.</summary>
internal static partial class MigrateDatabase
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(string[] Applied);

    public sealed class Handler(AppDbContext db, KeyRotation rotation, IConfiguration configuration) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var missing = (await db.Database.GetPendingMigrationsAsync(ct)).ToArray();
            await db.Migrate(configuration, ct);
            await rotation.KeepUp(ct);
            return new Result(missing);
        }
    }
}
