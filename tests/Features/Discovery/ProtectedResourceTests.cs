using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Discovery;

/// <summary>How an app finds out what an API wants: RFC 9728.</summary>
public sealed class ProtectedResourceTests(PostgresSite site) : FlowTest(site)
{
    private const string Place = "/.well-known/oauth-protected-resource";

    [Fact]
    public async Task Each_API_has_a_document_that_says_where_its_tokens_come_from()
    {
        var (api, client, _) = await AddApi();
        await Site.InDatabase(db => db.Resources.ExecuteUpdateAsync(set => set.SetProperty(row => row.DocumentationUri, "https://api.test/docs")
            .SetProperty(row => row.DetailsTypes, new[] { new DetailsType("payment", "Pay") }), Ct));
        Site.Services.GetService(typeof(ClientDirectory)).ShouldBeOfType<ClientDirectory>().Forget();

        var answer = await Site.Browser().GetAsync($"{Place}/{client.Id}", Ct);
        var document = await Json(answer);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        Text(document, "resource").ShouldBe(api.Audience);
        Text(document, "resource_name").ShouldBe("Notes API");
        Text(document, "resource_documentation").ShouldBe("https://api.test/docs");
        Texts(document, "authorization_servers").ShouldBe([Site.Issuer]);
        Texts(document, "scopes_supported").ShouldBe(["notes.read", "notes.write"]);
        Texts(document, "bearer_methods_supported").ShouldBe(["header"]);
        Texts(document, "authorization_details_types_supported").ShouldBe(["payment"]);
        // What an API does with bound tokens is the API's own to say.
        document.TryGetProperty("dpop_signing_alg_values_supported", out _).ShouldBeFalse();
        Texts(await Json(await Site.Browser().GetAsync("/.well-known/oauth-authorization-server", Ct)), "protected_resources").ShouldBe([Site.Issuer, api.Audience]);
    }

    [Fact]
    public async Task Administrators_say_where_an_API_is_documented_and_copy_the_header_for_its_401()
    {
        var (api, client, _) = await AddApi();
        using var admin = await SignedIn(await AddUser(isAdmin: true));
        (string, string)[] fields = [("Input.Name", "Notes"), ("Input.Scopes[0].Name", "notes.read")];

        WebUtility.HtmlDecode(await admin.GetStringAsync($"/admin/apis/{api.Id}", Ct)).ShouldContain($"WWW-Authenticate: Bearer resource_metadata=\"{Site.Issuer}{Place}/{client.Id}\"");
        (await Submit(admin, $"/admin/apis/{api.Id}", [.. fields, ("Input.DocumentationUri", "javascript:alert(1)")])).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Submit(admin, $"/admin/apis/{api.Id}", [.. fields, ("Input.DocumentationUri", "https://api.test/docs")])).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        Text(await Json(await Site.Browser().GetAsync($"{Place}/{client.Id}", Ct)), "resource_documentation").ShouldBe("https://api.test/docs");
    }

    [Fact] // §3.1
    public async Task An_API_on_the_same_host_and_Signets_own_are_where_their_address_says()
    {
        var (api, _, _) = await AddApi($"{Site.Issuer}/notes/v2");

        Text(await Json(await Site.Browser().GetAsync($"{Place}/notes/v2", Ct)), "resource").ShouldBe(api.Audience);
        var own = await Json(await Site.Browser().GetAsync(Place, Ct));
        Text(own, "resource").ShouldBe(Site.Issuer);
        own.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean().ShouldBeTrue();
        foreach (var unknown in (string[])["/notes", "/notes/v2/x", "/nothing"])
            (await Site.Browser().GetAsync(Place + unknown, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory] // §5.1
    [InlineData("/oauth/userinfo")]
    [InlineData("/api/v1/apps")]
    public async Task Signets_own_refusals_name_the_document(string url)
    {
        var answer = await Site.Browser().GetAsync(url, Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var challenge in answer.Headers.WwwAuthenticate)
            challenge.Parameter!.ShouldContain($"resource_metadata=\"{Site.Issuer}{Place}\"");
    }

    [Theory] // RFC 3986 §6.2.3
    [InlineData("https://api.test", "https://api.test/")]
    [InlineData("https://api.test/", "https://api.test")]
    public async Task An_audience_without_a_path_may_be_named_with_its_slash(string audience, string resource)
    {
        await AddApi(audience);
        var (client, secret) = await AddClient(scopes: ["notes.read"]);

        var tokens = await Json(await Redeem(client, secret, await Code(await AddUser(), client, ("resource", resource)), ("resource", resource)));

        Jwt(Text(tokens, "access_token")).Audiences.ShouldBe([audience]);
    }

    private static string[] Texts(JsonElement json, string member) => [.. json.GetProperty(member).EnumerateArray().Select(text => text.GetString()!)];
}
