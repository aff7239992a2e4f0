using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests;

/// <summary>Verbs to arrange a test with. Each test starts with an empty database and the machine's time.</summary>
public abstract partial class SliceTest(Site site) : IAsyncLifetime
{
    public const string Password = "violet canyon marble orbit";
    private static string? passwordHash;

    protected Site Site => site;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => await site.Reset();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A person with the password <see cref="Password"/>.</summary>
    internal async Task<User> AddUser(string? email = null, bool isAdmin = false, bool isConfirmed = true)
    {
        email ??= $"{Guid.NewGuid():N}@example.test";
        var user = new User
        {
            Id = Guid.CreateVersion7(),
            Name = "Ada Example",
            Email = email,
            EmailConfirmed = isConfirmed,
            UserName = email,
            NormalizedEmail = email.ToUpperInvariant(),
            NormalizedUserName = email.ToUpperInvariant(),
            CreatedAt = site.Clock.GetUtcNow(),
        };
        passwordHash ??= site.Services.CreateScope().ServiceProvider.GetRequiredService<IPasswordHasher<User>>().HashPassword(user, Password);
        user.PasswordHash = passwordHash;
        await site.InDatabase(db =>
        {
            db.Add(user);
            if (isAdmin)
                db.Add(new IdentityUserRole<Guid> { UserId = user.Id, RoleId = Roles.AdminId });
            return db.SaveChangesAsync(Ct);
        });
        return user;
    }

    /// <summary>A browser in which the user is signed in, without the pages that lead there.</summary>
    internal async Task<HttpClient> SignedIn(User user, params string[] methods)
    {
        var browser = site.Browser();
        await SignInAgain(browser, user, methods);
        return browser;
    }

    /// <summary>A newer sign-in in the same browser.</summary>
    internal async Task SignInAgain(HttpClient browser, User user, params string[] methods)
    {
        browser.DefaultRequestHeaders.Remove("Cookie");
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={await AddSession(user, methods)}");
    }

    /// <summary>A live session; returns its cookie's value.</summary>
    internal async Task<string> AddSession(User user, params string[] methods)
    {
        var key = OpaqueValue.Random(OpaqueValue.SecretLength);
        var now = site.Clock.GetUtcNow();
        await site.InDatabase(db =>
        {
            db.Add(new Session
            {
                Id = Guid.CreateVersion7(now),
                KeyHash = new Secret(key).Hash(),
                UserId = user.Id,
                AuthenticatedAt = now,
                Methods = methods is [] ? ["pwd"] : methods,
                CreatedAt = now,
                LastSeenAt = now,
                ExpiresAt = now.AddHours(12),
                EndsAt = now.AddDays(14),
            });
            return db.SaveChangesAsync(Ct);
        });
        return key;
    }

    /// <summary>A client, confidential with the returned secret unless <paramref name="isPublic"/>.</summary>
    internal async Task<(Client Client, string Secret)> AddClient(
        string[]? grants = null, string[]? redirectUris = null, string[]? scopes = null, bool isPublic = false,
        TokenFormat format = TokenFormat.Jwt, bool skipsConsent = false, Guid? ownerId = null, Action<Client>? change = null)
    {
        var secret = OpaqueValue.New(OpaqueValue.ClientSecret);
        var now = site.Clock.GetUtcNow();
        var client = new Client
        {
            Id = $"app-{Guid.NewGuid():N}",
            Name = "Notes",
            Kind = isPublic ? ClientKind.SinglePage : ClientKind.Web,
            AuthenticationMethods = isPublic ? ["none"] : ["client_secret_basic", "client_secret_post"],
            GrantTypes = grants ?? ["authorization_code", "refresh_token", "client_credentials"],
            RedirectUris = redirectUris ?? ["https://app.test/cb"],
            Scopes = scopes ?? ["openid", "profile", "email", "offline_access"],
            TokenFormat = format,
            SkipsConsent = skipsConsent,
            OwnerId = ownerId,
            CreatedAt = now,
            UpdatedAt = now,
            TokenEpoch = now.ToUnixTimeSeconds(),
        };
        if (!isPublic)
            client.Secrets.Add(new ClientSecret { Id = Guid.CreateVersion7(now), ClientId = client.Id, Hash = secret.Hash(), Hint = secret.Text[^4..], CreatedAt = now });
        change?.Invoke(client);
        await site.InDatabase(db =>
        {
            db.Add(client);
            return db.SaveChangesAsync(Ct);
        });
        return (client, secret.Text);
    }

    /// <summary>An API with its own credentials for introspection.</summary>
    internal async Task<(Resource Api, Client Client, string Secret)> AddApi(string audience = "https://api.test/notes", params string[] scopes)
    {
        var (client, secret) = await AddClient(grants: [], redirectUris: [], scopes: [], change: client => client.Name = "Notes API");
        var api = new Resource { Id = Guid.CreateVersion7(), Audience = audience, Name = "Notes API", ClientId = client.Id, CreatedAt = site.Clock.GetUtcNow() };
        api.Scopes.AddRange((scopes is [] ? ["notes.read", "notes.write"] : scopes).Select(scope => new ResourceScope { ResourceId = api.Id, Name = scope, Description = $"Use {scope}" }));
        await site.InDatabase(db =>
        {
            db.Add(api);
            return db.SaveChangesAsync(Ct);
        });
        site.Services.GetRequiredService<ClientDirectory>().Forget();
        return (api, client, secret);
    }

    /// <summary>Opens a page, fills its form and sends it, as a browser without JavaScript would.</summary>
    protected static async Task<HttpResponseMessage> Submit(HttpClient browser, string url, params (string Name, string Value)[] fields)
    {
        var page = await (await browser.GetAsync(url, Ct)).Content.ReadAsStringAsync(Ct);
        return await Post(browser, url, [("__RequestVerificationToken", AntiforgeryToken(page)), .. fields]);
    }

    protected static string AntiforgeryToken(string page) =>
        TokenField().Match(page) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException($"The page has no form: {page}");

    protected static Task<HttpResponseMessage> Post(HttpClient http, string url, params (string Name, string Value)[] fields) =>
        http.PostAsync(url, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), Ct);

    /// <summary>A POST with client_secret_basic.</summary>
    protected static async Task<HttpResponseMessage> PostAs(HttpClient http, string clientId, string secret, string url, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{clientId}:{secret}"))) },
        };
        return await http.SendAsync(request, Ct);
    }

    protected static async Task<JsonElement> Json(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct)).RootElement;

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
