using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signet.Infrastructure.Data;

/// <summary>What a person says of themselves beyond the name, by the names of OpenID Connect Core §5.1; kept as one JSON document.</summary>
internal sealed record PersonProfile
{
    public string? GivenName { get; init; }
    public string? FamilyName { get; init; }
    public string? MiddleName { get; init; }
    public string? Nickname { get; init; }
    public string? PreferredUsername { get; init; }

    /// <summary>Web addresses, https alone.</summary>
    public string? Profile { get; init; }
    public string? Picture { get; init; }
    public string? Website { get; init; }
    public string? Gender { get; init; }

    /// <summary>YYYY-MM-DD, 0000-MM-DD without the year, or YYYY alone.</summary>
    public string? Birthdate { get; init; }

    /// <summary>A name of the time zone database, such as Europe/Paris.</summary>
    public string? Zoneinfo { get; init; }

    /// <summary>A BCP 47 tag, such as en-GB.</summary>
    public string? Locale { get; init; }

    /// <summary>E.164: + and digits.</summary>
    public string? PhoneNumber { get; init; }
    public PostalAddress? Address { get; init; }

    /// <summary>When the person last changed any of it, or the name; null until then.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Reads what <see cref="ToString"/> wrote; nothing is an empty profile.</summary>
    public static PersonProfile Parse(string json) => json.Length == 0 ? new() : JsonSerializer.Deserialize(json, PersonProfileJson.Default.PersonProfile) ?? new();

    /// <summary>The document, as it is kept.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, PersonProfileJson.Default.PersonProfile);
}

/// <summary>Where a person gets mail, in the parts of OpenID Connect Core §5.1.1.</summary>
internal sealed record PostalAddress
{
    /// <summary>One line or several.</summary>
    public string? StreetAddress { get; init; }
    public string? Locality { get; init; }
    public string? Region { get; init; }
    public string? PostalCode { get; init; }
    public string? Country { get; init; }

    [JsonIgnore] public bool IsEmpty => this == new PostalAddress();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PersonProfile))]
internal sealed partial class PersonProfileJson : JsonSerializerContext;
