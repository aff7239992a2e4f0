using System.Net;
using System.Net.Http.Headers;
using Signet.Infrastructure.Identity;
using Signet.Tests.Features.SenderConstraint;
using Signet.Tests.Journeys;

namespace Signet.Tests.Samples;

/// <summary>The samples as they are, each in a process of its own, against the product on a real port.</summary>
public sealed class SamplesTests(LiveSite site) : SliceTest(site), IClassFixture<LiveSite>
{
    private const string Audience = "https://api.localhost/demo";
    private Sample? api;
    private Sample? web;

    private LiveSite Live => (LiveSite)Site;

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("notes.write", HttpStatusCode.Forbidden)]
    [InlineData("notes.read", HttpStatusCode.OK)]
    public async Task The_api_takes_a_token_that_was_issued_for_it_with_the_scope(string? scope, HttpStatusCode status)
    {
        await StartApi();
        using var http = new HttpClient { BaseAddress = api!.Address };
        if (scope is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token(scope));

        (await http.GetAsync("/notes", Ct)).StatusCode.ShouldBe(status);
    }

    [Fact] // it checks no proofs, so a stolen bound token must not pass there as a bearer
    public async Task The_api_takes_no_token_that_is_bound_to_a_key()
    {
        await StartApi();
        using var http = new HttpClient { BaseAddress = api!.Address };
        var proof = new ProofKey().Proof("POST", new Uri(Live.Address, "/oauth/token").ToString(), Site.Clock.GetUtcNow());
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token("notes.read", proof));

        (await http.GetAsync("/notes", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_web_app_signs_someone_in_and_shows_their_notes()
    {
        await StartApi();
        var address = new Uri($"http://localhost:{LiveSite.FreePort()}");
        var (client, secret) = await AddClient(redirectUris: [$"{address}signin-oidc"], scopes: ["openid", "profile", "email", "notes.read"]);
        web = await Sample.Start("NotesWeb", address, Live, ("Signet__ClientId", client.Id), ("Signet__ClientSecret", secret), ("Api__Address", api!.Address.ToString()), ("Api__Audience", Audience));
        using var browser = new HandBrowser();
        browser.Keep(Live.Address, SessionAuthentication.Cookie, await AddSession(await AddUser("ada@example.test")));

        var consent = await browser.Open(new Uri(web.Address, "/signin"));
        consent.ShouldContain("ada@example.test");
        (await browser.Press("Allow")).ShouldContain("<h1>Signed in</h1>");
        browser.Location.ShouldBe(web.Address);
        (await browser.Open(new Uri(web.Address, "/notes"))).ShouldContain("Buy sealing wax");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (web is not null)
            await web.DisposeAsync();
        if (api is not null)
            await api.DisposeAsync();
    }

    private async Task StartApi()
    {
        await AddApi(Audience, "notes.read", "notes.write");
        api = await Sample.Start("NotesApi", new Uri($"http://localhost:{LiveSite.FreePort()}"), Live, ("Signet__Audience", Audience));
    }

    private async Task<string> Token(string scope, string? proof = null)
    {
        var (client, secret) = await AddClient(grants: ["client_credentials"], scopes: ["notes.read", "notes.write"]);
        using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(trusting) { BaseAddress = Live.Address };
        if (proof is not null)
            http.DefaultRequestHeaders.Add("DPoP", proof);

        var answer = await Json(await PostAs(http, client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("scope", scope), ("resource", Audience)));

        return answer.GetProperty("access_token").GetString()!;
    }
}
