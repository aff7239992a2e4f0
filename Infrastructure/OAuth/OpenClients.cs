namespace Signet.Infrastructure.OAuth;

/// <summary>What a client may have that nobody here registered: people's own consent, each time, and nothing that carries rights over this installation.</summary>
internal static class OpenClients
{
    /// <summary>Grants that begin with a person at a browser here.</summary>
    public static readonly string[] Grants = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken];

    /// <summary>The scopes that such a client may ask for: those about the person, and those of the APIs.</summary>
    public static string[] ScopesOf(IEnumerable<Resource> apis) =>
        [.. Scopes.AboutPeople.Concat(apis.SelectMany(api => api.Scopes).Select(scope => scope.Name)).Distinct(StringComparer.Ordinal).Except(ClientRules.Powerful)];

    /// <summary>What a request without <c>scope</c> asks for (RFC 6749 §3.3): what the client's document names; else the APIs' scopes, where it names the APIs that it means, and who the person is where it does not.</summary>
    public static IEnumerable<string> DefaultScopes(Client client, bool namesApis) => client switch
    {
        { HasOpenScopes: false } => client.Scopes.Where(scope => scope != Scopes.OfflineAccess),
        _ when namesApis => client.Scopes.Except(Scopes.AboutPeople),
        _ => [Scopes.OpenId],
    };

    /// <summary>
    /// Those that no administrator has decided on and that no person has allowed anything. What such a client does by itself makes
    /// it no less one. One that is disabled stays, for a ban that is forgotten is none.
    /// </summary>
    public static IQueryable<Client> ThatNobodyAllowed(this IQueryable<Client> clients, AppDbContext db) => clients.Where(client =>
        client.Origin != ClientOrigin.Managed && client.VerifiedAt == null && client.DisabledAt == null && client.OwnerId == null
        && !db.Consents.Any(consent => consent.ClientId == client.Id) && !db.Grants.Any(grant => grant.ClientId == client.Id));

    /// <summary>Those of them that hold nothing and wait for nobody either.</summary>
    public static IQueryable<Client> ThatNobodyUses(this IQueryable<Client> clients, AppDbContext db) => clients.ThatNobodyAllowed(db).Where(client =>
        !db.PushedRequests.Any(pushed => pushed.ClientId == client.Id) && !db.Tokens.Any(token => token.ClientId == client.Id)
        && !db.PendingAuthorizations.Any(pending => pending.ClientId == client.Id));
}
