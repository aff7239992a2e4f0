using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.ClientDocuments;

/// <summary>An app is what the document at its <c>client_id</c> says: OAuth Client ID Metadata Document.</summary>
public sealed class ClientDocumentTests(DocumentSite site) : DocumentTest(site), IClassFixture<DocumentSite>
{
    [Fact]
    public async Task An_app_that_nobody_registered_gets_tokens_with_the_persons_consent_alone()
    {
        await AddApi();
        var app = Publish(changes: ("client_name", "Reader \u202Eevil"));
        var user = await AddUser();
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/oauth-authorization-server", Ct));
        metadata.GetProperty("client_id_metadata_document_supported").GetBoolean().ShouldBeTrue();

        (await Site.Browser().GetAsync(AuthorizeUrl(app), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        (await Clients()).ShouldBe(1, "a stranger leaves no trace but the API's own credentials");
        var browser = await SignedIn(user);
        var consent = await browser.GetAsync(AuthorizeUrl(app, ("scope", "openid notes.read offline_access")), Ct);
        var page = WebUtility.HtmlDecode(await (await browser.GetAsync(consent.Headers.Location, Ct)).Content.ReadAsStringAsync(Ct));
        page.ShouldContain("Reader evil wants to");
        page.ShouldContain($"<strong class=\"text-break\">localhost:{Outside.Port}</strong>");
        page.ShouldContain("Unverified app.");
        page.ShouldContain($"https://app.test</code>, which is not localhost:{Outside.Port}");

        var tokens = await Tokens(user, app, null, ("scope", "openid notes.read offline_access"));
        Jwt(Text(tokens, "access_token")).GetClaim("client_id").Value.ShouldBe(app.Id);
        tokens = await Json(await Refresh(app, null, Text(tokens, "refresh_token")));
        (await IsLive(Text(tokens, "access_token"))).ShouldBeTrue();
        Fetches(app).ShouldBe(1);
        (await Kept(app))!.Scopes.ShouldBeEmpty("what it may ask for is what there is, not what there was");

        var again = await browser.GetAsync(AuthorizeUrl(app, ("scope", "openid notes.read offline_access")), Ct);
        again.Headers.Location!.OriginalString.ShouldStartWith("/consent", Case.Sensitive, "it is asked each time");
    }

    public static TheoryData<string, (string, object?)[], string> Unfit => new()
    {
        { "another id", [("client_id", "https://localhost/other.json")], "no document about it could be read" },
        { "no id", [("client_id", null)], "no document about it could be read" },
        { "a secret", [("client_secret", "s3cret")], "client_secret has no place" },
        { "a secret's end", [("client_secret_expires_at", 0)], "client_secret has no place" },
        { "client_secret_basic", [("token_endpoint_auth_method", "client_secret_basic")], "token_endpoint_auth_method must be" },
        { "client_secret_jwt", [("token_endpoint_auth_method", "client_secret_jwt")], "token_endpoint_auth_method must be" },
        { "no redirect URIs", [("redirect_uris", null)], "redirect_uris is missing" },
        { "a redirect URI that is none", [("redirect_uris", new[] { "https://app.test/*" })], "may not have a wildcard" },
        { "a plain http redirect URI", [("redirect_uris", new[] { "http://app.test/cb" })], "must be https" },
        { "no code grant", [("grant_types", new[] { "client_credentials" })], "grant_types must have authorization_code" },
        { "another response type", [("response_types", new[] { "token" })], "response_types must have code" },
        { "a key method without keys", [("token_endpoint_auth_method", "private_key_jwt")], "jwks" },
        { "a number for a name", [("client_name", 7)], "client_name is of the wrong type" },
        { "a text for keys' flag", [("dpop_bound_access_tokens", "yes")], "of the wrong type" },
    };

    [Fact]
    public async Task A_document_that_does_not_fit_makes_no_app()
    {
        foreach (var (what, changes, because) in Unfit.Select(row => row.Data))
        {
            var app = Publish(changes: changes);

            await ShouldBeRefusedHere(app, because);

            (await Kept(app)).ShouldBeNull(what);
        }

        (await Clients()).ShouldBe(0);
    }

    [Fact] // T132, T136: whatever is or is not at the address, the same is said
    public async Task Nothing_is_learned_of_what_is_no_document()
    {
        Outside.AnswerJson("/text", "no json");
        Outside.AnswerJson("/list", "[]");
        Outside.AnswerJson("/large", $"{{\"client_id\":\"{Outside.Url("/large")}\",\"x\":\"{new string('x', 64 * 1024)}\"}}");
        Outside.AnswerJson("/twice", $$"""{"client_id":"{{Outside.Url("/twice")}}","client_id":"{{Outside.Url("/twice")}}"}""");
        Outside.Answer("/moved", http =>
        {
            http.Response.Redirect(Outside.Url("/ok"));
            return Task.CompletedTask;
        });
        PublishAt("/ok");
        Outside.Answer("/html", async http =>
        {
            http.Response.ContentType = "text/html";
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, $$"""{"client_id":"{{Outside.Url("/html")}}","redirect_uris":["{{RedirectUri}}"]}""");
        });

        var said = new List<string>();
        foreach (var path in (string[])["/text", "/list", "/large", "/twice", "/moved", "/html", "/nothing"])
        {
            var (status, page) = await Come(AuthorizeUrl(Named(Outside.Url(path))));
            status.ShouldBe(HttpStatusCode.BadRequest, path);
            said.Add(page.Split("<h1")[1].Split("</main>")[0].Replace(path, "", StringComparison.Ordinal));
        }

        said.Select(page => page[..page.IndexOf("read there", StringComparison.Ordinal)]).Distinct().Count().ShouldBe(1);
        Outside.Requests.Count(request => request.Path == "/ok").ShouldBe(0, "no redirect is followed");
        (await Clients()).ShouldBe(0);
    }

    [Fact]
    public async Task An_address_that_is_too_long_or_of_another_host_is_not_asked()
    {
        var tooLong = Named(Outside.Url("/" + new string('a', 512)));
        await ShouldBeRefusedHere(tooLong, "is not registered with us");
        await ShouldBeRefusedHere(Named("https://elsewhere.test/client.json"), "is not registered with us");
        Fetches(tooLong).ShouldBe(0);
    }

    [Fact]
    public async Task Where_documents_are_off_an_address_is_an_id_like_any_other_that_does_not_exist()
    {
        var app = Publish();
        var tokens = await Tokens(await AddUser(), app, null);
        await using var off = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:Registration:Documents", "Off"));
        using var browser = off.CreateClient(new() { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });

        (await browser.GetAsync(AuthorizeUrl(app), Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await ShouldBeRefused(await Post(browser, "/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", Text(tokens, "refresh_token")), ("client_id", app.Id)), "invalid_client", 401);
        (await Json(await browser.GetAsync("/.well-known/openid-configuration", Ct))).TryGetProperty("client_id_metadata_document_supported", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Nodes_that_meet_an_app_at_the_same_time_keep_it_once_and_change_it_once()
    {
        var app = Publish();
        await using var other = Site.WithWebHostBuilder(_ => { });
        var people = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => await AddSession(await AddUser())));

        Task Come() => Task.WhenAll(people.Select(async (session, i) =>
        {
            using var browser = (i % 2 == 0 ? other : Site).CreateClient(new() { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
            browser.DefaultRequestHeaders.Add("Cookie", $"{Signet.Infrastructure.Identity.SessionAuthentication.Cookie}={session}");
            (await browser.GetAsync(AuthorizeUrl(app), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
        }));

        await Come();
        (await Clients()).ShouldBe(1);
        (await Site.InDatabase(db => db.AuditEvents.CountAsync(happened => happened.Action == "app met", Ct))).ShouldBe(1);
        Fetches(app).ShouldBeLessThanOrEqualTo(2, "who asks at the same time waits for the same answer");

        PublishAt(new Uri(app.Id).AbsolutePath, null, ("client_name", "Reader 2"));
        Site.Clock.Advance(TimeSpan.FromHours(2));
        await Come();
        (await Kept(app))!.Name.ShouldBe("Reader 2");
        (await Site.InDatabase(db => db.AuditEvents.CountAsync(happened => happened.Action == "app's document changed", Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_can_make_Signet_ask_many_addresses()
    {
        var address = $"10.77.0.{Random.Shared.Next(1, 250)}";
        using var flood = Site.BrowserAt(address);
        for (var i = 0; i < FetchAllowance.PerAddress; i++)
            (await flood.GetStringAsync(AuthorizeUrl(Named($"https://nobody.test/{i}")), Ct).ContinueWith(answer => answer.IsFaulted, Ct)).ShouldBeTrue();

        var (refused, others) = (await flood.GetAsync(AuthorizeUrl(Named("https://nobody.test/more")), Ct), await Come(AuthorizeUrl(Named("https://nobody.test/others"))));

        (await refused.Content.ReadAsStringAsync(Ct)).ShouldContain("Too many apps");
        others.Page.ShouldNotContain("Too many apps");
        for (var i = 0; i < FetchAllowance.PerHost; i++)
            Site.Services.GetRequiredService<FetchAllowance>().Take("https://nobody.test/x", IPAddress.Parse($"10.78.0.{i}"));
        (await Come(AuthorizeUrl(Named("https://nobody.test/others")))).Page.ShouldContain("Too many apps");
        (await Clients()).ShouldBe(0);
    }

    [Fact]
    public async Task It_may_ask_for_what_is_open_to_every_app_and_for_nothing_over_this_installation()
    {
        await AddApi();
        var app = Publish();
        var picky = Publish(changes: ("scope", "openid notes.read admin"));
        var user = await AddUser();

        foreach (var scope in (string[])["admin", "apps.read", "apps.write"])
            (await Authorize(await SignedIn(user), app, ("scope", $"openid {scope}")))["error"].ShouldBe("invalid_scope");
        (await Authorize(await SignedIn(user), picky, ("scope", "notes.write")))["error"].ShouldBe("invalid_scope");
        (await Authorize(await SignedIn(user), picky, ("scope", "admin")))["error"].ShouldBe("invalid_scope");
        Text(await Tokens(user, app, null, ("scope", null)), "scope").ShouldBe("openid");
        Text(await Tokens(user, app, null, ("scope", null), ("resource", "https://api.test/notes")), "scope").ShouldBe("notes.read notes.write");
        Text(await Tokens(user, picky, null, ("scope", null)), "scope").ShouldBe("openid notes.read");
        await ShouldBeRefused(await Token(app, null, ("grant_type", "client_credentials")), "unauthorized_client");
    }

    [Theory] // RFC 8252 §7.3; a document cannot know the port that is free on one machine
    [InlineData("http://localhost/callback", "http://localhost:49152/callback", true)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback", true)]
    [InlineData("http://localhost/callback", "http://localhost:49152/other", false)]
    [InlineData("http://localhost/callback", "http://127.0.0.1:49152/callback", false)]
    [InlineData("http://localhost/callback", "http://localhost.evil.test/callback", false)]
    public async Task A_program_on_the_persons_machine_may_listen_at_any_port_and_the_person_is_warned(string registered, string asked, bool isTaken)
    {
        var app = Publish(changes: ("redirect_uris", new[] { registered }));
        var browser = await SignedIn(await AddUser());

        var answer = await browser.GetAsync(AuthorizeUrl(app, ("redirect_uri", asked)), Ct);

        answer.StatusCode.ShouldBe(isTaken ? HttpStatusCode.Redirect : HttpStatusCode.BadRequest);
        if (isTaken)
            (await browser.GetStringAsync(answer.Headers.Location, Ct)).ShouldContain("any program on it could have asked");
    }

    [Fact] // RFC 9700 §4.11.2
    public async Task A_stranger_is_not_sent_on_to_where_an_unknown_app_says()
    {
        var app = Publish();
        var url = AuthorizeUrl(app, ("response_type", "bogus"));

        (await Site.Browser().GetAsync(url, Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        (await Site.Browser().GetAsync(url + "&nonce=twice", Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Site.Browser().GetAsync(AuthorizeUrl(app, ("state", new string('s', 9000))), Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Answer(await (await SignedIn(await AddUser())).GetAsync(url, Ct))["error"].ShouldBe("unsupported_response_type");
        Answer(await Site.Browser().GetAsync(AuthorizeUrl(app, ("prompt", "none")), Ct))["error"].ShouldBe("login_required");
    }

    [Fact]
    public async Task A_key_in_the_document_proves_the_app_also_where_it_pushes_its_first_request()
    {
        var key = new AppKey();
        var app = Publish(changes: [("token_endpoint_auth_method", "private_key_jwt"), ("jwks", JsonSerializer.SerializeToElement(key.Jwks))]);
        (string, string) Proof(AppKey by) => ("client_assertion", by.Sign(new()
        {
            ["iss"] = app.Id,
            ["sub"] = app.Id,
            ["aud"] = Site.Issuer,
            ["exp"] = Site.Clock.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
        }));
        (string, string) type = ("client_assertion_type", ClientAssertion.Type);

        await ShouldBeRefused(await Push(app, null, type, Proof(new AppKey())), "invalid_client", 401);
        await ShouldBeRefused(await Push(app, null), "invalid_client", 401);
        (await Kept(app)).ShouldBeNull();
        var pushed = await Json(await Push(app, null, type, Proof(key)));
        (await Kept(app)).ShouldNotBeNull();

        var browser = await SignedIn(await AddUser());
        var url = $"/oauth/authorize?client_id={Uri.EscapeDataString(app.Id)}&request_uri={Uri.EscapeDataString(Text(pushed, "request_uri"))}";
        var consent = (await browser.GetAsync(url, Ct)).Headers.Location!.OriginalString;
        var allowed = await Submit(browser, consent, "/consent?handler=Allow", ("returnUrl", Uri.UnescapeDataString(consent.Split("returnUrl=")[1])));
        var code = Answer(await browser.GetAsync(allowed.Headers.Location, Ct))["code"];
        await ShouldBeRefused(await Redeem(app, null, code), "invalid_client", 401);
        (await Redeem(app, null, code, type, Proof(key))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
