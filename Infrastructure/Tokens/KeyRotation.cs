using Microsoft.AspNetCore.DataProtection;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// Lets keys follow one another. There is always a next key, published long before it signs, so that every node and every
/// API has it by then. Any number of nodes may do this at once: generations are unique, and the first insert wins.
/// Keys from files follow one another as their operator says, and the database makes none for their algorithms.
/// </summary>
internal sealed class KeyRotation(
    AppDbContext db, IDataProtectionProvider protection, KeyRing ring, KeyFiles files, IOptions<SignetOptions> options, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
{
    /// <summary>For how long APIs may cache the key set.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromMinutes(5);

    /// <summary>A key from a file that no node has told of for so long is taken for withdrawn; nodes tell twice as often.</summary>
    public static readonly TimeSpan VouchedFor = TimeSpan.FromHours(2);

    /// <summary>Nodes' clocks may differ by this much.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>A retired key stays published until the last token that it signed has expired and every cached key set is stale.</summary>
    public static TimeSpan PublishedAfter(LifetimeOptions lifetimes) =>
        (lifetimes.AccessTokenMaximum > lifetimes.IdToken ? lifetimes.AccessTokenMaximum : lifetimes.IdToken) + CacheTime + TimeSpan.FromHours(1);

    /// <summary>Makes the first keys, and a next one wherever there is none.</summary>
    public async Task KeepUp(CancellationToken ct)
    {
        foreach (var file in files.All)
            await Register(file, ct);
        foreach (var algorithm in SigningAlgorithms.All)
            await KeepUp(algorithm, ct);
        ring.Forget();
    }

    private async Task KeepUp(string algorithm, CancellationToken ct)
    {
        var keys = await Keys(algorithm, ct);
        while (!keys.Any(key => CanSign(key, time.GetUtcNow())))
        {
            var now = time.GetUtcNow();
            await Add(algorithm, keys is [] ? 1 : keys[^1].Generation + 1, now, ct);
            if (keys is not [])
                await Succeed(algorithm, keys[^1].Generation + 1, now, ct);
            keys = await Keys(algorithm, ct);
        }

        if (!IsFromFiles(algorithm, keys) && keys[^1].ActiveFrom <= time.GetUtcNow())
            await AddNext(keys[^1], ct);
    }

    /// <summary>Lets the next keys sign as soon as they have been published for long enough, and says from when; null where all are from files.</summary>
    public async Task<(DateTimeOffset? From, string[] FromFiles)> Rotate(CancellationToken ct)
    {
        await KeepUp(ct);
        var fromFiles = new List<string>();
        DateTimeOffset? from = null;
        foreach (var algorithm in SigningAlgorithms.All)
        {
            var keys = await Keys(algorithm, ct);
            if (IsFromFiles(algorithm, keys) || keys is not [.., _, var next])
            {
                fromFiles.Add(algorithm);
                continue;
            }

            var earliest = next.CreatedAt + options.Value.Keys.PublishAhead;
            var start = earliest > time.GetUtcNow() ? earliest : time.GetUtcNow();
            await db.SigningKeys.Where(key => key.Id == next.Id && key.ActiveFrom > start)
                .ExecuteUpdateAsync(set => set.SetProperty(key => key.ActiveFrom, start), ct);
            await Succeed(algorithm, next.Generation, start, ct);
            from = from > start ? from : start;
        }

        await KeepUp(ct);
        return (from, [.. fromFiles]);
    }

    // A file is new, or was away for so long that nobody knows its key any more, or its time was changed before it came.
    private async Task Register(KeyFile file, CancellationToken ct)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            var keys = await Keys(file.Algorithm, ct);
            var known = keys.FirstOrDefault(key => key.Id == file.Id);
            var isLast = file.Use == KeyFileUse.Sign && files.All.Last(other => other.Algorithm == file.Algorithm && other.Use == KeyFileUse.Sign) == file;
            if (known is { GoneFrom: { } gone } && gone > now)
            {
                if (file.NotBefore is { } wanted && wanted != known.ActiveFrom && known.ActiveFrom > now)
                    await Begin(file, known.Generation, wanted, ct);
                if (isLast && known.RetiredFrom is not null)
                    await db.SigningKeys.Where(key => key.Id == file.Id).ExecuteUpdateAsync(set => set.SetProperty(key => key.RetiredFrom, (DateTimeOffset?)null), ct);
                return;
            }

            // Where nothing else can sign there is nobody to give time to.
            var start = file.NotBefore ?? (keys.Any(key => key.Id != file.Id && CanSign(key, now)) ? now + options.Value.Keys.PublishAhead : now);
            if (known is not null)
            {
                await Begin(file, known.Generation, start, ct);
                return;
            }

            var generation = keys is [] ? 1 : keys[^1].Generation + 1;
            var added = await db.InsertIfAbsent(new SigningKey
            {
                Id = file.Id,
                Algorithm = file.Algorithm,
                Generation = generation,
                PublicJwk = file.PublicJwk,
                SealedPrivateKey = [],
                CreatedAt = now,
                ActiveFrom = start,
                GoneFrom = Vouched(now),
            }, ct);
            if (added && file.Use == KeyFileUse.Sign)
                await Succeed(file.Algorithm, generation, start, ct);
            if (added)
                return;
        }
    }

    private async Task Begin(KeyFile file, int generation, DateTimeOffset start, CancellationToken ct)
    {
        var (now, gone) = (time.GetUtcNow(), Vouched(time.GetUtcNow()));
        await db.SigningKeys.Where(key => key.Id == file.Id && (key.ActiveFrom > now || key.GoneFrom <= now)).ExecuteUpdateAsync(
            set => set.SetProperty(key => key.ActiveFrom, start).SetProperty(key => key.RetiredFrom, (DateTimeOffset?)null).SetProperty(key => key.GoneFrom, gone), ct);
        if (file.Use == KeyFileUse.Sign)
            await Succeed(file.Algorithm, generation, start, ct);
    }

    // What nobody has to know any more does not count, but its number does.
    private bool CanSign(SigningKey key, DateTimeOffset now) =>
        key.ActiveFrom <= now && (key.IsFromFile ? files.Find(key.Id) is not null : key.GoneFrom is null || key.GoneFrom > now);

    /// <summary>Whether the newest key is from a file that this node has, or that another has and told lately.</summary>
    private bool IsFromFiles(string algorithm, SigningKey[] keys) => files.SignBy(algorithm)
        || (keys[^1] is { IsFromFile: true } newest && files.Find(newest.Id) is null && newest.GoneFrom > time.GetUtcNow() + PublishedAfter(lifetimes.Value));

    private async Task AddNext(SigningKey active, CancellationToken ct)
    {
        var scheduled = active.ActiveFrom + options.Value.Keys.RotationPeriod;
        var earliest = time.GetUtcNow() + options.Value.Keys.PublishAhead;
        var start = scheduled > earliest && !active.IsFromFile ? scheduled : earliest;
        await Add(active.Algorithm, active.Generation + 1, start, ct);
        var next = await db.SigningKeys.AsNoTracking().SingleAsync(key => key.Algorithm == active.Algorithm && key.Generation == active.Generation + 1, ct);
        await Succeed(active.Algorithm, next.Generation, next.ActiveFrom, ct);
    }

    /// <summary>From then on this generation signs and those before it no longer do; one that was never to begin before then is not needed at all.</summary>
    private async Task Succeed(string algorithm, int generation, DateTimeOffset from, CancellationToken ct)
    {
        var gone = from + PublishedAfter(lifetimes.Value);
        byte[] inFile = [];
        var before = db.SigningKeys.Where(key => key.Algorithm == algorithm && key.Generation < generation && (key.RetiredFrom == null || key.RetiredFrom > from || key.Generation == generation - 1));
        await before.Where(key => key.ActiveFrom < from || key.SealedPrivateKey == inFile).ExecuteUpdateAsync(
            set => set.SetProperty(key => key.RetiredFrom, from).SetProperty(key => key.GoneFrom, gone), ct);
        await before.Where(key => key.ActiveFrom >= from && key.SealedPrivateKey != inFile).ExecuteUpdateAsync(
            set => set.SetProperty(key => key.RetiredFrom, from).SetProperty(key => key.GoneFrom, from), ct);
    }

    private DateTimeOffset Vouched(DateTimeOffset now) => now + PublishedAfter(lifetimes.Value) + VouchedFor;

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
