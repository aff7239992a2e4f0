using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// Clients whose id is the address of their metadata (OAuth Client ID Metadata Document). One is kept as a row from the first person
/// on who comes signed in, or the first request that it pushes, and read again when its document is no longer fresh. What cannot be
/// read, or is not fit, is remembered nowhere (§5.2).
/// </summary>
internal sealed partial class ClientDocuments(
    ClientDirectory directory, OutboundClient outbound, FetchAllowance allowance, IOptions<SignetOptions> options, IServiceScopeFactory scopes, TimeProvider time, ILogger<ClientDocuments> log)
{
    /// <summary>For how long an app goes on with what it has while its document cannot be read.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    private const int MostUnkept = 1000;
    private static readonly TimeSpan UnkeptFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Usual = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // Of everything that is no document about this id the same is said: nobody looks into a network through Signet.
    private static readonly Result.Refused Unreadable = Refuse("Its client_id is an address, and no document about it could be read there.");
    private static readonly Result.Refused TooMany = new("Too many apps that are unknown here were asked for; try again in a minute.", OAuthError.SlowDown);

    private readonly ConcurrentDictionary<string, Client> unkept = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<Client, ClientDocument> documents = [];
    private readonly Flights<Result> flights = new();

    public abstract record Result
    {
        public sealed record Found(Client Client) : Result;

        /// <summary>There is no such client, or none of this kind is served here.</summary>
        public sealed record Unknown : Result;

        /// <param name="Explanation">For people and developers.</param>
        public sealed record Refused(string Explanation, OAuthError Error) : Result;
    }

    /// <summary>The client that wants an authorization, as its document says now; any other as it is registered.</summary>
    public async ValueTask<Result> Find(string id, IPAddress? address, CancellationToken ct)
    {
        var kept = await directory.Find(id, ct);
        if (kept is null ? !options.Value.Registration.ServesDocument(id) : kept.Origin != ClientOrigin.Document)
            return kept is null ? new Result.Unknown() : new Result.Found(kept);
        return await Current(id, kept, address, ct);
    }

    /// <summary>The client that calls an endpoint. An outage of its document's server does not cut it off from what it was given, for a while.</summary>
    public async ValueTask<Result> OfCaller(string id, Client? kept, IPAddress? address, CancellationToken ct)
    {
        if (kept is null && !options.Value.Registration.ServesDocument(id))
            return new Result.Unknown();
        var current = await Current(id, kept, address, ct);
        return current is Result.Refused && kept is { DocumentReadAt: { } readAt } && time.GetUtcNow() - readAt < Grace ? new Result.Found(kept) : current;
    }

    /// <summary>Keeps a client that was only read so far, once, whichever node does it.</summary>
    public async ValueTask Keep(Client client, CancellationToken ct)
    {
        if (client.Origin != ClientOrigin.Document || !documents.TryGetValue(client, out var document))
            return;
        using var scope = scopes.CreateScope();
        if (await scope.ServiceProvider.GetRequiredService<AppDbContext>().InsertIfAbsent(document.ToClient(client.Id, client.DocumentReadAt!.Value, client.DocumentFreshUntil!.Value), ct))
            await scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(new("app met", $"client:{client.Id}", Detail: client.Name), CancellationToken.None);
        unkept.TryRemove(client.Id, out _);
        documents.Remove(client);
    }

    /// <summary>Whether there is room for a client that no person has come with: what costs a stranger one request must not fill the database.</summary>
    public async ValueTask<bool> HasRoomFor(Client client, CancellationToken ct)
    {
        if (client.Origin != ClientOrigin.Document || !documents.TryGetValue(client, out _))
            return true;
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        return await db.Clients.ThatNobodyAllowed(db).CountAsync(app => app.Origin == ClientOrigin.Document, ct) < options.Value.Registration.MostUnusedApps;
    }

    private async ValueTask<Result> Current(string id, Client? kept, IPAddress? address, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (kept is { DisabledAt: not null } || kept?.DocumentFreshUntil > now)
            return new Result.Found(kept!);
        if (kept is null && unkept.TryGetValue(id, out var known) && known.DocumentFreshUntil > now && now - known.DocumentReadAt < UnkeptFor)
            return new Result.Found(known);
        return await flights.Join(id, () => Fetch(id, kept, address), ct);
    }

    private async Task<Result> Fetch(string id, Client? kept, IPAddress? address)
    {
        if (!(kept is null ? allowance.Take(id, address) : allowance.TakeKnown(id)))
            return TooMany;
        if (await outbound.GetDocument(id, CancellationToken.None) is not { } fetched || !ClientDocument.IsAbout(id, fetched.Document))
            return Unreadable;
        using var scope = scopes.CreateScope();
        if (ClientDocument.Read(id, fetched.Document, out var objection) is not { } document || (objection = await Objection(document, scope)) is not null)
        {
            NotFit(id, objection!);
            return Refuse($"The document at its client_id does not describe an app that can be served: {objection}");
        }

        var now = time.GetUtcNow();
        var freshUntil = now + (fetched.MaxAge ?? Usual) switch
        {
            var age when age < Shortest => Shortest,
            var age when age > Longest => Longest,
            var age => age,
        };
        return new Result.Found(kept is null ? await Hold(document, id, now, freshUntil) : await Update(document, kept, now, freshUntil, scope));
    }

    private static async Task<string?> Objection(ClientDocument document, IServiceScope scope)
    {
        var rules = scope.ServiceProvider.GetRequiredService<ClientRules>();
        var validator = new InlineValidator<ClientDocument>();
        validator.RuleFor(it => it).CustomAsync((it, objections, ct) => rules.Check(it, it.Shape, objections, ct));
        return (await validator.ValidateAsync(document)).Errors is [var first, ..] ? first.ErrorMessage : null;
    }

    private async Task<Client> Hold(ClientDocument document, string id, DateTimeOffset now, DateTimeOffset freshUntil)
    {
        var client = document.ToClient(id, now, freshUntil);
        await directory.Open(client, CancellationToken.None);
        documents.Add(client, document);
        if (unkept.Count >= MostUnkept)
            unkept.Clear();
        return unkept[id] = client;
    }

    private async Task<Client> Update(ClientDocument document, Client kept, DateTimeOffset now, DateTimeOffset freshUntil, IServiceScope scope)
    {
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var row = await db.Clients.AsNoTracking().FirstOrDefaultAsync(client => client.Id == kept.Id);
        if (row is null) // removed a moment ago: as if it had never been here
            return await Hold(document, kept.Id, now, freshUntil);
        var changes = document.Changes(row).ToArray();
        string[] methods = [document.AuthenticationMethod];
        // What an administrator vouched for is not what became of it; new keys alone change nothing that was looked at.
        var verifiedAt = changes.Except(["jwks"]).Any() ? null : row.VerifiedAt;
        // Who has got tokens as one app shall not learn by them what people are called in another's sector.
        var ended = Subjects.Move(row, document.Settings, document.RedirectUris) ? 1 : 0;
        var updatedAt = changes is [] ? row.UpdatedAt : ManagedApps.After(row.UpdatedAt, now);
        // Another node that reads it at the same time writes once, and so does this one; what an administrator decided meanwhile stays.
        var isOurs = await db.Clients.Where(client => client.Id == row.Id && client.DocumentReadAt == row.DocumentReadAt && client.UpdatedAt == row.UpdatedAt).ExecuteUpdateAsync(set => set
            .SetProperty(client => client.Name, document.Name)
            .SetProperty(client => client.Kind, document.Kind)
            .SetProperty(client => client.AuthenticationMethods, methods)
            .SetProperty(client => client.GrantTypes, document.GrantTypes)
            .SetProperty(client => client.RedirectUris, document.RedirectUris)
            .SetProperty(client => client.PostLogoutRedirectUris, document.PostLogoutRedirectUris)
            .SetProperty(client => client.Scopes, document.NamedScopes)
            .SetProperty(client => client.HomepageUri, document.HomepageUri)
            .SetProperty(client => client.Settings, document.Settings)
            .SetProperty(client => client.VerifiedAt, verifiedAt)
            .SetProperty(client => client.TokenEpoch, client => client.TokenEpoch + ended)
            .SetProperty(client => client.UpdatedAt, updatedAt)
            .SetProperty(client => client.DocumentReadAt, now)
            .SetProperty(client => client.DocumentFreshUntil, freshUntil)) == 1;
        if (isOurs && changes is not [])
        {
            await scope.ServiceProvider.GetRequiredService<Logos>().Refresh(row.Id, CancellationToken.None);
            await scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(new("app's document changed", $"client:{row.Id}", row.OwnerId, string.Join(' ', changes)) { Actor = $"client:{row.Id}" }, CancellationToken.None);
        }

        directory.Forget(row.Id);
        return await directory.Find(row.Id, CancellationToken.None) ?? await Hold(document, row.Id, now, freshUntil);
    }

    private static Result.Refused Refuse(string explanation) => new(explanation, OAuthError.InvalidClient.Saying(Printable(explanation)));

    // RFC 6749 §5.2: error_description is printable ASCII without quote and backslash.
    private static string Printable(string text) => string.Concat(text.Select(character => character is '“' or '”' or '"' ? '\'' : character is >= ' ' and <= '~' and not '\\' ? character : '?'));

    [LoggerMessage(26, LogLevel.Information, "the document at {ClientId} describes no app that can be served: {Objection}")]
    private partial void NotFit(string clientId, string objection);
}
