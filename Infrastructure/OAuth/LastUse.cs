using System.Collections.Concurrent;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// When a secret, token, grant or session was last used, to within a few seconds: noted in memory and written together
/// in the background, so that the hot path pays nothing for it.
/// </summary>
internal sealed partial class LastUse(IServiceScopeFactory scopes, TimeProvider time, ILogger<LastUse> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private const int BatchSize = 1000;
    private readonly ConcurrentDictionary<Guid, bool> secrets = new();
    private readonly ConcurrentDictionary<Guid, bool> tokens = new();
    private readonly ConcurrentDictionary<Guid, bool> grants = new();

    public void Of(ClientSecret secret) => secrets[secret.Id] = true;

    public void OfToken(Guid id) => tokens[id] = true;

    public void OfGrant(Guid id) => grants[id] = true;

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
            var now = time.GetUtcNow();
            foreach (var ids in Drain(secrets))
                await db.ClientSecrets.Where(secret => ids.Contains(secret.Id)).ExecuteUpdateAsync(set => set.SetProperty(secret => secret.LastUsedAt, now), ct);
            foreach (var ids in Drain(tokens))
                await db.Tokens.Where(token => ids.Contains(token.Id)).ExecuteUpdateAsync(set => set.SetProperty(token => token.LastUsedAt, now), ct);
            foreach (var ids in Drain(grants))
                await db.Grants.Where(grant => ids.Contains(grant.Id)).ExecuteUpdateAsync(set => set.SetProperty(grant => grant.LastUsedAt, now), ct);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            CouldNotWrite(exception.Message);
        }
    }

    private static IEnumerable<Guid[]> Drain(ConcurrentDictionary<Guid, bool> noted) =>
        noted.Keys.Where(id => noted.TryRemove(id, out _)).Chunk(BatchSize);

    [LoggerMessage(3, LogLevel.Warning, "last uses could not be written: {Message}")]
    private partial void CouldNotWrite(string message);
}
