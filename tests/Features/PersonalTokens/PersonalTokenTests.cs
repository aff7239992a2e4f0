using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.PersonalTokens;

/// <summary>Personal access tokens, from the page that makes them to the API that asks about them.</summary>
public abstract partial class PersonalTokenTests(Site site) : SliceTest(site)
{
    [Fact]
    public async Task Is_shown_once_works_and_ends_when_revoked()
    {
        var (_, api, secret) = await AddApi();
        var browser = await SignedIn(await AddUser());

        var response = await Submit(browser, "/account/tokens", ("Input.Name", "backup"), ("Input.Scopes", "notes.read"), ("Input.Days", "30"));
        var token = TokenText().Match(await response.Content.ReadAsStringAsync(Ct)).Value;

        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await Introspect(Site.Browser(), api, secret, token)).ShouldContain("\"scope\":\"notes.read\"");
        var list = await (await browser.GetAsync("/account/tokens", Ct)).Content.ReadAsStringAsync(Ct);
        list.ShouldContain("backup");
        list.ShouldNotContain(token);

        var id = await Site.InDatabase(db => db.Tokens.Select(row => row.Id).SingleAsync(Ct));
        var stranger = await SignedIn(await AddUser());
        await Submit(stranger, "/account/tokens?handler=Revoke", ("id", id.ToString()));
        (await Introspect(Site.Browser(), api, secret, token)).ShouldContain("\"active\":true");
        await Submit(browser, "/account/tokens?handler=Revoke", ("id", id.ToString()));
        (await Introspect(Site.Browser(), api, secret, token)).ShouldBe(Inactive);
    }

    [Theory]
    [InlineData("", "notes.read", "30", "")]
    [InlineData("a", "", "30", "")]
    [InlineData("a", "admin", "30", "")]
    [InlineData("a", "unknown", "30", "")]
    [InlineData("a", "openid", "30", "")]
    [InlineData("a", "notes.read", "0", "")]
    [InlineData("a", "notes.read", "-1", "")]
    [InlineData("a", "notes.read", "3000", "")]
    [InlineData("a", "notes.read", "30", "2001-01-01")]
    [InlineData("a", "notes.read", "30", "2999-01-01")]
    public async Task Refuses_what_a_token_must_not_be(string name, string scope, string days, string until)
    {
        await AddApi();
        var browser = await SignedIn(await AddUser());

        var response = await Submit(browser, "/account/tokens", ("Input.Name", name), ("Input.Scopes", scope), ("Input.Days", days), ("Input.Until", until));

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Site.InDatabase(db => db.Tokens.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Lets_administrators_alone_give_the_admin_scope()
    {
        var browser = await SignedIn(await AddUser(isAdmin: true));

        var response = await Submit(browser, "/account/tokens", ("Input.Name", "ops"), ("Input.Scopes", "admin"), ("Input.Days", "7"));

        TokenText().IsMatch(await response.Content.ReadAsStringAsync(Ct)).ShouldBeTrue();
    }

    [GeneratedRegex("sgp_[0-9A-Za-z]{49}")]
    private static partial Regex TokenText();

    public sealed class OnPostgres(PostgresSite site) : PersonalTokenTests(site)
    {
        [Fact] // T064
        public async Task Nothing_that_was_issued_stands_in_the_database()
        {
            var (client, secret) = await AddClient();
            var user = await AddUser();
            var (grant, refresh) = await AddGrant(user, client);
            string[] secrets = [secret, refresh, await IssueOpaque(client, grant), await IssueJwt(client, grant), (await AddPersonalToken(user)).Text, await AddSession(user)];
            foreach (var token in secrets)
                await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", token));

            var dump = await ((PostgresSite)Site).Dump(Ct);
            foreach (var text in secrets)
            {
                dump.ShouldNotContain(text, Case.Sensitive);
                dump.ShouldNotContain(Convert.ToHexStringLower(Encoding.ASCII.GetBytes(text)), Case.Sensitive);
            }
        }
    }

    public sealed class OnSqlite(SqliteSite site) : PersonalTokenTests(site);
}
