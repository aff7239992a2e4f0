using System.Collections.Concurrent;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// Clients and resources for the hot path, at most one second old on any node and never old on the node that changed them.
/// Nothing that revokes relies on it: introspection and refresh ask the database.
/// </summary>
internal sealed partial class ClientDirectory : IDisposable
{
    private const long FreshForMilliseconds = 1000;
    private const int Most = 10_000;
    private readonly ConcurrentDictionary<string, Entry<Client>> clients = new(StringComparer.Ordinal);
    private readonly IServiceScopeFactory scopes;
    private readonly ILogger<ClientDirectory> log;
    private readonly RegistrationOptions registration;
    private readonly LastKnown<Resource[]> lastKnown;
    private Entry<Resource[]>? resources;
    private Entry<long>? installationEpoch;

    public ClientDirectory(IServiceScopeFactory scopes, IOptions<SignetOptions> options, ILogger<ClientDirectory> log)
    {
        (this.scopes, this.log, registration) = (scopes, log, options.Value.Registration);
        lastKnown = new(ct => Resources(ct).AsTask(), TimeSpan.FromMilliseconds(FreshForMilliseconds), exception => CouldNotRead(exception.Message));
    }

    /// <summary>The client with its secrets, enabled or not; null for an id that does not exist. Read only.</summary>
    public async ValueTask<Client?> Find(string clientId, CancellationToken ct)
    {
        if (clients.TryGetValue(clientId, out var known) && known.IsFresh)
            return known.Value;
        if (!ClientIds.IsValid(clientId) && !registration.ServesDocument(clientId))
            return null;
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var client = await db.Clients.AsNoTracking().Include(c => c.Secrets).FirstOrDefaultAsync(c => c.Id == clientId, ct);
        if (client is null)
        {
            clients.TryRemove(clientId, out _);
            return null;
        }

        if (client.Origin == ClientOrigin.Document)
            await Open(client, ct);
        if (clients.Count >= Most)
            clients.Clear();
        clients[clientId] = new(client);
        return client;
    }

    /// <summary>Gives a client, as its document describes it, the scopes that there are here now for a client like it.</summary>
    public async ValueTask Open(Client client, CancellationToken ct)
    {
        var open = OpenClients.ScopesOf(await Resources(ct));
        client.HasOpenScopes = client.Scopes is [];
        client.Scopes = client.HasOpenScopes ? open : [.. client.Scopes.Intersect(open)];
    }

    /// <summary>Every API with its scopes.</summary>
    public async ValueTask<Resource[]> Resources(CancellationToken ct)
    {
        if (resources is { IsFresh: true } known)
            return known.Value;
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var all = await db.Resources.AsNoTracking().Include(resource => resource.Scopes).OrderBy(resource => resource.Name).ToArrayAsync(ct);
        resources = new(all);
        return all;
    }

    /// <summary>The same for what is answered without the database too; no decision may rest on it.</summary>
    public ValueTask<Resource[]> LastKnownResources(CancellationToken ct) => lastKnown.Get(ct);

    /// <summary>The installation's part of an <see cref="Epoch"/>. A stale one only makes a token that is dead on arrival.</summary>
    public async ValueTask<long> InstallationEpoch(CancellationToken ct)
    {
        if (installationEpoch is { IsFresh: true } known)
            return known.Value;
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var epoch = await db.Installations.Select(installation => installation.TokenEpoch).SingleAsync(ct);
        installationEpoch = new(epoch);
        return epoch;
    }

    /// <summary>Whether one of these audiences is an API that this client stands for.</summary>
    public async ValueTask<bool> IsFor(Client client, string[] audiences, CancellationToken ct)
    {
        foreach (var api in await Resources(ct))
        {
            if (api.ClientId == client.Id && audiences.Contains(api.Audience))
                return true;
        }

        return false;
    }

    /// <summary>Call after a change of clients or resources, so that this node answers with it at once.</summary>
    public void Forget()
    {
        clients.Clear();
        resources = null;
        installationEpoch = null;
        lastKnown.Overrule();
    }

    /// <summary>The same where it is one client alone.</summary>
    public void Forget(string clientId) => clients.TryRemove(clientId, out _);

    public void Dispose() => lastKnown.Dispose();

    [LoggerMessage(15, LogLevel.Warning, "APIs could not be read, going on with the known ones: {Message}")]
    private partial void CouldNotRead(string message);

    private sealed record Entry<T>(T Value)
    {
        private readonly long readAt = Environment.TickCount64; // the machine's own clock: a set-back wall clock must not keep it fresh
        public bool IsFresh => Environment.TickCount64 - readAt < FreshForMilliseconds;
    }
}
