namespace Signet.Infrastructure.OAuth;

/// <summary>
/// A claim about a person (OpenID Connect Core §5.1): the scope that covers it (§5.4), and where its value is kept. One more line
/// in <see cref="All"/> is one more claim: in UserInfo, by the parameter <c>claims</c>, and in the metadata.
/// </summary>
internal sealed record UserClaim(string Name, string Scope, Func<User, object?> Value)
{
    public static readonly UserClaim[] All =
    [
        new("name", Scopes.Profile, user => user.Name),
        new("given_name", Scopes.Profile, user => user.Profile.GivenName),
        new("family_name", Scopes.Profile, user => user.Profile.FamilyName),
        new("middle_name", Scopes.Profile, user => user.Profile.MiddleName),
        new("nickname", Scopes.Profile, user => user.Profile.Nickname),
        new("preferred_username", Scopes.Profile, user => user.Profile.PreferredUsername),
        new("profile", Scopes.Profile, user => user.Profile.Profile),
        new("picture", Scopes.Profile, user => user.Profile.Picture),
        new("website", Scopes.Profile, user => user.Profile.Website),
        new("gender", Scopes.Profile, user => user.Profile.Gender),
        new("birthdate", Scopes.Profile, user => user.Profile.Birthdate),
        new("zoneinfo", Scopes.Profile, user => user.Profile.Zoneinfo),
        new("locale", Scopes.Profile, user => user.Profile.Locale),
        new("updated_at", Scopes.Profile, user => (user.Profile.UpdatedAt ?? user.CreatedAt).ToUnixTimeSeconds()),
        new("email", Scopes.Email, user => user.Email),
        new("email_verified", Scopes.Email, user => user.Email is null ? null : user.EmailConfirmed),
        new("address", Scopes.Address, user => user.Profile.Address is { IsEmpty: false } address ? Parts(address) : null),
        new("phone_number", Scopes.Phone, user => user.Profile.PhoneNumber),
        new("phone_number_verified", Scopes.Phone, user => user.Profile.PhoneNumber is null ? null : false), // nobody has called it
    ];

    /// <summary>The values that the person has, by name; what nothing is known of is left out (§5.3.2).</summary>
    public static Dictionary<string, object> Of(User user, Func<UserClaim, bool> isWanted) => All
        .Where(isWanted).Select(claim => (claim.Name, Value: claim.Value(user))).Where(claim => claim.Value is not null)
        .ToDictionary(claim => claim.Name, claim => claim.Value!);

    /// <summary>The claims that these scopes cover, and those that were asked for by name (§5.4, §5.5).</summary>
    public static Dictionary<string, object> Of(User user, string[] scopes, string[] requested) =>
        Of(user, claim => scopes.Contains(claim.Scope) || requested.Contains(claim.Name));

    // §5.1.1: the parts that are known, and all of them as they stand on an envelope.
    private static Dictionary<string, string> Parts(PostalAddress address)
    {
        var place = string.Join(' ', new[] { address.PostalCode, address.Locality }.OfType<string>());
        var lines = new[] { address.StreetAddress, place, address.Region, address.Country }.Where(line => !string.IsNullOrEmpty(line));
        return new (string Name, string? Value)[]
        {
            ("formatted", string.Join('\n', lines)), ("street_address", address.StreetAddress), ("locality", address.Locality),
            ("region", address.Region), ("postal_code", address.PostalCode), ("country", address.Country),
        }.Where(part => part.Value is not null).ToDictionary(part => part.Name, part => part.Value!);
    }
}
