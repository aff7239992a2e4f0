namespace Signet.Features;

/// <summary>The signing keys and where each stands in its life.</summary>
internal static partial class ListKeys
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(Key[] Keys);

    public sealed record Key(string Kid, string Algorithm, string State, DateTimeOffset CreatedAt, DateTimeOffset ActiveFrom, DateTimeOffset? RetiredFrom, DateTimeOffset? GoneFrom);

    public sealed class Handler(AppDbContext db, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var keys = await db.SigningKeys.AsNoTracking().OrderBy(key => key.Algorithm).ThenBy(key => key.Generation).ToArrayAsync(ct);
            return new Result([.. keys.Select(key => new Key(key.Id, key.Algorithm, StateOf(key, now), key.CreatedAt, key.ActiveFrom, key.RetiredFrom, key.GoneFrom))]);
        }

        private static string StateOf(SigningKey key, DateTimeOffset now) => key switch
        {
            _ when key.ActiveFrom > now => "next",
            { GoneFrom: { } gone } when gone <= now => "gone",
            { RetiredFrom: { } retired } when retired <= now => "retired",
            _ => "active",
        };
    }
}
