using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Validation.AspNetCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Clients;

/// <summary>An API on OpenIddict's validation as it comes from NuGet: it checks JWTs by the keys that it discovers, or asks for each token.</summary>
[Collection(ClientsSite.Collection)]
public sealed class OpenIddictValidationTests(ClientsSite site) : ClientsTest(site)
{
    private readonly Uri address = FreeAddress();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_api_takes_the_tokens_that_are_for_it_and_good(bool asks, bool isOpaque)
    {
        var (_, api, apiSecret) = await AddApi(Audience);
        await AddApi("https://api.test/other", "other.read");
        await Start(address, services => AddServices(services, asks ? (api.Id, apiSecret) : null), Map);
        var (client, secret) = await AddClient(scopes: ["notes.read", "notes.write", "other.read"], format: isOpaque ? TokenFormat.Opaque : TokenFormat.Jwt);
        using var http = Http();
        async Task<string> Token(string scope) => (await Json(await PostAs(http, client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("scope", scope)))).GetProperty("access_token").GetString()!;
        var token = await Token("notes.read");

        (await Ask(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask("nonsense")).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(await Token("other.read"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(await Token("notes.write"))).ShouldBe(HttpStatusCode.Forbidden);
        (await Ask(token)).ShouldBe(HttpStatusCode.OK);
        (await PostAs(http, client.Id, secret, "/oauth/revoke", ("token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(token)).ShouldBe(asks ? HttpStatusCode.Unauthorized : HttpStatusCode.OK); // who does not ask is told at the token's end
    }

    private async Task<HttpStatusCode> Ask(string? token)
    {
        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return (await http.GetAsync(new Uri(address, "/notes"), Ct)).StatusCode;
    }

    private void AddServices(IServiceCollection services, (string Id, string Secret)? asker)
    {
        services.AddAuthentication(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme);
        services.AddAuthorizationBuilder().AddPolicy("notes.read", policy => policy.RequireClaim("oi_scp", "notes.read")); // OpenIddict's name for one scope of the token
        services.AddOpenIddict().AddValidation(openIddict =>
        {
            openIddict.SetIssuer(Live.Authority);
            openIddict.AddAudiences(Audience);
            if (asker is var (id, secret))
                openIddict.UseIntrospection().SetClientId(id).SetClientSecret(secret);
            openIddict.UseAspNetCore();
            openIddict.UseSystemNetHttp().ConfigureHttpClientHandler(handler => handler.ServerCertificateCustomValidationCallback = Live.Trusts);
        });
    }

    private static void Map(WebApplication web) => web.MapGet("/notes", () => "Buy sealing wax").RequireAuthorization("notes.read");
}
