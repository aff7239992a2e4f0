namespace Signet.Infrastructure.OAuth;

/// <summary>Which APIs a token is for: <c>resource</c> (RFC 8707) and the scopes decide it.</summary>
internal sealed class Audiences(ClientDirectory directory, IOptions<SignetOptions> options)
{
    public string Issuer => options.Value.Issuer;

    public abstract record Result
    {
        public sealed record Resolved(string[] Scopes, string[] Audiences) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    /// <summary>
    /// Without <paramref name="resources"/> the audience is every API that knows one of the scopes, and the issuer for Signet's own scopes.
    /// With them it is exactly those, and scopes of other APIs fall away (RFC 8707 §2.2).
    /// </summary>
    public async ValueTask<Result> Resolve(string[] scopes, string[] resources, CancellationToken ct)
    {
        var known = await directory.Resources(ct);
        resources = Named(resources, known);
        if (scopes.FirstOrDefault(scope => !Scopes.OfSignet.ContainsKey(scope) && !known.Any(api => Knows(api, scope))) is { } unknown)
            return new Result.Refused(OAuthError.InvalidScope.Saying($"The scope {unknown} does not exist here."));
        if (resources.FirstOrDefault(resource => resource != Issuer && known.All(api => api.Audience != resource)) is not null)
            return new Result.Refused(OAuthError.InvalidTarget);

        if (resources is [])
        {
            var audiences = known.Where(api => scopes.Any(scope => Knows(api, scope))).Select(api => api.Audience).ToList();
            if (audiences is [] || scopes.Any(Scopes.OfSignet.ContainsKey))
                audiences.Add(Issuer);
            return new Result.Resolved(scopes, [.. audiences]);
        }

        var chosen = known.Where(api => resources.Contains(api.Audience)).ToArray();
        // An API that tells rights apart gets no token without one: many check the audience alone.
        if (chosen.Any(api => api.Scopes.Count > 0 && !scopes.Any(scope => Knows(api, scope))))
            return new Result.Refused(OAuthError.InvalidTarget.Saying("The request has no scope of one of the resources; ask for a scope of it too."));
        var kept = scopes.Where(scope => Scopes.OfSignet.ContainsKey(scope) || chosen.Any(api => Knows(api, scope))).ToArray();
        return new Result.Resolved(kept, resources.Distinct(StringComparer.Ordinal).ToArray());
    }

    /// <summary>What a grant covers: as <see cref="Resolve"/>, and the issuer too where Signet's own scopes are asked for, so that UserInfo works beside an API.</summary>
    public async ValueTask<Result> OfGrant(string[] scopes, string[] resources, CancellationToken ct)
    {
        var result = await Resolve(scopes, resources, ct);
        return result is Result.Resolved resolved && resolved.Scopes.Any(Scopes.OfSignet.ContainsKey)
            ? resolved with { Audiences = [.. resolved.Audiences.Union([Issuer])] }
            : result;
    }

    // RFC 3986 §6.2.3: an address without a path and the same with "/" are one, and many a client's library writes the second.
    private string[] Named(string[] resources, Resource[] known)
    {
        string? Known(string resource) => resource == Issuer || known.Any(api => api.Audience == resource) ? resource : null;
        return resources is [] ? resources : [.. resources.Select(resource => Known(resource)
            ?? (Uri.TryCreate(resource, UriKind.Absolute, out var uri) && uri is { PathAndQuery: "/", Scheme: "https" or "http" } ? Known(resource.EndsWith('/') ? resource[..^1] : resource + "/") : null)
            ?? resource)];
    }

