using System.Collections.Concurrent;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// When a secret, token, grant or session was last used, to within a few seconds: noted in memory and written together
/// in the background, so that the hot path pays nothing for it.
/// </summary>
internal sealed partial class LastUse(IServiceScopeFactory scopes, TimeProvider time, ILogger<LastUse> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> secrets = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> tokens = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> grants = new();

    public void Of(ClientSecret secret) => secrets[secret.Id] = time.GetUtcNow();

    public void OfToken(Guid id) => tokens[id] = time.GetUtcNow();

    public void OfGrant(Guid id) => grants[id] = time.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval); // the machine's own time: it only paces the writing
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Write(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            await Write(CancellationToken.None);
        }
    }

    /// <summary>Writes what was noted since the last time. What cannot be written now is dropped: it is worth no retry.</summary>
    public async Task Write(CancellationToken ct)
    {
        if (secrets.IsEmpty && tokens.IsEmpty && grants.IsEmpty)
            return;
        try
        {
            using var scope = scopes.CreateScope();
            var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
            foreach (var (id, at) in Drain(secrets))
                await db.ClientSecrets.Where(secret => secret.Id == id).ExecuteUpdateAsync(set => set.SetProperty(secret => secret.LastUsedAt, at), ct);
            foreach (var (id, at) in Drain(tokens))
                await db.Tokens.Where(token => token.Id == id).ExecuteUpdateAsync(set => set.SetProperty(token => token.LastUsedAt, at), ct);
            foreach (var (id, at) in Drain(grants))
                await db.Grants.Where(grant => grant.Id == id).ExecuteUpdateAsync(set => set.SetProperty(grant => grant.LastUsedAt, at), ct);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            CouldNotWrite(exception.Message);
        }
    }

    private static IEnumerable<KeyValuePair<Guid, DateTimeOffset>> Drain(ConcurrentDictionary<Guid, DateTimeOffset> noted)
    {
        foreach (var id in noted.Keys)
        {
            if (noted.TryRemove(id, out var at))
                yield return new(id, at);
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "last uses could not be written: {Message}")]
    private partial void CouldNotWrite(string message);
}
