namespace Signet.Infrastructure.OAuth;

/// <summary>What an administrator says about an API, when adding it and later.</summary>
internal interface IApiMetadata
{
    string? Name { get; }
    ApiScope[] Scopes { get; }
    ApiDetailsType[] DetailsTypes { get; }
    TimeSpan? AccessTokenLifetime { get; }

    /// <summary>Where developers read how to use it.</summary>
    string? DocumentationUri { get; }
}

/// <summary>A scope of an API and what consent pages say of it; without words of its own it is described by its name.</summary>
internal sealed record ApiScope
{
    public string? Name { get; init => field = value?.Trim(); }
    public string? Description { get; init => field = DisplayName.Clean(value); }

    /// <summary>Without the empty rows that a form sends along.</summary>
    public static ApiScope[] Given(ApiScope?[]? scopes) =>
        [.. (scopes ?? []).OfType<ApiScope>().Where(scope => scope is not { Name: null or "", Description: null or "" })];

    public ResourceScope Row(Resource api) => new()
    {
        ResourceId = api.Id,
        Name = Name!,
        Description = string.IsNullOrEmpty(Description) ? Name! : Description,
    };
}

/// <summary>A type of <c>authorization_details</c> (RFC 9396 §2) and what consent pages say of it; without words of its own it is described by its name.</summary>
internal sealed record ApiDetailsType
{
    public string? Name { get; init => field = value?.Trim(); }
    public string? Description { get; init => field = DisplayName.Clean(value); }

    /// <summary>Without the empty rows that a form sends along.</summary>
    public static ApiDetailsType[] Given(ApiDetailsType?[]? types) =>
        [.. (types ?? []).OfType<ApiDetailsType>().Where(type => type is not { Name: null or "", Description: null or "" })];

    public static DetailsType[] Rows(ApiDetailsType[] types) =>
        [.. types.Select(type => new DetailsType(type.Name!, string.IsNullOrEmpty(type.Description) ? type.Name! : type.Description))];
}

/// <summary>What every API must satisfy. Each objection names its field and what to do.</summary>
internal sealed class ApiRules(IOptions<SignetOptions> options, IOptions<LifetimeOptions> lifetimes)
{
    private const int MostScopes = 200;
    private const int MostDetailsTypes = 50;
    private const int LongestDescription = 200;
    private const int LongestAudience = 512;

    public void Check<T>(IApiMetadata api, ValidationContext<T> objections)
    {
        if (string.IsNullOrEmpty(api.Name) || api.Name.Length > DisplayName.Longest)
            objections.AddFailure(nameof(api.Name), $"Give the API a name of 1 to {DisplayName.Longest} characters.");
        if (api.Scopes.Length > MostScopes)
            objections.AddFailure(nameof(api.Scopes), $"There are {api.Scopes.Length} scopes; {MostScopes} is the most.");
        foreach (var message in api.Scopes.Take(MostScopes).Select(Objection).OfType<string>())
            objections.AddFailure(nameof(api.Scopes), message);
        if (api.Scopes.GroupBy(scope => scope.Name).FirstOrDefault(scopes => scopes.Count() > 1)?.Key is { } twice)
            objections.AddFailure(nameof(api.Scopes), $"The scope “{twice}” is listed twice; remove one.");
        if (api.DetailsTypes.Length > MostDetailsTypes)
            objections.AddFailure(nameof(api.DetailsTypes), $"There are {api.DetailsTypes.Length} types of details; {MostDetailsTypes} is the most.");
        if (api.DetailsTypes.Any(type => type.Name is not { } name || !Scopes.IsToken(name) || type.Description?.Length > LongestDescription))
            objections.AddFailure(nameof(api.DetailsTypes), $"A type of details is 1 to 128 printable ASCII characters without spaces, quotes and backslashes, such as payment_initiation, with a description of at most {LongestDescription}.");
        if (api.DetailsTypes.GroupBy(type => type.Name).FirstOrDefault(types => types.Count() > 1)?.Key is { } again)
            objections.AddFailure(nameof(api.DetailsTypes), $"The type “{again}” is listed twice; remove one.");
        if (api.DocumentationUri is { } documentation && Outbound.OutboundClient.Objection(documentation) is not null)
            objections.AddFailure(nameof(api.DocumentationUri), "The documentation must be at an https address such as https://api.example.com/docs.");
        if (ClientRules.Objection(api.AccessTokenLifetime, lifetimes.Value.AccessTokenMaximum) is { } lifetime)
            objections.AddFailure(nameof(api.AccessTokenLifetime), $"The access token lifetime {lifetime}");
    }

    /// <summary>RFC 8707 §2: an absolute URI without fragment. Signet's own audience is not to be had.</summary>
    public string? AudienceObjection(string? audience)
    {
        if (string.IsNullOrEmpty(audience) || audience.Length > LongestAudience || audience.Any(character => character is <= ' ' or > '~' or '"' or '<' or '>' or '\\')
            || !Uri.TryCreate(audience, UriKind.Absolute, out var uri) || !audience.StartsWith(uri.Scheme + ":", StringComparison.Ordinal) || uri.UserInfo.Length > 0)
            return "The audience must be an absolute URI in ASCII that names the API, for example https://api.example.com/notes.";
        if (audience.Contains('#', StringComparison.Ordinal))
            return "The audience may not have a fragment (#…); remove it.";
        return audience.TrimEnd('/') == options.Value.Issuer ? "This audience is Signet's own; choose the API's own address." : null;
    }

    /// <summary>What a form's minutes are; what is out of every range stays out of range, for the rules to say.</summary>
    public static TimeSpan? Minutes(double? minutes) =>
        minutes is { } given ? TimeSpan.FromSeconds(double.IsFinite(given) ? Math.Round(Math.Clamp(given * 60, -1, int.MaxValue)) : -1) : null;

    /// <summary>The client as which an API proves itself at introspection; it is given no tokens.</summary>
    public static Client Credentials(string name, DateTimeOffset now) => new()
    {
        Id = OpaqueValue.Random(ClientIds.RandomLength),
        Name = name,
        Kind = ClientKind.Api,
        AuthenticationMethods = [ClientAuthenticationMethods.Basic, ClientAuthenticationMethods.Post],
        GrantTypes = [],
        CreatedAt = now,
        UpdatedAt = now,
        TokenEpoch = now.ToUnixTimeMilliseconds(),
    };

    private static string? Objection(ApiScope scope) => scope switch
    {
        { Name: null or "" } => $"Give the scope “{scope.Description}” a name such as notes.read.",
        { Name: var name } when !Scopes.IsToken(name) => "A scope is 1 to 128 printable ASCII characters without spaces, quotes and backslashes, such as notes.read.",
        { Name: var name } when Scopes.OfSignet.ContainsKey(name) => $"The scope “{name}” is Signet's own; choose another name.",
        { Description.Length: > LongestDescription } => $"Shorten the description of “{scope.Name}” to {LongestDescription} characters.",
        _ => null,
    };
}
