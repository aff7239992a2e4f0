namespace Signet.Infrastructure.OAuth;

/// <summary>What a person or program may say about an app, at registration and later.</summary>
internal interface IClientMetadata
{
    string? Name { get; }
    string[] RedirectUris { get; }
    string[] PostLogoutRedirectUris { get; }
    string[]? Scopes { get; }
    TimeSpan? AccessTokenLifetime { get; }
    TimeSpan? RefreshTokenLifetime { get; }
    string? HomepageUri { get; }
    ClientSettings Settings { get; }
}

/// <summary>What else the rules look at, as it will be once the change is made.</summary>
internal sealed record ClientShape(ClientKind Kind, string[] Grants, string[] AuthenticationMethods)
{
    /// <summary>The grants that the app has already.</summary>
    public string[] Held { get; init; } = [];

    public RefreshRotation Rotation { get; init; }

    /// <summary>The settings that the app has already.</summary>
    public ClientSettings Kept { get; init; } = new();

    public bool IsPublic => AuthenticationMethods is [ClientAuthenticationMethods.None];
}

/// <summary>What the metadata of every app must satisfy, whichever way it came in. Each objection names its field and what to do.</summary>
internal sealed class ClientRules(ClientDirectory directory, ClientSettingsRules settingsRules, Caller caller, IOptions<LifetimeOptions> lifetimes)
{
    private const int MostUris = 50;
    private const int MostScopes = 200;
    private const int LongestUri = 2000;
    /// <summary>Scopes that carry rights over this installation.</summary>
    public static readonly string[] Powerful = [Scopes.AppsRead, Scopes.AppsWrite, Scopes.Admin];

    /// <summary>Whether a person proves once more who they are before an app gets these: an unlocked screen gives no rights over the installation.</summary>
    public static bool AskForProof(IEnumerable<string> scopes, Caller caller, DateTimeOffset now) =>
        scopes.Any(Powerful.Contains) && now - caller.ProvenAt > RecentSignInAttribute.Recent;

    public async Task Check<T>(IClientMetadata app, ClientShape shape, ValidationContext<T> objections, CancellationToken ct)
    {
        foreach (var (field, message) in Name(app).Concat(Grants(shape)).Concat(Uris(app, shape)).Concat(Homepage(app)).Concat(Lifetimes(app)))
            objections.AddFailure(field, message);
        foreach (var message in await Objections(app.Scopes ?? [], shape.Grants, ct))
            objections.AddFailure(nameof(app.Scopes), message);
        var detailsTypes = app.Settings.AuthorizationDetailsTypes is { } wanted ? wanted.Except((await directory.Resources(ct)).SelectMany(api => api.DetailsTypes).Select(type => type.Name)).ToArray() : [];
        if (detailsTypes is [var unknown, ..])
            objections.AddFailure("authorization_details_types", $"authorization_details_types has {Quote(unknown ?? "")}, which no API here knows; an administrator adds it with its API.");
        foreach (var (member, message) in await settingsRules.Objections(app.Settings, shape, app.RedirectUris, ct))
            objections.AddFailure(member, message);
        // A device gets its answer whatever the redirect URIs are, so they prove nothing of whose subjects it may know.
        if (app.Settings.IsPairwise && shape.Grants.Contains(GrantTypes.DeviceCode) && (app.RedirectUris is not [] || app.Settings.SectorIdentifierUri is not null) && !caller.IsAdmin)
            objections.AddFailure("subject_type", $"Only an administrator may give pairwise subjects of a host to an app with {GrantTypes.DeviceCode}; choose public, or leave that grant, or the redirect URIs and sector_identifier_uri, out.");
        foreach (var member in ClientSettingsRules.ForAdministrators.Where(member => !caller.IsAdmin && !app.Settings.HasSame(member, shape.Kept)))
            objections.AddFailure(member, $"Only an administrator may choose {member}; leave it as it is.");
    }

    private IEnumerable<(string, string)> Grants(ClientShape shape)
    {
        if (shape.Grants.Except(GrantTypes.All).Any())
            yield return (nameof(GrantTypes), $"Grants must be among {string.Join(", ", GrantTypes.All)}.");
        if (shape.Grants.Contains(GrantTypes.RefreshToken) && !GrantTypes.AreForPeople(shape.Grants))
            yield return (nameof(GrantTypes), $"The grant refresh_token goes with {string.Join(" or ", GrantTypes.ForPeople)}; add that or remove refresh_token.");
        if (shape.IsPublic && shape.Grants.Contains(GrantTypes.ClientCredentials))
            yield return (nameof(GrantTypes), "A public app has no secret, so it cannot use client_credentials (RFC 6749 section 4.4); make it confidential or remove that grant.");
        if (shape.IsPublic && shape.Grants.Contains(GrantTypes.Ciba))
            yield return (nameof(GrantTypes), $"A public app cannot use {GrantTypes.Ciba}; make it confidential or remove that grant.");
        // Whoever has it can find out which addresses have an account, and make people be asked.
        if (shape.Grants.Except(shape.Held).Contains(GrantTypes.Ciba) && !caller.IsAdmin)
            yield return (nameof(GrantTypes), $"Only an administrator may give an app {GrantTypes.Ciba}.");
        if (shape.IsPublic && shape.Grants.FirstOrDefault(GrantTypes.Confidential.Contains) is { } grant)
            yield return (nameof(GrantTypes), $"A public app cannot prove who it is, so it cannot use {grant}; make it confidential or remove that grant.");
        if (shape.AuthenticationMethods.Except(ClientAuthenticationMethods.All).Any())
            yield return ("AuthenticationMethod", $"The authentication method must be one of {string.Join(", ", ClientAuthenticationMethods.All)}.");
    }

