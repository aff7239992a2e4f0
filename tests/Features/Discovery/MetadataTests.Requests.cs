using System.Buffers.Text;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Discovery;

public sealed partial class MetadataTests
{
    private const string Addresses = "authorization_endpoint token_endpoint userinfo_endpoint introspection_endpoint revocation_endpoint pushed_authorization_request_endpoint device_authorization_endpoint backchannel_authentication_endpoint end_session_endpoint jwks_uri";

    private Task The_issuer_is_the_address_of_the_document_and_nothing_more()
    {
        var issuer = Text(document, "issuer");
        issuer.ShouldBe(Site.Issuer);
        issuer.ShouldMatch("^https://[^?#]+[^/?#]$");
        return Task.CompletedTask;
    }

    private async Task Every_address_answers()
    {
        document.EnumerateObject().Select(member => member.Name).Where(name => name.EndsWith("_endpoint", StringComparison.Ordinal) || name.EndsWith("_uri", StringComparison.Ordinal))
            .ShouldBe(Addresses.Split(' '), ignoreOrder: true);
        var user = await AddUser("ada@example.test");
        var (client, secret) = await AddFirstParty(grants: ["authorization_code", "client_credentials", GrantTypes.DeviceCode, GrantTypes.Ciba]);
        var browser = await SignedIn(user);
        async Task<System.Text.Json.JsonElement> Post(string member, int status, params (string, string)[] fields)
        {
            var response = await PostAs(Site.Browser(), client.Id, secret, Text(document, member), fields);
            ((int)response.StatusCode).ShouldBe(status, member);
            return response.Content.Headers.ContentLength is 0 ? default : await Json(response);
        }

        var token = Text(await Post("token_endpoint", 200, ("grant_type", "client_credentials")), "access_token");
        (await Post("introspection_endpoint", 200, ("token", token))).GetProperty("active").GetBoolean().ShouldBeTrue();
        await Post("revocation_endpoint", 200, ("token", token));
        Text(await Post("pushed_authorization_request_endpoint", 201, Parameters(client).Select(pair => (pair.Key, pair.Value!)).ToArray()), "request_uri").ShouldNotBeEmpty();
        Text(await Post("device_authorization_endpoint", 200), "device_code").ShouldNotBeEmpty();
        Text(await Post("backchannel_authentication_endpoint", 200, ("scope", "openid"), ("login_hint", user.Email!)), "auth_req_id").ShouldNotBeEmpty();
        var url = Text(document, "authorization_endpoint") + AuthorizeUrl(client)["/oauth/authorize".Length..];
        var tokens = await Json(await Redeem(client, secret, Answer(await browser.GetAsync(url, Ct))["code"]));
        using var request = new HttpRequestMessage(HttpMethod.Get, Text(document, "userinfo_endpoint")) { Headers = { Authorization = new("Bearer", Text(tokens, "access_token")) } };
        Text(await Json(await Site.Browser().SendAsync(request, Ct)), "sub").ShouldBe(user.Id.ToString());
        (await Json(await Site.Browser().GetAsync(Text(document, "jwks_uri"), Ct))).GetProperty("keys").GetArrayLength().ShouldBeGreaterThan(0);
        (await browser.GetAsync($"{Text(document, "end_session_endpoint")}?id_token_hint={Text(tokens, "id_token")}", Ct)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("prompt", "none")), Ct))["error"].ShouldBe("login_required");
    }

    private async Task Response_types()
    {
        var (client, _) = await AddFirstParty(settings => settings with { ResponseTypes = ["code", "code id_token"] });
        await Walk(
            "response_types_supported", ["code", "code id_token", "token", "id_token", "id_token token", "code token", "code id_token token", "none"],
            async type => (await Location(client, ("response_type", type))).ShouldContain("code="),
            async type =>
            {
                var location = await Location(client, ("response_type", type));
                location.ShouldContain("error=unsupported_response_type");
                location.ShouldNotMatch("[?&#](code|access_token|id_token)=");
            });
    }

    private async Task Response_modes()
    {
        var (client, _) = await AddFirstParty();
        await Walk(
            "response_modes_supported", [.. ResponseMode.All, "web_message", "cookie", "post"],
            async mode =>
            {
                var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("response_mode", mode)), Ct);
                var answer = response.Headers.Location?.OriginalString ?? await response.Content.ReadAsStringAsync(Ct);
                answer.ShouldMatch((mode.Split('.')[0], mode.EndsWith("jwt", StringComparison.Ordinal)) switch
                {
                    ("form_post", var isSigned) => $"name=\"{(isSigned ? "response" : "code")}\"",
                    ("fragment", var isSigned) => $"#{(isSigned ? "response" : "code")}=",
                    (_, var isSigned) => $"\\?{(isSigned ? "response" : "code")}=",
                });
            },
            async mode => (await Location(client, ("response_mode", mode))).ShouldContain("error=invalid_request"));
    }

    private async Task Challenges()
    {
        var (client, _) = await AddFirstParty();
        await Walk(
            "code_challenge_methods_supported", ["S256", "plain"],
            async method => (await Location(client, ("code_challenge_method", method))).ShouldContain("code="),
            async method => (await Location(client, ("code_challenge_method", method))).ShouldContain("error=invalid_request"));
    }

    private async Task Prompts()
    {
        var (client, _) = await AddFirstParty();
        await Walk(
            "prompt_values_supported", ["none", "login", "consent", "select_account", "create", "register"],
            async prompt => (await Location(client, ("prompt", prompt))).ShouldStartWith(prompt switch
            {
                "none" => "https://app.test/cb?code=",
                "consent" => "/consent",
                "create" => "/signup",
                _ => "/login",
            }),
            async prompt => (await Location(client, ("prompt", prompt))).ShouldContain("error=invalid_request"));
    }

    // What is not advertised changes nothing and is no error (OpenID Connect Core §3.1.2.1).
    private async Task Displays_and_languages()
    {
        var (client, _) = await AddFirstParty();
        foreach (var (name, member, others) in ((string, string, string[])[])[("display", "display_values_supported", ["popup", "touch", "wap"]), ("ui_locales", "ui_locales_supported", ["de", "se", "fr-CA en"])])
        {
            foreach (var value in Texts(member).Concat(others))
            {
                var login = (await Site.Browser().GetAsync(AuthorizeUrl(client, (name, value)), Ct)).Headers.Location!;
                (await Site.Browser().GetStringAsync(login, Ct)).ShouldContain($"<html lang=\"{Texts("ui_locales_supported").Single()}\"");
            }
        }
    }

    private async Task A_plain_request_is_answered_with_who_answers()
    {
        var (client, _) = await AddFirstParty();
        (Flag("authorization_response_iss_parameter_supported"), Flag("require_pushed_authorization_requests"), Flag("require_signed_request_object")).ShouldBe((true, false, false));
        var location = await Location(client);
        location.ShouldContain("code=");
        location.ShouldContain($"iss={Uri.EscapeDataString(Site.Issuer)}");
    }

    private async Task Signed_requests()
    {
        Flag("request_parameter_supported").ShouldBeTrue();
        var (anyone, _) = await AddFirstParty();
        await Walk(
            "request_object_signing_alg_values_supported", Algorithms,
            async algorithm =>
            {
                var key = new AppKey(algorithm);
                var (client, _) = await AddFirstParty(settings => settings with { Jwks = key.Jwks });
                (await Ask(client, key.Sign(Object(client)))).ShouldContain("?code=");
            },
            async algorithm =>
            {
                (await Ask(anyone, Unknown(algorithm, Object(anyone).ToJsonString()))).ShouldContain("error=invalid_request_object");
                await CannotBeRegistered("request_object_signing_alg", $"\"request_object_signing_alg\":\"{algorithm}\"");
            });
    }

    /// <summary>A JWT that says it is signed by this algorithm.</summary>
    private static string Unknown(string algorithm, string payload) =>
        $"{Encode($$"""{"alg":"{{algorithm}}"}""")}.{Encode(payload)}.{(algorithm == "none" ? "" : Base64Url.EncodeToString(new byte[64]))}";

    private JsonObject Object(Client client)
    {
        var claims = new JsonObject { ["iss"] = client.Id, ["aud"] = Site.Issuer, ["exp"] = Site.Clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds() };
        foreach (var (name, value) in Parameters(client))
            claims[name] = value;
        return claims;
    }

    private async Task<string> Ask(Client client, string request) =>
        (await (await SignedIn(await AddUser())).GetAsync($"/oauth/authorize?client_id={client.Id}&redirect_uri={Uri.EscapeDataString(RedirectUri)}&request={request}", Ct)).Headers.Location!.OriginalString;

    /// <summary>Requests by reference; and apps that register themselves or have a document, which is off unless an operator wants it.</summary>
    private async Task What_reaches_out_or_is_switched_on()
    {
        (Flag("request_uri_parameter_supported"), Flag("require_request_uri_registration")).ShouldBe((true, true));
        await using var outside = await OutsideServer.Start();
        await using var node = Site.WithWebHostBuilder(host => host
            .Reach(outside)
            .UseSetting("Signet:Registration:Dynamic", "Open").UseSetting("Signet:Registration:Documents", "On"));
        var key = new AppKey();
        var (client, _) = await AddFirstParty(settings => settings with { Jwks = key.Jwks, RequestUris = [outside.Url("/object")] });
        outside.Answer("/object", http => http.Response.WriteAsync(key.Sign(Object(client))));
        using var browser = node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        browser.DefaultRequestHeaders.Add("Cookie", (await SignedIn(await AddUser())).DefaultRequestHeaders.GetValues("Cookie"));
        string At(string uri) => $"/oauth/authorize?client_id={client.Id}&redirect_uri={Uri.EscapeDataString(RedirectUri)}&request_uri={Uri.EscapeDataString(uri)}";

        (await browser.GetAsync(At(outside.Url("/object")), Ct)).Headers.Location!.OriginalString.ShouldContain("?code=");
        (await browser.GetAsync(At(outside.Url("/object?other")), Ct)).Headers.Location!.OriginalString.ShouldContain("error=request_uri_not_supported");

        var switchedOn = await Json(await browser.GetAsync("/.well-known/openid-configuration", Ct));
        switchedOn.EnumerateObject().Select(member => member.Name).Except(document.EnumerateObject().Select(member => member.Name)).ShouldBe(["client_id_metadata_document_supported", "registration_endpoint"], ignoreOrder: true);
        using var metadata = new StringContent("""{"redirect_uris":["https://app.test/cb"]}""", System.Text.Encoding.UTF8, "application/json");
        (await browser.PostAsync(Text(switchedOn, "registration_endpoint"), metadata, Ct)).StatusCode.ShouldBe(HttpStatusCode.Created);
        await ShouldBeRefused(await Site.Browser().PostAsync("/oauth/register", metadata, Ct), "access_denied", 403);

        switchedOn.GetProperty("client_id_metadata_document_supported").GetBoolean().ShouldBeTrue();
        var id = outside.Url("/client");
        outside.AnswerJson("/client", $$"""{"client_id":"{{id}}","client_name":"Reader","redirect_uris":["https://app.test/cb"],"token_endpoint_auth_method":"none"}""");
        var byDocument = AuthorizeUrl(client, ("client_id", id), ("scope", "openid"));
        (await browser.GetAsync(byDocument, Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
        (await (await SignedIn(await AddUser())).GetAsync(byDocument, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task Documents_of_APIs()
    {
        var (_, api, _) = await AddApi();
        await Read();
        Texts("protected_resources").ShouldBe([Site.Issuer, "https://api.test/notes"]);
        foreach (var (path, resource) in ((string, string)[])[("", Site.Issuer), ("/" + api.Id, "https://api.test/notes")])
            Text(await Json(await Site.Browser().GetAsync("/.well-known/oauth-protected-resource" + path, Ct)), "resource").ShouldBe(resource);
        (await Site.Browser().GetAsync("/.well-known/oauth-protected-resource/unknown", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task Scopes_of_Signet_and_of_APIs()
    {
        await AddApi();
        await Read();
        var listed = Texts("scopes_supported");
        listed.ShouldContain("openid");
        listed.ShouldContain("notes.read");
        listed.ShouldAllBe(scope => Regex.IsMatch(scope, "^[!#-\\[\\]-~]+$"));
        var (client, secret) = await AddClient(scopes: [.. listed, "unknown"]);

        var tokens = await Tokens(await AddUser(isAdmin: true), client, secret, ("scope", string.Join(' ', listed)));

        Text(tokens, "scope").Split(' ').ShouldBe(listed, ignoreOrder: true);
        (await Location(client, ("scope", "openid unknown"))).ShouldContain("error=invalid_scope");
    }

    private async Task AddApiWithDetails()
    {
        var (api, _, _) = await AddApi();
        await Site.InDatabase(db => db.Resources.Where(row => row.Id == api.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DetailsTypes, new[] { new DetailsType("payment", "Pay") }), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
        await Read();
    }

    private async Task Details()
    {
        document.TryGetProperty("authorization_details_types_supported", out _).ShouldBeFalse();
        await AddApiWithDetails();
        var (client, secret) = await AddClient(change: client => client.Settings = new() { AuthorizationDetailsTypes = ["payment", "account"] });
        await Walk(
            "authorization_details_types_supported", ["payment", "account"],
            async type => (await Tokens(await AddUser(), client, secret, ("authorization_details", $$"""[{"type":"{{type}}"}]"""))).GetProperty("authorization_details")[0].GetProperty("type").GetString().ShouldBe(type),
            async type => (await Location(client, ("authorization_details", $$"""[{"type":"{{type}}"}]"""))).ShouldContain("error=invalid_authorization_details"));
    }
}
