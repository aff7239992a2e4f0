using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Clients;

/// <summary>Web apps on Microsoft's OpenID Connect handler as it comes with ASP.NET Core, in each way in which it can ask, and an API on the JWT bearer handler. The samples show both in processes of their own.</summary>
[Collection(ClientsSite.Collection)]
public sealed class MicrosoftHandlersTests(ClientsSite site) : ClientsTest(site)
{
    private readonly Uri address = FreeAddress();

    [Theory]
    [InlineData("code", "query", PushedAuthorizationBehavior.Require)]
    [InlineData("code", "query", PushedAuthorizationBehavior.Disable)]
    [InlineData("code", "form_post", PushedAuthorizationBehavior.Require)]
    [InlineData("code id_token", "form_post", PushedAuthorizationBehavior.Disable)]
    public async Task A_person_signs_in_and_signs_out(string responseType, string responseMode, PushedAuthorizationBehavior pushed)
    {
        await AddApi(Audience);
        var user = await AddUser();
        using var key = NewKey();
        var (client, secret) = await AddApp(Secret, key, new Uri(address, "/signin-oidc"), new ClientSettings
        {
            RequirePushedAuthorizationRequests = pushed == PushedAuthorizationBehavior.Require,
            ResponseTypes = [responseType],
        }, postLogoutRedirectUri: new Uri(address, "/signout-callback-oidc"), requiresPkce: responseType == "code"); // the handler's code id_token goes without, and has c_hash
        await Start(address, services => AddServices(services, oidc =>
        {
            oidc.ClientId = client.Id;
            oidc.ClientSecret = secret;
            oidc.ResponseType = responseType;
            oidc.ResponseMode = responseMode;
            oidc.PushedAuthorizationBehavior = pushed;
        }), Map);
        using var browser = await BrowserOf(user);

        (await SignIn(browser, new Uri(address, "/signin"))).ShouldBe($"{user.Id} {user.Email}");
        (await SignOut(browser, new Uri(address, "/signout"))).ShouldBe("nobody");

        browser.Location.ShouldBe(address);
        (await browser.Open(new Uri(Live.Address, "/login"))).ShouldNotContain("You are signed in as");
    }

    [Fact]
    public async Task An_api_takes_the_tokens_that_are_for_it()
    {
        await AddApi(Audience);
        await Start(address, services =>
        {
            services.AddAuthentication().AddJwtBearer(jwt =>
            {
                jwt.Authority = Live.Authority;
                jwt.Audience = Audience;
                jwt.BackchannelHttpHandler = Live.TrustingHandler();
                jwt.MapInboundClaims = false;
                jwt.TokenValidationParameters.ValidTypes = ["at+jwt"];
            });
            services.AddAuthorizationBuilder().AddPolicy("notes.read", policy => policy.RequireClaim("scope", "notes.read"));
        }, MapNotes);

        await ShouldTakeWhatIsForIt(address, asks: false, TokenFormat.Jwt);
    }

    private void AddServices(IServiceCollection services, Action<OpenIdConnectOptions> configure) => services
        .AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
        .AddCookie()
        .AddOpenIdConnect(oidc =>
        {
            oidc.Authority = Live.Authority;
            oidc.BackchannelHttpHandler = Live.TrustingHandler();
            oidc.Scope.Add("email");
            oidc.GetClaimsFromUserInfoEndpoint = true;
            oidc.SaveTokens = true;
            oidc.MapInboundClaims = false;
            configure(oidc);
        });

    private static void Map(WebApplication web)
    {
        web.MapGet("/", (HttpContext http) => http.User.Identity!.IsAuthenticated ? $"{http.User.FindFirst("sub")!.Value} {http.User.FindFirst("email")!.Value}" : "nobody");
        web.MapGet("/signin", () => Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [OpenIdConnectDefaults.AuthenticationScheme]));
        web.MapGet("/signout", () => Results.SignOut(
            new AuthenticationProperties { RedirectUri = "/" }, [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]));
    }
}