    private static IEnumerable<(string, string)> Name(IClientMetadata app)
    {
        if (string.IsNullOrEmpty(app.Name))
            yield return (nameof(app.Name), "Give the app a name that people will recognise.");
        else if (app.Name.Length > DisplayName.Longest)
            yield return (nameof(app.Name), $"The name has {app.Name.Length} characters; shorten it to {DisplayName.Longest}.");
    }

    private static IEnumerable<(string, string)> Uris(IClientMetadata app, ClientShape shape)
    {
        var (kind, grants) = (shape.Kind, shape.Grants);
        if (app.RedirectUris is [] && grants.Contains(GrantTypes.AuthorizationCode))
            yield return (nameof(app.RedirectUris), "Add a redirect URI: the address of your app that people come back to, for example https://app.example.com/callback.");
        if (app.RedirectUris is not [] && !grants.Contains(GrantTypes.AuthorizationCode))
            yield return (nameof(app.RedirectUris), "Remove the redirect URIs: without the grant authorization_code nobody is sent back to this app.");
        foreach (var (field, uris) in new[] { (nameof(app.RedirectUris), app.RedirectUris), (nameof(app.PostLogoutRedirectUris), app.PostLogoutRedirectUris) })
        {
            if (uris.Length > MostUris)
            {
                yield return (field, $"There are {uris.Length} URIs; {MostUris} is the most.");
                continue;
            }

            foreach (var uri in uris)
            {
                if (RedirectUri.Objection(uri, kind) is { } objection)
                    yield return (field, $"{Quote(uri)} {objection}.");
            }
        }
    }

    private static IEnumerable<(string, string)> Homepage(IClientMetadata app)
    {
        if (app.HomepageUri is not { Length: > 0 } uri)
            yield break;
        if (uri.Length > LongestUri || uri.Any(character => character is <= ' ' or > '~') || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed)
            || parsed.Scheme is not ("https" or "http") || parsed.UserInfo.Length > 0)
            yield return (nameof(app.HomepageUri), "The homepage must be a web address such as https://app.example.com.");
    }

    private IEnumerable<(string, string)> Lifetimes(IClientMetadata app)
    {
        var limits = lifetimes.Value;
        if (Objection(app.AccessTokenLifetime, limits.AccessTokenMaximum) is { } access)
            yield return (nameof(app.AccessTokenLifetime), $"The access token lifetime {access}");
        if (Objection(app.RefreshTokenLifetime, limits.RefreshTokenAbsolute) is { } refresh)
            yield return (nameof(app.RefreshTokenLifetime), $"The refresh token lifetime {refresh}");
    }

    /// <summary>Why a lifetime is not one, or null.</summary>
    public static string? Objection(TimeSpan? lifetime, TimeSpan maximum) =>
        lifetime is { } given && (given < TimeSpan.FromSeconds(1) || given > maximum || given.Ticks % TimeSpan.TicksPerSecond != 0)
            ? $"must be whole seconds, from 1 to {maximum.TotalSeconds:0} (this installation's limit, {maximum:c}); leave it out for the default."
            : null;

    private async Task<List<string>> Objections(string[] scopes, string[] grants, CancellationToken ct)
    {
        if (scopes.Length > MostScopes)
            return [$"There are {scopes.Length} scopes; {MostScopes} is the most."];
        var objections = new List<string>();
        var known = (await directory.Resources(ct)).SelectMany(api => api.Scopes).Select(scope => scope.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var scope in scopes)
        {
            if (!Scopes.OfSignet.ContainsKey(scope) && !known.Contains(scope))
                objections.Add($"The scope {Quote(scope)} does not exist here; an administrator adds it with its API.");
            else if (scope == Scopes.Admin && !caller.IsAdmin)
                objections.Add($"Only an administrator may let an app ask for {scope}.");
            else if (Powerful.Contains(scope) && grants.Contains(GrantTypes.ClientCredentials) && !caller.IsAdmin)
                objections.Add($"Only an administrator may give {scope} to an app that acts for itself (client_credentials).");
        }

        return objections;
    }

    // What somebody typed, short enough to find it again.
    private static string Quote(string text) => text.Length <= 100 ? $"“{text}”" : $"“{text[..100]}…”";
}
