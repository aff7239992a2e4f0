using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure;

/// <summary>Who may make an account.</summary>
internal enum UserRegistration { Open, Invite, Closed }

/// <summary>Who may register apps.</summary>
internal enum AppRegistration { Admins, Users }

/// <summary>Which programs may register themselves (RFC 7591): none, those that show an initial access token, or any.</summary>
internal enum DynamicRegistration { Off, Token, Open }
/// <summary>Whether an app may be the one that the document at its <c>client_id</c> describes (OAuth Client ID Metadata Document).</summary>
internal enum ClientIdDocuments { Off, On }

/// <summary>Which apps must use PKCE, unless one is registered to do without: all, or those that have no way to prove who they are.</summary>
internal enum RequirePkce { Everyone, PublicApps }

/// <summary>Who must have a second factor.</summary>
internal enum RequireTwoFactor { Nobody, Admins, Everyone }

/// <summary>The section <c>Signet</c>: what is true of the whole installation.</summary>
internal sealed class SignetOptions : IValidatableObject
{
    public const string Section = "Signet";

    /// <summary>The issuer (RFC 8414 §2): an https URL without query and fragment; in links, <c>iss</c> and metadata. Required outside Development.</summary>
    [Required(ErrorMessage = "Signet:Issuer is required: the https address that people and apps reach Signet at, for example https://id.example.com.")]
    public string Issuer { get; set; } = "";

    /// <summary>Where the embedded database and the Development certificate live.</summary>
    public string DataDirectory { get; init; } = "data";
    public RegistrationOptions Registration { get; init; } = new();
    public RequireTwoFactor RequireTwoFactor { get; init; }
    public RequirePkce RequirePkce { get; init; }
    public LifetimeOptions Lifetimes { get; init; } = new();
    public KeyOptions Keys { get; init; } = new();
    public JobOptions Jobs { get; init; } = new();
    public OAuth.Dpop.DpopOptions Dpop { get; init; } = new();
    public OutboundOptions Outbound { get; init; } = new();

    public OAuth.MutualTlsOptions MutualTls { get; init; } = new();

    /// <summary>A PEM file with the authorities that vouch for certificates of clients (<c>tls_client_auth</c>), with those between them and the clients; without it, the system's.</summary>
    public string? ClientCertificateAuthorities { get; init; }

    /// <summary>For how long a node that is told to end serves on, after it has said that it is not ready.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20", ErrorMessage = "Signet:ShutdownDelay must be between 00:00:00 and 00:00:20.")]
    public TimeSpan ShutdownDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>True when a person must have a second factor.</summary>
    public bool DemandsTwoFactor(bool isAdmin) => RequireTwoFactor switch
    {
        RequireTwoFactor.Everyone => true,
        RequireTwoFactor.Admins => isAdmin,
        _ => false,
    };

    /// <summary>True when an authorization request of this app must carry a challenge (RFC 9700 §2.1.1, FAPI 2.0 Security Profile §5.3.2.2).</summary>
    public bool DemandsPkce(Client client) =>
        client.IsPublic || client.Settings.IsFapi || (RequirePkce == RequirePkce.Everyone && !client.Settings.PkceOptional);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Registration.Objections().Concat(Lifetimes.Objections()).Concat(Keys.Objections()).Concat(Jobs.Objections()).Concat(MutualTls.Objections())
        .Select(objection => new ValidationResult(objection));

    /// <summary>A link to a path of this installation, from the configured issuer and never from a request.</summary>
    public string Url(string path) => Issuer + path;

    /// <summary>The same path at every address that the metadata gives for it: the issuer's, and the one where certificates are asked for (RFC 8705 §5).</summary>
    public string[] Urls(string path) => MutualTls.Url(path) is { } alias ? [Url(path), alias] : [Url(path)];
}

internal sealed class RegistrationOptions
{
    public UserRegistration Users { get; init; }
    public AppRegistration Apps { get; init; } = AppRegistration.Users;
    public DynamicRegistration Dynamic { get; init; }

    /// <summary>How many apps that registered themselves, and how many that a document describes and that pushed a request, may wait to be used by anybody; more are refused.</summary>
    public int MostUnusedApps { get; init; } = 1000;

    /// <summary>For how long apps wait that nobody here registered, before they are removed.</summary>
    public TimeSpan UnusedAppsKeptFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Who may vouch for software (RFC 7591 §2.3).</summary>
    public StatementIssuer[] SoftwareStatements { get; init; } = [];

    /// <summary>No app registers itself without a software statement.</summary>
    public bool RequireSoftwareStatement { get; init; }

    public ClientIdDocuments Documents { get; init; }

    /// <summary>The hosts whose documents count, with the port where it is not 443; none for any host.</summary>
    public string[] DocumentHosts { get; init; } = [];

