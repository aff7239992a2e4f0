using Duende.IdentityModel.OidcClient;
using Duende.IdentityModel.OidcClient.Browser;
using Duende.IdentityModel.OidcClient.Results;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Signet.Infrastructure.Data;
using Signet.Tests.Samples;

namespace Signet.Tests.Clients;

/// <summary>Programs on a person's machine with Duende.IdentityModel.OidcClient as it comes from NuGet.</summary>
[Collection(ClientsSite.Collection)]
public sealed class OidcClientTests(ClientsSite site) : ClientsTest(site)
{
    private static readonly Uri Home = new("http://127.0.0.1:7890/");

    [Theory]
    [InlineData(Public, true)]
    [InlineData(Public, false)]
    [InlineData(Secret, true)]
    public async Task A_person_signs_in_stays_signed_in_and_signs_out(string kind, bool isPushed)
    {
        await AddApi(Audience);
        var user = await AddUser();
        using var key = NewKey();
        var (client, secret) = await AddApp(kind, key, Home, new ClientSettings { RequirePushedAuthorizationRequests = isPushed }, postLogoutRedirectUri: Home);
        using var browser = await BrowserOf(user);
        using var handler = Live.TrustingHandler();
        var app = new OidcClient(new OidcClientOptions
        {
            Authority = Live.Authority,
            ClientId = client.Id,
            ClientSecret = kind == Secret ? secret : null,
            Scope = string.Join(' ', AllScopes.Except(["offline_access"])), // so that access ends with the session
            RedirectUri = Home.ToString(),
            PostLogoutRedirectUri = Home.ToString(),
            DisablePushedAuthorization = !isPushed,
            Browser = new Screen(browser),
            BackchannelHandler = handler,
            IdentityTokenValidator = new Validator(),
            Policy = new Policy { RequireAccessTokenHash = true },
        });

        var login = await app.LoginAsync(new LoginRequest(), Ct);

        login.Error.ShouldBeNull(login.ErrorDescription);
        login.User.FindFirst("sub")?.Value.ShouldBe(user.Id.ToString());
        login.User.FindFirst("email")?.Value.ShouldBe(user.Email); // from UserInfo
        var refreshed = await app.RefreshTokenAsync(login.RefreshToken, cancellationToken: Ct);
        refreshed.Error.ShouldBeNull(refreshed.ErrorDescription);
        refreshed.AccessToken.ShouldNotBe(login.AccessToken);
        var told = await app.GetUserInfoAsync(refreshed.AccessToken, Ct);
        told.Error.ShouldBeNull();
        told.Claims.ShouldContain(claim => claim.Type == "email" && claim.Value == user.Email);
        (await app.LogoutAsync(new LogoutRequest { IdTokenHint = refreshed.IdentityToken }, Ct)).Error.ShouldBeNull();
        (await app.GetUserInfoAsync(refreshed.AccessToken, Ct)).Error.ShouldNotBeNull();
        (await browser.Open(new Uri(Live.Address, "/login"))).ShouldNotContain("You are signed in as");
    }

    /// <summary>The system's browser, with the person in front of it; the app waits at its own address.</summary>
    private sealed class Screen(HandBrowser browser) : IBrowser
    {
        public async Task<BrowserResult> InvokeAsync(BrowserOptions options, CancellationToken cancellationToken = default)
        {
            browser.End = options.EndUrl;
            await SignIn(browser, new Uri(options.StartUrl));
            return new BrowserResult { ResultType = BrowserResultType.Success, Response = browser.Location.OriginalString };
        }
    }

    /// <summary>The library leaves it to the app how ID tokens are checked: with Microsoft's handler, by the keys that the library has discovered.</summary>
    private sealed class Validator : IIdentityTokenValidator
    {
        public async Task<IdentityTokenValidationResult> ValidateAsync(string identityToken, OidcClientOptions options, CancellationToken cancellationToken = default)
        {
            var read = await new JsonWebTokenHandler().ValidateTokenAsync(identityToken, new TokenValidationParameters
            {
                ValidIssuer = options.ProviderInformation.IssuerName,
                ValidAudience = options.ClientId,
                IssuerSigningKeys = options.ProviderInformation.KeySet.Keys.Select(key => new Microsoft.IdentityModel.Tokens.JsonWebKey(System.Text.Json.JsonSerializer.Serialize(key))),
                ClockSkew = options.ClockSkew,
            });
            return read.IsValid
                ? new() { User = new(read.ClaimsIdentity), SignatureAlgorithm = ((JsonWebToken)read.SecurityToken).Alg }
                : new() { Error = read.Exception.Message };
        }
    }
}
