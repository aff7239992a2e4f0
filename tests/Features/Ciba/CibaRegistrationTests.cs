using System.Net;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.RegisterApp;

namespace Signet.Tests.Features.Ciba;

/// <summary>Which apps may be registered for the grants in which a person decides elsewhere.</summary>
public sealed class CibaRegistrationTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";

    [Fact]
    public async Task Only_an_administrator_gives_an_app_the_backchannel_grant()
    {
        var owner = await AddUser();
        using var person = await Program(owner, "apps.write");
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");
        var body = new { client_name = "Bank", grant_types = new[] { GrantTypes.Ciba }, token_endpoint_auth_method = "client_secret_basic", scope = "openid" };

        (await PostJson(person, Url, body)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var made = await Json(await PostJson(admin, Url, body));

        made.GetProperty("grant_types")[0].GetString().ShouldBe(GrantTypes.Ciba);
        made.GetProperty("scope").GetString().ShouldBe("openid");
        // Who owns such an app may go on changing it, and nobody may add the grant to another.
        var (owned, _) = await AddClient([GrantTypes.Ciba], redirectUris: [], scopes: ["openid"], ownerId: owner.Id);
        var (plain, _) = await AddClient(ownerId: owner.Id);
        (await person.PatchAsync($"{Url}/{owned.Id}", Body("""{"client_name":"New bank"}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await person.PatchAsync($"{Url}/{plain.Id}", Body($$"""{"grant_types":["{{GrantTypes.Ciba}}"],"redirect_uris":[]}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("""{"client_name":"A","grant_types":["urn:openid:params:grant-type:ciba"],"token_endpoint_auth_method":"none"}""", "grant_types")]
    [InlineData("""{"client_name":"A","grant_types":["urn:openid:params:grant-type:ciba"],"backchannel_token_delivery_mode":"push"}""", "backchannel_token_delivery_mode")]
    [InlineData("""{"client_name":"A","grant_types":["urn:openid:params:grant-type:ciba"],"backchannel_token_delivery_mode":"ping"}""", "backchannel_client_notification_endpoint")]
    [InlineData("""{"client_name":"A","grant_types":["urn:openid:params:grant-type:ciba"],"backchannel_client_notification_endpoint":"http://app.test/ping"}""", "backchannel_client_notification_endpoint")]
    [InlineData("""{"client_name":"A","grant_types":["urn:openid:params:grant-type:ciba"],"backchannel_authentication_request_signing_alg":"ES256"}""", "backchannel_authentication_request_signing_alg")]
    [InlineData("""{"client_name":"A","grant_types":["urn:openid:params:grant-type:ciba"],"jwks_uri":"https://app.test/jwks","backchannel_authentication_request_signing_alg":"none"}""", "backchannel_authentication_request_signing_alg")]
    [InlineData("""{"client_name":"A","grant_types":["urn:openid:params:grant-type:ciba"],"jwks_uri":"https://app.test/jwks","backchannel_authentication_request_signing_alg":"HS256"}""", "backchannel_authentication_request_signing_alg")]
    public async Task What_it_cannot_have_is_refused_by_name(string body, string member)
    {
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");

        var answer = await admin.PostAsync(Url, Body(body), Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Json(answer)).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(await answer.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_person_registers_an_app_for_devices_and_sees_it_on_its_page()
    {
        var user = await AddUser();
        using var person = await Program(user, "apps.write");

        var made = await Json(await PostJson(person, Url, new { client_name = "TV", grant_types = new[] { GrantTypes.DeviceCode, "refresh_token" }, token_endpoint_auth_method = "none" }));

        made.GetProperty("scope").GetString().ShouldBe("openid profile email offline_access");
        (await (await SignedIn(user)).GetStringAsync($"/apps/{made.GetProperty("client_id").GetString()}", Ct)).ShouldContain(GrantTypes.DeviceCode);
    }
}