    /// <summary>Whether a client of this id may come from a document here.</summary>
    public bool ServesDocument(string clientId) =>
        Documents == ClientIdDocuments.On && ClientIds.IsDocument(clientId) && (DocumentHosts is [] || DocumentHosts.Contains(ClientIds.HostOf(clientId), StringComparer.OrdinalIgnoreCase));

    /// <summary>What is wrong with them, in sentences.</summary>
    public IEnumerable<string> Objections() => SoftwareStatements.Select((issuer, index) => issuer.Objection($"Signet:Registration:SoftwareStatements:{index}"))
        .Append(Bounds.Objection("Signet:Registration:MostUnusedApps", MostUnusedApps, 0, 1_000_000))
        .Append(Bounds.Objection("Signet:Registration:UnusedAppsKeptFor", UnusedAppsKeptFor, TimeSpan.FromHours(1), TimeSpan.FromDays(3660)))
        .Append(RequireSoftwareStatement && SoftwareStatements is [] ? "Signet:Registration:RequireSoftwareStatement is set, but Signet:Registration:SoftwareStatements names no issuer of them." : null)
        .Concat(DocumentHosts.Where(host => !ClientIds.IsDocument($"https://{host}/x") || ClientIds.HostOf($"https://{host}/x") != host)
            .Select(host => $"Signet:Registration:DocumentHosts has “{host}”; each must be a lower-case host name such as app.example.com, with a port where it is not 443."))
        .OfType<string>();
}

/// <summary>An issuer of software statements: its <c>iss</c>, and its keys as a JSON text or where they are published.</summary>
internal sealed class StatementIssuer
{
    public string Issuer { get; init; } = "";
    public string? Jwks { get; init; }
    public string? JwksUri { get; init; }

    /// <summary>The key set that was given by value.</summary>
    internal JsonElement? Keys => Jwks is { Length: > 0 } text ? JsonElement.Parse(text) : null;

    public string? Objection(string setting)
    {
        if (Issuer.Length == 0 || Jwks is { Length: > 0 } == JwksUri is { Length: > 0 })
            return $"{setting} needs Issuer, and Jwks or JwksUri.";
        if (JwksUri is { Length: > 0 } uri)
            return OutboundClient.Objection(uri) is { } objection ? $"{setting}:JwksUri {objection}." : null;
        try
        {
            return Jose.JwkSet.Objection(Keys!.Value) is { } wrong ? $"{setting}:Jwks: {wrong}" : null;
        }
        catch (JsonException)
        {
            return $"{setting}:Jwks is not JSON.";
        }
    }
}

