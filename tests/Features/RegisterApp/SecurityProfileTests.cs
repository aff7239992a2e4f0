using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>Choosing a security profile switches on what it demands, and keeps it on (FAPI 2.0 Security Profile §5.3.2, FAPI 2.0 Message Signing §5.3 to §5.5).</summary>
public sealed class SecurityProfileTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";
    private const string Keys = "\"jwks_uri\":\"https://app.test/jwks\"";
    private const string Base = "\"client_name\":\"A\",\"redirect_uris\":[\"https://app.test/cb\"]";

    [Theory]
    [InlineData("fapi_2_0_security")]
    [InlineData("fapi_2_0_message_signing")]
    public async Task Registering_an_app_under_it_switches_on_all_that_needs_no_person(string profile)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var app = await Json(await http.PostAsync(Url, Body($$"""{{{Base}},{{Keys}},"security_profile":"{{profile}}"}"""), Ct));

        Text(app, "token_endpoint_auth_method").ShouldBe("private_key_jwt");
        app.TryGetProperty("client_secret", out _).ShouldBeFalse();
        foreach (var flag in (string[])["require_pushed_authorization_requests", "dpop_bound_access_tokens"])
            app.GetProperty(flag).GetBoolean().ShouldBeTrue(flag);
        Text(app, "id_token_signed_response_alg").ShouldBe("PS256");
        var isSigning = profile == "fapi_2_0_message_signing";
        app.TryGetProperty("require_signed_request_object", out _).ShouldBe(isSigning);
        app.TryGetProperty("response_modes", out var modes).ShouldBe(isSigning);
        if (!isSigning)
            return;
        modes.EnumerateArray().Single().GetString().ShouldBe("jwt");
        (Text(app, "authorization_signed_response_alg"), Text(app, "introspection_signed_response_alg")).ShouldBe(("PS256", "PS256"));
    }

    [Fact]
    public async Task A_certificate_binds_tokens_where_the_app_proves_itself_by_one()
    {
        using var http = await Program(await AddUser(), "apps.write");

        var app = await Json(await http.PostAsync(Url, Body($$"""{{{Base}},"tls_client_auth_san_dns":"app.test","security_profile":"fapi_2_0_security"}"""), Ct));

        Text(app, "token_endpoint_auth_method").ShouldBe("tls_client_auth");
        app.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean().ShouldBeTrue();
        app.TryGetProperty("dpop_bound_access_tokens", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("token_endpoint_auth_method", """ "client_name":"A" """)]
    [InlineData("token_endpoint_auth_method", $$""" {{Keys}},"token_endpoint_auth_method":"client_secret_basic" """)]
    [InlineData("token_endpoint_auth_method", $$""" {{Keys}},"token_endpoint_auth_method":"none" """)]
    [InlineData("response_types", $$""" {{Keys}},"response_types":["code","code id_token"] """)]
    [InlineData("id_token_signed_response_alg", $$""" {{Keys}},"id_token_signed_response_alg":"RS256" """)]
    [InlineData("userinfo_signed_response_alg", $$""" {{Keys}},"userinfo_signed_response_alg":"RS256" """)]
    [InlineData("request_object_signing_alg", $$""" {{Keys}},"request_object_signing_alg":"RS256" """)]
    [InlineData("refresh_token_rotation", $$""" {{Keys}},"refresh_token_rotation":"always" """)]
    [InlineData("redirect_uris", $$""" {{Keys}},"redirect_uris":["http://127.0.0.1/cb"] """)]
    [InlineData("response_modes", $$""" {{Keys}},"security_profile":"fapi_2_0_message_signing","response_modes":["query","jwt"] """)]
    [InlineData("require_signed_request_object", """ "token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_dns":"app.test","security_profile":"fapi_2_0_message_signing" """)]
    public async Task What_it_does_not_allow_or_needs_from_a_person_is_refused_by_name(string member, string members)
    {
        using var http = await Program(await AddUser(), "apps.write");
        var document = JsonNode.Parse($$"""{{{Base}},"security_profile":"fapi_2_0_security"}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse($"{{{members}}}")!.AsObject())
            document[name] = value?.DeepClone();

        var response = await http.PostAsync(Url, Body(document.ToJsonString()), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var errors = (await Json(response)).GetProperty("errors");
        errors.EnumerateObject().Single().Name.ShouldBe(member, errors.ToString());
    }

    [Fact]
    public async Task An_app_that_comes_to_it_changes_over_and_cannot_go_back_on_it_piece_by_piece()
    {
        var user = await AddUser();
        using var http = await Program(user, "apps.write");
        var (client, _) = await AddClient(ownerId: user.Id, change: client =>
        {
            client.Settings = new() { Jwks = new AppKey("PS256").Jwks, IdTokenSignedResponseAlg = "RS256", ResponseTypes = ["code", "code id_token"], ResponseModes = ["query", "form_post.jwt"] };
            client.RefreshRotation = RefreshRotation.Always;
        });
        var url = $"{Url}/{client.Id}";

        var changed = await http.PatchAsync(url, Body("""{"security_profile":"fapi_2_0_message_signing"}"""), Ct);

        var app = await Json(changed);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK, app.ToString());
        (Text(app, "token_endpoint_auth_method"), Text(app, "id_token_signed_response_alg"), Text(app, "refresh_token_rotation")).ShouldBe(("private_key_jwt", "PS256", "auto"));
        app.GetProperty("response_types").EnumerateArray().Single().GetString().ShouldBe("code");
        app.GetProperty("response_modes").EnumerateArray().Single().GetString().ShouldBe("form_post.jwt");
        foreach (var (member, value) in ((string, string)[])
        [
            ("token_endpoint_auth_method", "\"client_secret_basic\""), ("dpop_bound_access_tokens", "false"), ("require_pushed_authorization_requests", "null"), ("response_types", "[\"code id_token\"]"),
            ("id_token_signed_response_alg", "\"RS256\""), ("id_token_signed_response_alg", "null"), ("refresh_token_rotation", "\"always\""), ("require_signed_request_object", "false"), ("response_modes", "null"),
            ("authorization_signed_response_alg", "\"RS256\""), ("introspection_signed_response_alg", "null"),
        ])
        {
            var refused = await http.PatchAsync(url, Body($$"""{"{{member}}":{{value}}}"""), Ct);
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest, $"{member} {value}");
            (await Json(refused)).GetProperty("errors").EnumerateObject().Single().Name.ShouldBe(member);
        }

        // The other way to bind tokens is as good; and what a profile switched on stays when it is left, to be switched off by choice.
        (await http.PatchAsync(url, Body("""{"dpop_bound_access_tokens":false,"tls_client_certificate_bound_access_tokens":true}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var left = await Json(await http.PatchAsync(url, Body("""{"security_profile":null,"require_signed_request_object":false}"""), Ct));
        left.GetProperty("require_pushed_authorization_requests").GetBoolean().ShouldBeTrue();
        left.TryGetProperty("require_signed_request_object", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Pages_choose_it_and_say_what_it_demands()
    {
        var user = await AddUser();
        var (client, _) = await AddClient(ownerId: user.Id);
        using var browser = await SignedIn(user);
        var (url, show) = ($"/apps/{client.Id}/protocol", $"/apps/{client.Id}");
        (string, string)[] form = [.. client.GrantTypes.Select(grant => ("GrantTypes", grant)), ("AuthenticationMethod", "")];
        WebUtility.HtmlDecode(await browser.GetStringAsync(show, Ct)).ShouldContain(SecurityProfile.OAuth21.Demands()[0].Sentence);

        var refused = await Submit(browser, url, [.. form, ("security_profile", "fapi_2_0_security")]);

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var page = WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync(Ct));
        page.ShouldContain("register jwks, jwks_uri or the name of its certificate");
        foreach (var demand in SecurityProfile.Fapi2MessageSigning.Demands())
            page.ShouldContain(demand.Sentence);

        var chosen = await Submit(browser, url, [.. form, ("security_profile", "fapi_2_0_security"), ("jwks_uri", "https://app.test/jwks")]);

        chosen.StatusCode.ShouldBe(HttpStatusCode.Redirect, await chosen.Content.ReadAsStringAsync(Ct));
        var shown = WebUtility.HtmlDecode(await browser.GetStringAsync(show, Ct));
        foreach (var demand in SecurityProfile.Fapi2Security.Demands())
            shown.ShouldContain(demand.Sentence);
        shown.ShouldNotContain("Add a secret");
        (await Site.InDatabase(db => db.Clients.AsNoTracking().SingleAsync(Ct))).Settings.RequirePushedAuthorizationRequests.ShouldBeTrue();
    }

    [Fact]
    public async Task Other_pages_say_what_the_profile_has_against_a_change_of_theirs()
    {
        var user = await AddUser();
        var (client, _) = await AddClient(ownerId: user.Id, change: client =>
        {
            client.AuthenticationMethods = ["private_key_jwt"];
            client.Settings = new() { Profile = SecurityProfile.Fapi2Security, JwksUri = "https://app.test/jwks", DpopBoundAccessTokens = true, FrontchannelLogoutUri = "https://app.test/out" };
        });
        using var browser = await SignedIn(user);

        var page = WebUtility.HtmlDecode(await (await Submit(browser, $"/apps/{client.Id}/edit", ("Input.Name", "A"), ("RedirectUris", "http://127.0.0.1/cb"), ("Input.RefreshRotation", "Always"), ("Input.Scopes", "openid"))).Content.ReadAsStringAsync(Ct));

        page.ShouldContain("redirect URIs must be https");
        page.ShouldContain("Refresh tokens do not rotate");
        page.ShouldContain("frontchannel_logout_uri must have the scheme"); // of a setting that this page has no field for
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
