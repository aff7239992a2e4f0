using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.ClientDocuments;

namespace Signet.Tests.Attacks;

/// <summary>What the owner of a web server tries who may describe apps there.</summary>
public sealed class HostileDocumentTests(DocumentSite site) : DocumentTest(site), IClassFixture<DocumentSite>
{
    [Theory] // half a character: no text, and no 500
    [InlineData("""{"client_id":"\ud800"}""")]
    [InlineData("""{"\ud800":1,"\udc00":2}""")]
    [InlineData("""{"client_id":"ID","client_name":"\ud800","redirect_uris":["https://app.test/cb"]}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.test/\ud800"]}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.test/cb"],"software_id":"\udc00"}""")]
    public async Task A_document_with_half_a_character_is_none(string document)
    {
        var path = $"/half/{Guid.NewGuid():N}";
        Outside.Answer(path, http =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(document.Replace("ID", Outside.Url(path), StringComparison.Ordinal));
        });

        await ShouldBeRefusedHere(Named(Outside.Url(path)), "no document about it could be read");
        await ShouldBeRefused(await Push(Named(Outside.Url(path)), null), "invalid_client", 401);
    }

    [Fact] // RFC 9700 §4.11.2
    public async Task A_document_leads_nobody_to_its_address_who_is_not_signed_in()
    {
        var app = Publish();

        var answer = await Site.Browser().GetAsync(AuthorizeUrl(app, ("scope", "admin")), Ct);

        answer.Headers.Location!.OriginalString.ShouldStartWith("/login?");
        (await Kept(app)).ShouldBeNull();
    }

    [Fact] // a push without a person kept every document there is, of 64 KiB each
    public async Task Requests_that_are_pushed_do_not_fill_the_database_with_apps_that_nobody_uses()
    {
        await using var small = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:Registration:MostUnusedApps", "2"));
        using var program = small.CreateClient(new() { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        var apps = Enumerable.Range(0, 3).Select(_ => Publish()).ToArray();
        Task<HttpResponseMessage> PushOf(int i) => Post(program, "/oauth/par", [.. Parameters(apps[i]).Select(pair => (pair.Key, pair.Value!))]);

        (await PushOf(0)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await PushOf(1)).StatusCode.ShouldBe(HttpStatusCode.Created);
        await ShouldBeRefused(await PushOf(2), "temporarily_unavailable", 503);
        (await Kept(apps[2])).ShouldBeNull();
        (await PushOf(1)).StatusCode.ShouldBe(HttpStatusCode.Created, "one that is here already goes on");

        (await Authorize(await SignedIn(await AddUser()), apps[2], ("scope", "openid"))).ShouldContainKey("code");
        (await PushOf(2)).StatusCode.ShouldBe(HttpStatusCode.Created, "a person has come with it");
    }

    [Fact] // or the console did, as the trail had it of a caller who hung up
    public async Task Nobody_who_comes_by_has_changed_a_document()
    {
        var app = Publish();
        var user = await AddUser();
        await Code(user, app);
        PublishAt(new Uri(app.Id).AbsolutePath, null, ("client_name", "Evil"));
        Site.Clock.Advance(TimeSpan.FromHours(2));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();

        await Authorize(await SignedIn(user), app);

        var entry = await Site.InDatabase(db => db.AuditEvents.SingleAsync(happened => happened.Action == "app's document changed", Ct));
        entry.Actor.ShouldBe($"client:{app.Id}");
        entry.IpAddress.ShouldBeNull();
    }

    [Fact] // OpenID Connect Core §8.1
    public async Task A_document_that_moves_to_the_sector_of_another_app_loses_what_it_had()
    {
        var app = Publish(changes: [("redirect_uris", new[] { "https://mine.test/cb" }), ("subject_type", "pairwise")]);
        app.RedirectUris = ["https://mine.test/cb"];
        var tokens = await Tokens(await AddUser(), app, null);
        PublishAt(new Uri(app.Id).AbsolutePath, null, ("subject_type", "pairwise"));
        Site.Clock.Advance(TimeSpan.FromHours(2));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();

        await ShouldBeRefused(await Refresh(app, null, Text(tokens, "refresh_token")), "invalid_grant");
    }

    [Fact]
    public async Task An_id_that_is_too_long_for_a_search_hides_no_app_from_administrators()
    {
        var app = PublishAt($"/{new string('a', 400)}");
        await Code(await AddUser(), app);
        var admin = await SignedIn(await AddUser(isAdmin: true));

        foreach (var search in (string[])["/admin/apps?find=", "/admin/tokens?q="])
            (await admin.GetStringAsync(search + Uri.EscapeDataString(app.Id), Ct)).ShouldContain("Reader", Case.Sensitive, search);
    }
}
