using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Tests.Features.RegisterApp;

namespace Signet.Tests.Features.RegisterClient;

/// <summary>Registration tokens: who makes them, on the page, over HTTP and in the shell, and how they end.</summary>
public sealed partial class InitialTokenTests(PostgresSite site) : AppsTest(site)
{
    private const string Page = "/apps/registration-tokens";
    private const string Url = "/api/v1/registration-tokens";

    [Fact]
    public async Task Is_shown_once_on_the_page_that_makes_it_and_ends_where_it_is_listed()
    {
        await AddApi();
        var user = await AddUser();
        var browser = await SignedIn(user);

        var response = await Submit(browser, Page, ("Input.Name", "partner portal"), ("Input.Days", "7"), ("Input.Uses", "5"), ("Input.Scopes", "openid"), ("Input.Scopes", "notes.read"));
        var text = TokenText().Match(await response.Content.ReadAsStringAsync(Ct)).Value;
        var row = await Site.InDatabase(db => db.Tokens.SingleAsync(Ct));

        text.ShouldNotBeEmpty();
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (row.Kind, row.UserId, row.MostUses).ShouldBe((TokenKind.Registration, user.Id, 5));
        row.Scopes.ShouldBe(["openid", "notes.read"]);
        row.Hash.ShouldBe(new Signet.Infrastructure.Secret(text).Hash());
        var list = await (await browser.GetAsync(Page, Ct)).Content.ReadAsStringAsync(Ct);
        list.ShouldContain("partner portal");
        list.ShouldContain("0 of 5");
        list.ShouldNotContain(text);

        await Submit(await SignedIn(await AddUser()), $"{Page}?handler=Revoke", ("id", row.Id.ToString()));
        (await Site.InDatabase(db => db.Tokens.AsNoTracking().SingleAsync(Ct))).RevokedAt.ShouldBeNull();
        await Submit(await SignedIn(await AddUser(isAdmin: true)), $"{Page}?handler=Revoke", ("id", row.Id.ToString()));
        (await Site.InDatabase(db => db.Tokens.AsNoTracking().SingleAsync(Ct))).RevokedAt.ShouldNotBeNull();
        (await Site.InDatabase(db => db.AuditEvents.Where(audit => audit.UserId == user.Id).OrderBy(audit => audit.At).Select(audit => audit.Action).ToListAsync(Ct))).ShouldBe(["registration token issued", "registration token revoked"]);
    }

    [Theory]
    [InlineData("name", """{"max_uses":1}""")]
    [InlineData("scope", """{"name":"a","scope":"apps.write"}""")]
    [InlineData("scope", """{"name":"a","scope":"unknown"}""")]
    [InlineData("max_uses", """{"name":"a","max_uses":0}""")]
    [InlineData("expires_in_days", """{"name":"a","expires_in_days":0}""")]
    [InlineData("expires_in_days", """{"name":"a","expires_in_days":3000}""")]
    [InlineData("expires_in_days", """{"name":"a","expires_in_days":null}""")]
    [InlineData("for_installation", """{"name":"a","for_installation":true}""")]
    public async Task Is_not_made_of_what_a_token_must_not_be(string member, string body)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var response = await http.PostAsync(Url, Body(body), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Json(response)).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(await response.Content.ReadAsStringAsync(Ct));
        (await Site.InDatabase(db => db.Tokens.CountAsync(token => token.Kind == TokenKind.Registration, Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Is_made_listed_and_revoked_by_programs_that_may_manage_apps()
    {
        var user = await AddUser();
        using var http = await Program(user, "apps.write");
        using var reader = await Program(user, "apps.read");
        using var stranger = await Program(await AddUser(), "apps.write");
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");

        var made = await Json(await PostJson(http, Url, new { name = "portal", max_uses = 2 }));
        var id = made.GetProperty("id").GetString();
        made.GetProperty("token").GetString()!.ShouldStartWith("sgi_");
        (await PostJson(reader, Url, new { name = "portal" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await PostJson(admin, Url, new { name = "all", for_installation = true })).StatusCode.ShouldBe(HttpStatusCode.Created);

        var listed = (await Json(await reader.GetAsync(Url, Ct))).GetProperty("tokens");
        listed.GetArrayLength().ShouldBe(1);
        (listed[0].GetProperty("uses").GetInt32(), listed[0].GetProperty("max_uses").GetInt32()).ShouldBe((0, 2));
        (await Json(await admin.GetAsync(Url, Ct))).GetProperty("tokens").GetArrayLength().ShouldBe(2);
        (await stranger.DeleteAsync($"{Url}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.DeleteAsync($"{Url}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.DeleteAsync($"{Url}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Opens_no_other_door_and_ends_like_every_token()
    {
        using var maker = await Program(await AddUser(), "apps.write");
        var token = (await Json(await PostJson(maker, Url, new { name = "portal" }))).GetProperty("token").GetString()!;
        using var http = Site.Browser();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);

        (await http.GetAsync("/api/v1/apps", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.GetAsync("/oauth/userinfo", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        var found = await Submit(await SignedIn(await AddUser(isAdmin: true)), "/admin/tokens?handler=Find", ("token", token));
        (await found.Content.ReadAsStringAsync(Ct)).ShouldContain("registration token");
        using var scope = Site.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new Signet.Features.RevokeTokens.Request { Token = new(token), Reason = "leaked" }, Ct);
        (await Site.InDatabase(db => db.Tokens.SingleAsync(row => row.Kind == TokenKind.Registration, Ct))).RevocationReason.ShouldBe("leaked");
    }

    [Fact]
    public async Task Is_made_in_the_shell_for_the_installation_where_apps_are_verified_too()
    {
        var (app, _) = await AddClient(change: client => client.Registration = new());
        await Site.InDatabase(db => db.Clients.ExecuteUpdateAsync(set => set.SetProperty(client => client.Origin, ClientOrigin.Dynamic), Ct));
        var settings = new Dictionary<string, string> { ["ConnectionStrings:Postgres"] = ((PostgresSite)Site).ConnectionString, ["Signet:Issuer"] = Tests.Site.Issuer, ["DOTNET_ENVIRONMENT"] = "Testing" };

        var added = await SignetProcess.Run(settings, "registration-tokens", "add", "--name", "portal", "--uses", "3", "--json");
        var verified = await SignetProcess.Run(settings, "apps", "verify", app.Id);
        await Site.InDatabase(db => db.Tokens.ExecuteUpdateAsync(set => set.SetProperty(token => token.Uses, 3), Ct));
        var listed = await SignetProcess.Run(settings, "registration-tokens", "list");

        added.Code.ShouldBe(0, added.Errors);
        JsonElement.Parse(added.Output).GetProperty("token").GetString()!.ShouldStartWith("sgi_");
        (await Site.InDatabase(db => db.Tokens.SingleAsync(Ct))).UserId.ShouldBeNull();
        listed.Output.ShouldContain("portal  3 of 3 apps, used up  the installation's");
        verified.Code.ShouldBe(0, verified.Errors);
        (await Site.InDatabase(db => db.Clients.AsNoTracking().SingleAsync(Ct))).IsUnverified.ShouldBeFalse();
    }

    [GeneratedRegex("sgi_[0-9A-Za-z]{49}", RegexOptions.NonBacktracking)]
    private static partial Regex TokenText();
}
