using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Signet.Infrastructure.Identity;

/// <summary>One entry of <c>ExternalProviders</c>: where else people may come from. Google, Microsoft and GitHub need no authority.</summary>
internal sealed class ExternalProvider
{
    /// <summary>Where a sign-in that failed ends; no provider is called so.</summary>
    public const string Failed = "failed";

    public string Name { get; init; } = "";
    public string Authority { get; init; } = "";
    public string ClientId { get; init; } = "";
    public string ClientSecret { get; init; } = "";
    public string[] Scopes { get; init; } = [];

    /// <summary>The name in URLs and in the database; two providers never share one.</summary>
    public string Key => string.Concat(Name.ToLowerInvariant().Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-'));

    public string Scheme => "external:" + Key;
    public string CallbackPath => $"/login/external/{Key}/callback";
    public bool IsGitHub => Key == "github" && Authority.Length == 0;

    /// <summary>Whether an issuer is this one; with or without a slash at its end, as providers write theirs.</summary>
    public bool Is(string? issuer) => issuer?.TrimEnd('/') == Issuer;

    public string Issuer => Authority.Length > 0 ? Authority.TrimEnd('/') : Key switch
    {
        "google" => "https://accounts.google.com",
        "microsoft" => "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", // personal accounts; a tenant of one's own is an authority of one's own
        "github" => "https://github.com",
        _ => throw new InvalidSetting($"ExternalProviders: '{Name}' needs an Authority, the https address of the OpenID provider. Only Google, Microsoft and GitHub are known by name."),
    };
}

/// <summary>Sign-in at other providers, by Microsoft's handlers. What they say goes to a short-lived cookie; only the doorway makes a session of it.</summary>
internal sealed class ExternalProviders(IReadOnlyList<ExternalProvider> all)
{
    public const string EmailVerified = "email_verified";
    private static readonly string[] Algorithms = ["RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public IReadOnlyList<ExternalProvider> All => all;

    public ExternalProvider? Find(string? key) => all.FirstOrDefault(provider => provider.Key == key);

    public static ExternalProviders Read(IConfiguration configuration)
    {
        var providers = configuration.GetSection("ExternalProviders").Get<ExternalProvider[]>() ?? [];
        foreach (var provider in providers)
        {
            if (provider.Name.Length == 0 || provider.ClientId.Length == 0 || provider.ClientSecret.Length == 0)
                throw new InvalidSetting("ExternalProviders: each entry needs Name, ClientId and ClientSecret.");
            if (!provider.Key.Any(char.IsAsciiLetterOrDigit) || provider.Key == ExternalProvider.Failed)
                throw new InvalidSetting($"ExternalProviders: '{provider.Name}' cannot be a Name: it is part of addresses. Use one with letters from a to z, other than '{ExternalProvider.Failed}'.");
            if (!Uri.TryCreate(provider.Issuer, UriKind.Absolute, out var uri)
                || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
                || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
                throw new InvalidSetting($"ExternalProviders: the Authority of '{provider.Name}' must be an https address without query and fragment.");
        }

        return providers.GroupBy(provider => provider.Key).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new InvalidSetting($"ExternalProviders: two entries have the name '{twice.Key}'.")
            : new ExternalProviders(providers);
    }

    public void AddTo(AuthenticationBuilder authentication)
    {
        foreach (var provider in all)
        {
            if (provider.IsGitHub)
                authentication.AddOAuth(provider.Scheme, provider.Name, options => UseGitHub(options, provider));
            else
                authentication.AddOpenIdConnect(provider.Scheme, provider.Name, options => UseOpenId(options, provider));
        }
    }

    private static void UseOpenId(OpenIdConnectOptions options, ExternalProvider provider)
    {
        UseCommon(options, provider);
        options.Authority = provider.Issuer;
        options.RequireHttpsMetadata = !new Uri(provider.Issuer).IsLoopback;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.RemoteSignOutPath = default; // the provider signs nobody out here, and its addresses are not ours to answer
        options.SignedOutCallbackPath = default;
        options.GetClaimsFromUserInfoEndpoint = true;
        options.ClaimActions.MapJsonKey("name", "name");
        options.ClaimActions.MapJsonKey("email", "email");
        options.ClaimActions.MapJsonKey(EmailVerified, EmailVerified, ClaimValueTypes.Boolean);
        options.TokenValidationParameters.ValidAlgorithms = Algorithms;
        // Metadata that speak for another issuer would make that one's keys and tokens good here (Discovery §4.3).
        options.Events.OnRedirectToIdentityProvider = async context =>
        {
            var metadata = await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
            if (!provider.Is(metadata.Issuer))
                throw new OpenIdConnectProtocolException($"The metadata is that of the issuer {metadata.Issuer}, and the authority is {provider.Issuer}.");
        };
        options.Events.OnMessageReceived = context =>
        {
            if (context.ProtocolMessage.Iss is { Length: > 0 } issuer && !provider.Is(issuer)) // RFC 9207 §2.4
                context.Fail("The answer is of another issuer.");
            return Task.CompletedTask;
        };
        options.Events.OnTokenValidated = context =>
        {
            // The handler takes an unsigned token that came over TLS, as OIDC Core §3.1.3.7 lets it. No provider worth having sends one.
            if (!Algorithms.Contains(context.SecurityToken.Header.Alg))
                context.Fail("The ID token is not signed.");
            else if (!provider.Is(context.SecurityToken.Issuer))
                context.Fail("The ID token is of another issuer.");
            return Task.CompletedTask;
        };
        options.Scope.Clear();
        foreach (var scope in provider.Scopes is [] ? ["openid", "profile", "email"] : provider.Scopes.Union(["openid"]))
            options.Scope.Add(scope);
        options.NonceCookie.Name = $"__Host-signet.nonce.{provider.Key}.";
        Harden(options.NonceCookie);
    }

    private static void UseGitHub(OAuthOptions options, ExternalProvider provider)
    {
        UseCommon(options, provider);
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.UsePkce = true;
        options.AuthorizationEndpoint = "https://github.com/login/oauth/authorize";
        options.TokenEndpoint = "https://github.com/login/oauth/access_token";
        options.UserInformationEndpoint = "https://api.github.com/user";
        foreach (var scope in provider.Scopes is [] ? ["read:user", "user:email"] : provider.Scopes)
            options.Scope.Add(scope);
        options.Events.OnCreatingTicket = async context =>
        {
            using var user = await Ask(context, context.Options.UserInformationEndpoint);
            using var emails = await Ask(context, "https://api.github.com/user/emails");
            context.Identity!.AddClaim(new Claim("sub", user.RootElement.GetProperty("id").GetRawText()));
            context.Identity.AddClaim(new Claim("name", user.RootElement.GetProperty("name").GetString() ?? user.RootElement.GetProperty("login").GetString()!));
            foreach (var email in emails.RootElement.EnumerateArray().Where(email => email.GetProperty("primary").GetBoolean()))
            {
                context.Identity.AddClaim(new Claim("email", email.GetProperty("email").GetString()!));
                context.Identity.AddClaim(new Claim(EmailVerified, email.GetProperty("verified").GetBoolean() ? "true" : "false"));
            }
        };
    }

    private static async Task<JsonDocument> Ask(OAuthCreatingTicketContext context, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", context.AccessToken);
        request.Headers.UserAgent.ParseAdd("signet");
        using var response = await context.Backchannel.SendAsync(request, context.HttpContext.RequestAborted);
        response.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(context.HttpContext.RequestAborted));
    }

    private static void UseCommon(RemoteAuthenticationOptions options, ExternalProvider provider)
    {
        options.SignInScheme = Schemes.External;
        options.CallbackPath = provider.CallbackPath;
        options.SaveTokens = false;
        options.BackchannelTimeout = Patience;
        options.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
        options.CorrelationCookie.Name = $"__Host-signet.correlation.{provider.Key}.";
        Harden(options.CorrelationCookie);
        options.Events.OnRemoteFailure = context =>
        {
            var log = context.HttpContext.RequestServices.GetRequiredService<ILogger<ExternalProviders>>();
            ExternalProvidersExtensions.Failed(log, provider.Key, context.Failure?.GetBaseException().Message ?? "no reason given");
            context.Response.Redirect($"/login/external/{ExternalProvider.Failed}");
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    private static void Harden(CookieBuilder cookie)
    {
        cookie.Path = "/";
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = CookieSecurePolicy.Always;
    }
}

internal static partial class ExternalProvidersExtensions
{
    public static IServiceCollection AddExternalProviders(this IServiceCollection services, IConfiguration configuration)
    {
        var providers = ExternalProviders.Read(configuration);
        providers.AddTo(new AuthenticationBuilder(services));
        return services.AddSingleton(providers);
    }

    [LoggerMessage(20, LogLevel.Warning, "sign-in at {Provider} failed: {Reason}")]
    public static partial void Failed(ILogger log, string provider, string reason);
}
