using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using Signet.Infrastructure.Data;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Names = OpenIddict.Client.AspNetCore.OpenIddictClientAspNetCoreConstants;

namespace Signet.Tests.Clients;

/// <summary>Apps on OpenIddict's client as it comes from NuGet, in ASP.NET Core.</summary>
[Collection(ClientsSite.Collection)]
public sealed class OpenIddictClientTests(ClientsSite site) : ClientsTest(site)
{
    private readonly ECDsa key = NewKey();
    private readonly Uri address = FreeAddress();
    private Client client = null!;
    private RelyingParty app = null!;

    /// <summary>What the app got of the last sign-in.</summary>
    private AuthenticateResult? signedIn;

    private OpenIddictClientService Service => app.Services.GetRequiredService<OpenIddictClientService>();

    [Theory]
    [InlineData(Secret, true)]
    [InlineData(Secret, false)]
    [InlineData(Key, true)]
    [InlineData(Public, true)]
    public async Task A_person_signs_in_stays_signed_in_and_signs_out(string kind, bool isPushed)
    {
        await StartApp(kind, isPushed);
        var user = await AddUser();
        using var browser = await BrowserOf(user);

        (await SignIn(browser, new Uri(address, "/signin"))).ShouldBe("signed in");

        signedIn!.Principal!.FindFirst(Claims.Subject)?.Value.ShouldBe(user.Id.ToString());
        signedIn.Principal!.FindFirst(Claims.Email)?.Value.ShouldBe(user.Email); // from UserInfo
        var refreshed = await Service.AuthenticateWithRefreshTokenAsync(new() { RefreshToken = Token(Names.Tokens.RefreshToken), CancellationToken = Ct });
        refreshed.AccessToken.ShouldNotBe(Token(Names.Tokens.BackchannelAccessToken));
        refreshed.IdentityTokenPrincipal!.FindFirst(Claims.Subject)?.Value.ShouldBe(user.Id.ToString());
        if (kind != Public) // which cannot prove who asks
            (await IsLive(refreshed.AccessToken)).ShouldBeTrue();
        await Service.RevokeTokenAsync(new() { Token = refreshed.RefreshToken!, TokenTypeHint = TokenTypeHints.RefreshToken, CancellationToken = Ct });
        (await Should.ThrowAsync<OpenIddict.Abstractions.OpenIddictExceptions.ProtocolException>(
            async () => await Service.AuthenticateWithRefreshTokenAsync(new() { RefreshToken = refreshed.RefreshToken!, CancellationToken = Ct }))).Error.ShouldBe(Errors.InvalidGrant);
        (await SignOut(browser, new Uri(address, "/signout"))).ShouldBe("signed out");
        browser.Location.GetLeftPart(UriPartial.Path).ShouldBe(new Uri(address, "/signed-out").ToString());
    }

    [Theory]
    [InlineData(Secret)]
    [InlineData(Key)]
    public async Task An_app_gets_tokens_for_itself(string kind)
    {
        await StartApp(kind, isPushed: true);

        var got = await Service.AuthenticateWithClientCredentialsAsync(new() { Scopes = ["notes.read"], CancellationToken = Ct });

        (await IsLive(got.AccessToken)).ShouldBeTrue();
        await Service.RevokeTokenAsync(new() { Token = got.AccessToken, CancellationToken = Ct });
        (await IsLive(got.AccessToken)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(Secret)]
    [InlineData(Public)]
    public async Task A_device_gets_its_tokens(string kind)
    {
        await StartApp(kind, isPushed: true);
        var user = await AddUser();
        using var browser = await BrowserOf(user);

        var asked = await Service.ChallengeUsingDeviceAsync(new() { Scopes = [.. AllScopes], CancellationToken = Ct });
        await browser.Open(asked.VerificationUriComplete!);
        await browser.Press("Allow");
        var got = await Service.AuthenticateWithDeviceAsync(new() { DeviceCode = asked.DeviceCode, Interval = asked.Interval, Timeout = asked.ExpiresIn, CancellationToken = Ct });

        got.Principal.FindFirst(Claims.Email)?.Value.ShouldBe(user.Email);
        got.RefreshToken.ShouldNotBeNull();
    }

    public override ValueTask DisposeAsync()
    {
        key.Dispose();
        return base.DisposeAsync();
    }

    private string Token(string name) => signedIn!.Properties!.GetTokenValue(name)!;

    private async Task<bool> IsLive(string token)
    {
        try
        {
            return (await Service.IntrospectTokenAsync(new() { Token = token, CancellationToken = Ct })).Principal.Identity!.IsAuthenticated;
        }
        catch (OpenIddict.Abstractions.OpenIddictExceptions.ProtocolException refused) when (refused.Error == Errors.InvalidToken)
        {
            return false;
        }
    }

    private async Task StartApp(string kind, bool isPushed)
    {
        await AddApi(Audience);
        (client, var secret) = await AddApp(
            kind, key, new Uri(address, "/callback"), new ClientSettings { RequirePushedAuthorizationRequests = isPushed }, postLogoutRedirectUri: new Uri(address, "/signed-out"));
        app = await Start(address, services => AddServices(services, kind, secret, isPushed), Map);
    }

    private void AddServices(IServiceCollection services, string kind, string secret, bool isPushed)
    {
        var registration = new OpenIddictClientRegistration
        {
            Issuer = new Uri(Live.Authority),
            ClientId = client.Id,
            ClientSecret = kind == Secret ? secret : null,
            RedirectUri = new Uri("callback", UriKind.Relative),
            PostLogoutRedirectUri = new Uri("signed-out", UriKind.Relative),
            DisablePushedAuthorizationRequests = !isPushed,
        };
        registration.Scopes.UnionWith(AllScopes);
        if (kind == Key)
            registration.SigningCredentials.Add(new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = KeyId }, SecurityAlgorithms.EcdsaSha256));
        services.AddAuthentication();
        services.AddOpenIddict().AddClient(openIddict =>
        {
            openIddict.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow().AllowDeviceAuthorizationFlow();
            openIddict.DisableTokenStorage().AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))).AddSigningKey(new ECDsaSecurityKey(key));
            openIddict.UseAspNetCore().EnableRedirectionEndpointPassthrough().EnablePostLogoutRedirectionEndpointPassthrough();
            openIddict.UseSystemNetHttp().ConfigureHttpClientHandler(handler => handler.ServerCertificateCustomValidationCallback = Live.Trusts);
            openIddict.AddRegistration(registration);
        });
    }

    private void Map(WebApplication web)
    {
        web.MapGet("/signin", () => Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [OpenIddictClientAspNetCoreDefaults.AuthenticationScheme]));
        web.MapMethods("/callback", ["GET", "POST"], async (HttpContext http) =>
        {
            signedIn = await http.AuthenticateAsync(OpenIddictClientAspNetCoreDefaults.AuthenticationScheme);
            return signedIn.Succeeded ? "signed in" : signedIn.Failure!.Message;
        });
        web.MapGet("/signout", () => Results.SignOut(
            new AuthenticationProperties(new Dictionary<string, string?> { [Names.Properties.IdentityTokenHint] = Token(Names.Tokens.BackchannelIdentityToken) }) { RedirectUri = "/" },
            [OpenIddictClientAspNetCoreDefaults.AuthenticationScheme]));
        web.MapGet("/signed-out", async (HttpContext http) => (await http.AuthenticateAsync(OpenIddictClientAspNetCoreDefaults.AuthenticationScheme)).Succeeded ? "signed out" : "something else");
    }
}