    /// <summary>
    /// What one token of a grant covers: the grant's own audiences, or those among them that <c>resource</c> names
    /// (RFC 8707 §2.2), and of <paramref name="scopes"/> the ones that belong there. Details are for the APIs that know their types.
    /// </summary>
    public async ValueTask<Result> OfToken(string[] scopes, string[] granted, string[] resources, AuthorizationDetails? details, CancellationToken ct)
    {
        resources = Named(resources, await directory.Resources(ct));
        if (resources.Except(granted).Any())
            return new Result.Refused(OAuthError.InvalidTarget);
        if (await Resolve(scopes, resources, ct) is not Result.Resolved resolved)
            return new Result.Refused(OAuthError.InvalidScope);
        var ofDetails = details is null ? [] : await OfDetails(details, ct);
        var audiences = resources is []
            ? granted.Where(audience => resolved.Audiences.Contains(audience) || ofDetails.Contains(audience) || audience == Issuer).ToArray()
            : resolved.Audiences;
        return new Result.Resolved(resolved.Scopes, audiences is [] ? granted : audiences);
    }

    /// <summary>The APIs that know one of the types (RFC 9396 §2).</summary>
    public async ValueTask<string[]> OfDetails(AuthorizationDetails details, CancellationToken ct) =>
        [.. (await directory.Resources(ct)).Where(api => api.DetailsTypes.Any(known => details.Types.Contains(known.Name))).Select(api => api.Audience)];

    /// <summary>The details that a token for these audiences carries: no API learns what was allowed at another.</summary>
    public async ValueTask<AuthorizationDetails?> DetailsFor(AuthorizationDetails? details, string[] audiences, CancellationToken ct)
    {
        if (details is null)
            return null;
        var known = (await directory.Resources(ct)).Where(api => audiences.Contains(api.Audience)).SelectMany(api => api.DetailsTypes).Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        return details.Where(item => known.Contains(AuthorizationDetails.TypeOf(item)));
    }

    /// <summary>What a grant with details covers: as <see cref="OfGrant(string[], string[], CancellationToken)"/>, and the APIs that know the types.</summary>
    public async ValueTask<Result> OfGrant(Client client, string[] scopes, string[] resources, AuthorizationDetails details, CancellationToken ct)
    {
        var types = (await directory.Resources(ct)).SelectMany(api => api.DetailsTypes).Select(type => type.Name);
        if (details.Types.Except(types).Any())
            return new Result.Refused(OAuthError.InvalidAuthorizationDetails.Saying("authorization_details has a type that no API here knows."));
        if (details.Types.Except(client.Settings.AuthorizationDetailsTypes ?? []).Any())
            return new Result.Refused(OAuthError.InvalidAuthorizationDetails.Saying("The app is not registered for a type of authorization_details; add it to authorization_details_types first."));
        var audiences = await OfDetails(details, ct);
        resources = Named(resources, await directory.Resources(ct));
        if (resources is not [] && (await DetailsFor(details, resources, ct))?.Items.Count != details.Items.Count)
            return new Result.Refused(OAuthError.InvalidTarget.Saying("authorization_details has a type that none of the named resources knows."));
        var result = await OfGrant(scopes, resources, ct);
        return result is Result.Resolved resolved && resources is [] ? resolved with { Audiences = [.. resolved.Audiences.Union(audiences)] } : result;
    }

    /// <summary>The installation's lifetime; the client's overrides it, and the shortest of the APIs overrides both. Never above the upper bound.</summary>
    public async ValueTask<TimeSpan> AccessTokenLifetime(Client client, string[] audiences, LifetimeOptions lifetimes, CancellationToken ct)
    {
        var lifetime = client.AccessTokenLifetime ?? lifetimes.AccessToken;
        var ofApis = (await directory.Resources(ct)).Where(api => api.AccessTokenLifetime is not null && audiences.Contains(api.Audience)).ToArray();
        if (ofApis is not [])
            lifetime = ofApis.Min(api => api.AccessTokenLifetime!.Value);
        return lifetime < lifetimes.AccessTokenMaximum ? lifetime : lifetimes.AccessTokenMaximum;
    }

    private static bool Knows(Resource api, string scope) => api.Scopes.Any(known => known.Name == scope);
}
