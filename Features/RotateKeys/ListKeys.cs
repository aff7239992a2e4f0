namespace Signet.Features;

/// <summary>The signing keys and where each is in its life: next, active, retired, gone.</summary>
internal static partial class ListKeys
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(IReadOnlyList<Key> Keys);

    public sealed record Key(string Id, string Algorithm, string State, bool IsFromFile, DateTimeOffset CreatedAt, DateTimeOffset ActiveFrom, DateTimeOffset? RetiredFrom, DateTimeOffset? GoneFrom)
    {
        /// <summary>False for one that another took the place of before its time came.</summary>
        public bool WillSign => RetiredFrom is null || RetiredFrom > ActiveFrom;
    }

    public sealed class Handler(AppDbContext db, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var keys = await db.SigningKeys.AsNoTracking().OrderBy(key => key.Algorithm).ThenByDescending(key => key.Generation).ToListAsync(ct);
            return new([.. keys.Select(key => new Key(key.Id, key.Algorithm, State(key, now), key.IsFromFile, key.CreatedAt, key.ActiveFrom, key.RetiredFrom, key.RetiredFrom is null && key.GoneFrom > now ? null : key.GoneFrom))]);
        }

        private static string State(SigningKey key, DateTimeOffset now) => key switch
        {
            { GoneFrom: { } gone } when gone <= now => "gone",
            { ActiveFrom: var active } when active > now => "next",
            { RetiredFrom: { } retired } when retired <= now => "retired",
            _ => "active",
        };
    }
}
