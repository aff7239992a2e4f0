using Microsoft.AspNetCore.DataProtection;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// Lets keys follow one another. There is always a next key, published long before it signs, so that every node and every
/// API has it by then. Any number of nodes may do this at once: generations are unique, and the first insert wins.
/// </summary>
internal sealed class KeyRotation(
    AppDbContext db, IDataProtectionProvider protection, KeyRing ring, IOptions<SignetOptions> options, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
{
    /// <summary>For how long APIs may cache the key set.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromMinutes(5);
    /// <summary>Makes the first keys, and a next one wherever there is none.</summary>
    public async Task KeepUp(CancellationToken ct)
    {
        foreach (var algorithm in SigningAlgorithms.All)
        {
            var keys = await Keys(algorithm, ct);
            if (keys is [])
            {
                await Add(algorithm, 1, time.GetUtcNow(), ct);
                keys = await Keys(algorithm, ct);
            }

            if (keys[^1].ActiveFrom <= time.GetUtcNow())
                await AddNext(keys[^1], ct);
        }

        ring.Forget();
    }

    /// <summary>Lets the next keys sign as soon as they have been published for long enough, and says from when.</summary>
    public async Task<DateTimeOffset> Rotate(CancellationToken ct)
    {
        await KeepUp(ct);
        var from = time.GetUtcNow();
        foreach (var algorithm in SigningAlgorithms.All)
        {
            var keys = await Keys(algorithm, ct);
            var (active, next) = (keys[^2], keys[^1]);
            var earliest = next.CreatedAt + options.Value.Keys.PublishAhead;
            var start = earliest > time.GetUtcNow() ? earliest : time.GetUtcNow();
            await db.SigningKeys.Where(key => key.Id == next.Id && key.ActiveFrom > start)
                .ExecuteUpdateAsync(set => set.SetProperty(key => key.ActiveFrom, start), ct);
            await Retire(active, start, ct);
            from = start > from ? start : from;
        }

        await KeepUp(ct);
        return from;
    }

    private async Task AddNext(SigningKey active, CancellationToken ct)
    {
        var scheduled = active.ActiveFrom + options.Value.Keys.RotationPeriod;
        var earliest = time.GetUtcNow() + options.Value.Keys.PublishAhead;
        var start = scheduled > earliest ? scheduled : earliest;
        await Add(active.Algorithm, active.Generation + 1, start, ct);
        var next = await db.SigningKeys.AsNoTracking().SingleAsync(key => key.Algorithm == active.Algorithm && key.Generation == active.Generation + 1, ct);
        await Retire(active, next.ActiveFrom, ct);
    }

    // A retired key stays published until the last token that it signed has expired and every cached key set is stale.
    private Task Retire(SigningKey active, DateTimeOffset from, CancellationToken ct)
    {
        var longest = lifetimes.Value.AccessTokenMaximum > lifetimes.Value.IdToken ? lifetimes.Value.AccessTokenMaximum : lifetimes.Value.IdToken;
        var gone = from + longest + CacheTime + TimeSpan.FromHours(1);
        return db.SigningKeys.Where(key => key.Id == active.Id).ExecuteUpdateAsync(
            set => set.SetProperty(key => key.RetiredFrom, from).SetProperty(key => key.GoneFrom, gone), ct);
    }

    private Task<SigningKey[]> Keys(string algorithm, CancellationToken ct) =>
        db.SigningKeys.AsNoTracking().Where(key => key.Algorithm == algorithm).OrderBy(key => key.Generation).ToArrayAsync(ct);

    private async Task Add(string algorithm, int generation, DateTimeOffset activeFrom, CancellationToken ct)
    {
        var key = PrivateKey.Generate(algorithm);
        var (id, jwk) = key.Publish(algorithm);
        await db.InsertIfAbsent(new SigningKey
        {
            Id = id,
            Algorithm = algorithm,
            Generation = generation,
            PublicJwk = jwk,
            SealedPrivateKey = protection.CreateProtector(KeyRing.Purpose).Protect(key.Export()),
            CreatedAt = time.GetUtcNow(),
            ActiveFrom = activeFrom,
        }, ct);
    }
}
