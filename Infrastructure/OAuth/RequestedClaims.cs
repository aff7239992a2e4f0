using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signet.Infrastructure.OAuth;

internal static class UserClaimQueries
{
    /// <summary>These claims of a person, as they are now; asks nothing where there are none.</summary>
    public static async ValueTask<Dictionary<string, object>> ClaimsOf(this AppDbContext db, Guid userId, string[] names, CancellationToken ct) => names is []
        ? []
        : UserClaim.Of(await db.Users.AsNoTracking().SingleAsync(user => user.Id == userId, ct), claim => names.Contains(claim.Name));
}

/// <summary>How sure of the person a request wants us to be (<c>acr</c>); an essential wish that cannot be met is refused (§5.5.1.1).</summary>
internal sealed record AcrDemand(string[] Values, bool IsEssential)
{
    /// <summary>True where nothing that we can do would meet it.</summary>
    public bool IsHopeless => IsEssential && Values is not [] && !Values.Any(Assurance.All.Contains);

    /// <summary>Whether a person who proved themselves by these methods meets it; values that nobody here knows ask for nothing.</summary>
    public bool IsMetBy(string[] methods) => !Values.Any(Assurance.All.Contains) || Assurance.Among(Values, methods) is not null;
}

/// <summary>
/// The parameter <c>claims</c> (OpenID Connect Core §5.5): which claims an app wants one by one, in the ID token or at UserInfo.
/// What is not known here is ignored, as §5.5 has it; what is malformed is not read at all.
/// </summary>
internal sealed record RequestedClaims
{
    private const int Longest = 4 * 1024;
    private const int MostValues = 20;
    private const string IdTokenMember = "id_token";
    private const string UserInfoMember = "userinfo";
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public static readonly RequestedClaims None = new();

    /// <summary>The names of the claims about the person, for each place.</summary>
    public string[] IdToken { get; private init; } = [];
    public string[] UserInfo { get; private init; } = [];

    /// <summary>The person whom the answer must be about (§5.5.1: <c>sub</c> with a value); null for anyone.</summary>
    public string[]? Subjects { get; private init; }
    public AcrDemand? Acr { get; private init; }

    /// <summary>The scopes that cover the claims: a person who is asked for a claim is asked as for its scope.</summary>
    public IEnumerable<string> CoveringScopes => UserClaim.All.Where(claim => IdToken.Contains(claim.Name) || UserInfo.Contains(claim.Name)).Select(claim => claim.Scope).Distinct();

    /// <summary>Reads the parameter, or what <see cref="ToString"/> wrote; null for what is malformed.</summary>
    public static RequestedClaims? Parse(string? text)
    {
        if (text is null)
            return None;
        if (text.Length > Longest)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && Members(document.RootElement, IdTokenMember) is { } idToken && Members(document.RootElement, UserInfoMember) is { } userInfo ? Read(idToken, userInfo) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException) // the latter two for text that is not Unicode
        {
            return null;
        }
    }

    /// <summary>Without the claims whose scope the client is not registered for: a parameter gives it no more than a scope would.</summary>
    public RequestedClaims For(Client client)
    {
        bool IsOpen(string name) => UserClaim.All.Any(claim => claim.Name == name && client.Scopes.Contains(claim.Scope));
        return this with { IdToken = [.. IdToken.Where(IsOpen)], UserInfo = [.. UserInfo.Where(IsOpen)] };
    }

    /// <summary>With what <c>acr_values</c> asks for, unless the claim <c>acr</c> asks already.</summary>
    public RequestedClaims Asking(AcrDemand? voluntary) => this with { Acr = Acr is { Values: not [] } ? Acr : voluntary ?? Acr };

    /// <summary>The <c>acr</c> of an ID token: of the values that were asked for the one that holds, or how it is.</summary>
    public string AcrOf(string[] methods) => Assurance.Among(Acr?.Values ?? [], methods) ?? Assurance.Of(methods);

    /// <summary>The JSON that is kept with an authorization: always the same for the same wishes; null where there are none that an answer depends on.</summary>
    public string? ToStored()
    {
        var idToken = Object(IdToken);
        if (Acr?.Values.Where(Assurance.All.Contains).ToArray() is { Length: > 0 } known)
            idToken["acr"] = new JsonObject { ["values"] = new JsonArray([.. known.Select(value => (JsonNode)value)]) };
        var stored = new JsonObject();
        if (idToken.Count > 0)
            stored[IdTokenMember] = idToken;
        if (UserInfo is not [])
            stored[UserInfoMember] = Object(UserInfo);
        return stored.Count == 0 ? null : stored.ToJsonString();
    }

    private static JsonObject Object(string[] names) => new(names.Order(StringComparer.Ordinal).Select(name => KeyValuePair.Create(name, (JsonNode?)null)));

    private static RequestedClaims? Read(Dictionary<string, Wish> idToken, Dictionary<string, Wish> userInfo)
    {
        var subjects = new[] { idToken, userInfo }.Select(place => place.GetValueOrDefault("sub")?.Values).OfType<string[]>().Where(values => values is not []).ToArray();
        return new RequestedClaims
        {
            IdToken = Known(idToken),
            UserInfo = Known(userInfo),
            Subjects = subjects is [] ? null : subjects.Aggregate((one, other) => [.. one.Intersect(other)]),
            Acr = idToken.TryGetValue("acr", out var acr) ? new AcrDemand(acr.Values, acr.IsEssential) : null,
        };
    }

    private static string[] Known(Dictionary<string, Wish> place) => [.. UserClaim.All.Select(claim => claim.Name).Where(place.ContainsKey)];

    private sealed record Wish(bool IsEssential, string[] Values);

    private static Dictionary<string, Wish>? Members(JsonElement claims, string member)
    {
        var read = new Dictionary<string, Wish>(StringComparer.Ordinal);
        if (!claims.TryGetProperty(member, out var place) || place.ValueKind == JsonValueKind.Null)
            return read;
        if (place.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var claim in place.EnumerateObject())
        {
            if (Wished(claim.Value) is not { } wish)
                return null;
            read[claim.Name] = wish;
        }

        return read;
    }

    private static Wish? Wished(JsonElement wish)
    {
        if (wish.ValueKind == JsonValueKind.Null)
            return new Wish(IsEssential: false, []);
        if (wish.ValueKind != JsonValueKind.Object)
            return null;
        var isEssential = wish.TryGetProperty("essential", out var essential);
        if (isEssential && essential.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            return null;
        var values = new List<string>();
        if (wish.TryGetProperty("value", out var value))
            values.Add(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        if (wish.TryGetProperty("values", out var several))
        {
            if (several.ValueKind != JsonValueKind.Array || several.GetArrayLength() > MostValues)
                return null;
            values.AddRange(several.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString()! : one.GetRawText()));
        }

        return new Wish(isEssential && essential.GetBoolean(), [.. values]);
    }
}
