using System.Net;
using System.Text;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.ClientDocuments;

/// <summary>What becomes of an app when its document changes, goes away, or nobody wants it.</summary>
public sealed class ChangedDocumentTests(DocumentSite site) : DocumentTest(site), IClassFixture<DocumentSite>
{
    [Fact]
    public async Task A_document_is_read_again_when_it_is_no_longer_fresh_and_what_changed_counts()
    {
        var app = Publish("max-age=600");
        var user = await AddUser();
        await Code(user, app);
        var path = new Uri(app.Id).AbsolutePath;
        PublishAt(path, "max-age=0", ("client_name", "Reader 2"), ("redirect_uris", new[] { "https://new.test/cb" }));

        Site.Clock.Advance(TimeSpan.FromMinutes(9));
        await Code(user, app);
        Fetches(app).ShouldBe(1);

        Site.Clock.Advance(TimeSpan.FromMinutes(2));
        Forget();
        await ShouldBeRefusedHere(app, "redirect_uri");
        (await Authorize(await SignedIn(user), app, ("redirect_uri", "https://new.test/cb"))).ShouldContainKey("code");
        Fetches(app).ShouldBe(2);
        (await Kept(app))!.Name.ShouldBe("Reader 2");
        var changed = await Site.InDatabase(db => db.AuditEvents.SingleAsync(happened => happened.Action == "app's document changed", Ct));
        changed.Subject.ShouldBe($"client:{app.Id}");
        changed.Detail.ShouldBe("client_name redirect_uris");

        Site.Clock.Advance(TimeSpan.FromMinutes(4)); // whatever it says, not more often than every five minutes
        Forget();
        await Authorize(await SignedIn(user), app, ("redirect_uri", "https://new.test/cb"));
        Fetches(app).ShouldBe(2);
    }

    [Fact]
    public async Task A_document_that_is_gone_ends_new_authorizations_at_once_and_after_a_week_what_it_had()
    {
        var app = Publish();
        var user = await AddUser();
        var tokens = await Tokens(user, app, null);
        Outside.Answer(new Uri(app.Id).AbsolutePath, http =>
        {
            http.Response.StatusCode = 410;
            return Task.CompletedTask;
        });

        Site.Clock.Advance(TimeSpan.FromHours(2));
        Forget();
        await ShouldBeRefusedHere(app, "no document about it could be read");
        tokens = await Json(await Refresh(app, null, Text(tokens, "refresh_token")));

        Site.Clock.Advance(Signet.Infrastructure.OAuth.ClientDocuments.Grace);
        Forget();
        await ShouldBeRefused(await Refresh(app, null, Text(tokens, "refresh_token")), "invalid_client", 401);

        PublishAt(new Uri(app.Id).AbsolutePath);
        (await Refresh(app, null, Text(tokens, "refresh_token"))).StatusCode.ShouldBe(HttpStatusCode.OK, "nothing that could not be read is remembered");
    }

    [Fact]
    public async Task An_app_that_nobody_allowed_is_forgotten_after_a_while_and_a_banned_one_never()
    {
        var (met, allowed, banned) = (Publish(), Publish(), Publish());
        var user = await AddUser();
        var browser = await SignedIn(user);
        foreach (var app in (Client[])[met, banned])
            (await browser.GetAsync(AuthorizeUrl(app), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
        await Code(user, allowed);
        await Site.InDatabase(db => db.Clients.Where(client => client.Id == banned.Id).ExecuteUpdateAsync(set => set.SetProperty(client => client.DisabledAt, Site.Clock.GetUtcNow()), Ct));

        (await Expire()).Rows.ShouldNotContainKey("Clients");
        Site.Clock.Advance(TimeSpan.FromDays(31));
        (await Expire()).Rows["Clients"].ShouldBe(1);

        (await Kept(met)).ShouldBeNull();
        (await Kept(allowed)).ShouldNotBeNull();
        Forget();
        await ShouldBeRefusedHere(banned, "is disabled");
    }

    [Fact]
    public async Task Administrators_find_it_verify_it_ban_it_and_remove_it_but_what_it_says_they_cannot_change()
    {
        var app = Publish();
        var (user, admin) = (await AddUser(), await AddUser(isAdmin: true));
        await Code(user, app);
        using var browser = await SignedIn(admin);
        var segment = "url:" + System.Buffers.Text.Base64Url.EncodeToString(Encoding.ASCII.GetBytes(app.Id));

        (await browser.GetStringAsync("/admin/apps", Ct)).ShouldContain($"/apps/{Uri.EscapeDataString(segment)}\"");
        var shown = await browser.GetStringAsync($"/apps/{segment}", Ct);
        shown.ShouldContain("Unverified");
        shown.ShouldNotContain("/edit\"");
        (await browser.GetStringAsync($"/apps/{Uri.EscapeDataString(app.Id)}", Ct)).ShouldContain("Unverified");
        foreach (var wrong in (string[])["url:", "url:!!", "url:YWJj", "url:" + segment])
            (await browser.GetAsync($"/apps/{wrong}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound, wrong);
        foreach (var page in (string[])["edit", "protocol"])
            (await browser.GetAsync($"/apps/{segment}/{page}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound, page);
        (await Should.ThrowAsync<FluentValidation.ValidationException>(() => Send(new Signet.Features.EditApp.Request { Id = app.Id, Name = "Mine", RedirectUris = ["https://evil.test/cb"] })))
            .Message.ShouldContain("change it there");
        (await Kept(app))!.RedirectUris.ShouldBe([RedirectUri]);

        var verify = $"/admin/apps/{segment}/verify";
        var version = (await browser.GetStringAsync(verify, Ct)).Split("name=\"Version\" value=\"")[1].Split('"')[0];
        (await Submit(browser, verify, $"{verify}?handler=Verify", ("Version", version))).Headers.Location!.OriginalString.ShouldBe($"/apps/{Uri.EscapeDataString(segment)}");
        var again = await (await SignedIn(user)).GetAsync(AuthorizeUrl(app), Ct);
        again.Headers.Location!.OriginalString.ShouldStartWith(RedirectUri, Case.Sensitive, "a verified app is not asked for twice");
        PublishAt(new Uri(app.Id).AbsolutePath, null, ("client_name", "Reader of everything"));
        Site.Clock.Advance(TimeSpan.FromHours(2));
        Forget();
        (await (await SignedIn(user)).GetAsync(AuthorizeUrl(app), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent", Case.Sensitive, "what was vouched for is not what it became");

        await SignInAgain(browser, admin);
        await Submit(browser, $"/apps/{segment}/disable");
        await ShouldBeRefusedHere(app, "is disabled");
        await Submit(browser, $"/apps/{segment}/remove");
        (await Kept(app)).ShouldBeNull();
        await Code(user, app);
        (await Kept(app))!.VerifiedAt.ShouldBeNull("it comes back as a stranger");
    }

    // Another node's second has passed.
    private void Forget() => Site.Services.GetRequiredService<ClientDirectory>().Forget();

    private Task<Signet.Features.ExpireTokens.Result> Expire() => Send(new Signet.Features.ExpireTokens.Request());

    private async Task<T> Send<T>(IRequest<T> request)
    {
        using var scope = Site.Services.CreateScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, Ct);
    }
}