/// <summary>How long things live. Apps and APIs may shorten or lengthen their own within the upper bounds here.</summary>
internal sealed class LifetimeOptions
{
    public TimeSpan AccessToken { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>No access token lives longer, whatever an app or an API says.</summary>
    public TimeSpan AccessTokenMaximum { get; init; } = TimeSpan.FromDays(1);
    public TimeSpan IdToken { get; init; } = TimeSpan.FromMinutes(15);
    public TimeSpan AuthorizationCode { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For how long a person can decide on what a device or a backchannel request (CIBA) asks.</summary>
    public TimeSpan DeviceCode { get; init; } = TimeSpan.FromMinutes(10);
    public TimeSpan RefreshTokenSliding { get; init; } = TimeSpan.FromDays(14);

    /// <summary>No refresh token lives longer, however often it is used.</summary>
    public TimeSpan RefreshTokenAbsolute { get; init; } = TimeSpan.FromDays(90);

    /// <summary>For how long a refresh token that was just replaced still gets the same successor.</summary>
    public TimeSpan RefreshReuseWindow { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan PersonalTokenMaximum { get; init; } = TimeSpan.FromDays(366);
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(12);
    public TimeSpan SessionAbsolute { get; init; } = TimeSpan.FromDays(14);
    public TimeSpan RememberedBrowser { get; init; } = TimeSpan.FromDays(30);

    /// <summary>What is wrong with them, in sentences.</summary>
    public IEnumerable<string> Objections()
    {
        (string Name, TimeSpan Value, TimeSpan Low, TimeSpan High)[] bounds =
        [
            (nameof(AccessToken), AccessToken, TimeSpan.FromSeconds(1), AccessTokenMaximum),
            (nameof(AccessTokenMaximum), AccessTokenMaximum, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
            (nameof(IdToken), IdToken, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            (nameof(AuthorizationCode), AuthorizationCode, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            (nameof(DeviceCode), DeviceCode, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(30)),
            (nameof(RefreshTokenSliding), RefreshTokenSliding, TimeSpan.FromSeconds(1), RefreshTokenAbsolute),
            (nameof(RefreshTokenAbsolute), RefreshTokenAbsolute, TimeSpan.FromSeconds(1), TimeSpan.FromDays(3660)),
            (nameof(RefreshReuseWindow), RefreshReuseWindow, TimeSpan.Zero, TimeSpan.FromMinutes(5)),
            (nameof(PersonalTokenMaximum), PersonalTokenMaximum, TimeSpan.FromHours(1), TimeSpan.FromDays(3660)),
            (nameof(SessionIdle), SessionIdle, TimeSpan.FromSeconds(1), SessionAbsolute),
            (nameof(SessionAbsolute), SessionAbsolute, TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)),
            (nameof(RememberedBrowser), RememberedBrowser, TimeSpan.Zero, TimeSpan.FromDays(366)),
        ];
        return bounds.Select(bound => Bounds.Objection($"Signet:Lifetimes:{bound.Name}", bound.Value, bound.Low, bound.High)).OfType<string>();
    }
}

/// <summary>How signing keys follow one another.</summary>
internal sealed class KeyOptions
{
    /// <summary>For how long one key signs.</summary>
    public TimeSpan RotationPeriod { get; init; } = TimeSpan.FromDays(90);

    /// <summary>For how long a new key is published before it signs; longer than APIs cache the key set.</summary>
    public TimeSpan PublishAhead { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Keys that operators keep themselves, in PEM or PKCS#12 files: oldest first, the same on every node. Algorithms without one have keys in the database.</summary>
    public Tokens.KeyFileOptions[] Files { get; init; } = [];

    /// <summary>What is wrong with them, in sentences.</summary>
    public IEnumerable<string> Objections() => ((string?[])
    [
        Bounds.Objection("Signet:Keys:RotationPeriod", RotationPeriod, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3660)),
        Bounds.Objection("Signet:Keys:PublishAhead", PublishAhead, TimeSpan.Zero, RotationPeriod),
    ]).OfType<string>();
}

internal sealed class JobOptions
{
    /// <summary>How many jobs this node runs at once; 0 leaves the jobs to other nodes.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>What is wrong with them, in sentences.</summary>
    public IEnumerable<string> Objections() => Bounds.Objection("Signet:Jobs:Workers", Workers, 0, 20) is { } objection ? [objection] : [];
}

internal static class Bounds
{
    /// <summary>The sentence for a setting that is out of its bounds, or null.</summary>
    public static string? Objection<T>(string setting, T value, T low, T high) where T : IComparable<T> =>
        value.CompareTo(low) < 0 || value.CompareTo(high) > 0 ? $"{setting} is {value}; it must be between {low} and {high}." : null;
}

/// <summary>Reads the settings once and refuses to start with a bad one.</summary>
internal static class Settings
{
    public static IServiceCollection AddSettings(this IServiceCollection services, IHostEnvironment environment)
    {
        services.AddOptions<SignetOptions>().BindConfiguration(SignetOptions.Section)
            .Configure<IConfiguration>((_, configuration) => RefuseUnknown(configuration.GetSection(SignetOptions.Section), typeof(SignetOptions)))
            .PostConfigure(options =>
            {
                if (options.Issuer.Length == 0 && environment.IsDevelopment())
                    options.Issuer = "http://localhost:5080";
                options.Issuer = options.Issuer.TrimEnd('/');
            })
            .ValidateDataAnnotations()
            .Validate(options => IsIssuer(options.Issuer, environment.IsDevelopment()),
                "Signet:Issuer must be an https URL without path, query and fragment, for example https://id.example.com.")
            .ValidateOnStart();
        return services.AddSingleton(provider => Options.Create(provider.GetRequiredService<IOptions<SignetOptions>>().Value.Lifetimes));
    }

    // A setting with a slip in its name would otherwise silently leave the default in force.
    private static void RefuseUnknown(IConfigurationSection section, Type type)
    {
        foreach (var setting in section.GetChildren())
        {
            var property = type.GetProperty(setting.Key, BindingFlags.IgnoreCase | BindingFlags.Instance | BindingFlags.Public);
            if (property is null)
                throw new InvalidSetting($"{setting.Path} is no setting of this version. {type.Name.Replace("Options", "", StringComparison.Ordinal)} has {string.Join(", ", type.GetProperties().Select(known => known.Name))}.");
            if (property.PropertyType is { IsArray: true } list && list.GetElementType() is { IsClass: true } entry && entry != typeof(string))
                RefuseUnknownEntry(setting, entry);
            else if (property.PropertyType is { IsClass: true } nested && nested != typeof(string) && !nested.IsArray)
                RefuseUnknown(setting, nested);
        }
    }

    private static void RefuseUnknownEntry(IConfigurationSection list, Type type)
    {
        foreach (var entry in list.GetChildren())
        {
            RefuseUnknown(entry, type);
            _ = entry.Get(type); // the binder would leave an entry with a bad value out, and say nothing
        }
    }

    private static bool IsIssuer(string issuer, bool isDevelopment) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (isDevelopment && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;
}
