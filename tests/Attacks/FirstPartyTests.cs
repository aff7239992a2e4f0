using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Attacks;

/// <summary>An app that administrators trust without asking people is no way to their rights.</summary>
public sealed class FirstPartyTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task Its_owner_cannot_keep_the_trust_while_changing_it_nor_give_it_admin()
    {
        var owner = await AddUser();
        var (client, _) = await AddClient(skipsConsent: true, ownerId: owner.Id, scopes: ["openid"]);
        var browser = await SignedIn(owner);
        var page = $"/apps/{client.Id}/edit";

        await Submit(browser, page, ("Input.Name", "Notes"), ("RedirectUris", "https://evil.test/cb"), ("Input.Scopes", "openid"), ("Input.Scopes", "admin"));
        (await Site.InDatabase(db => db.Clients.SingleAsync(c => c.Id == client.Id, Ct))).Scopes.ShouldNotContain("admin");

        await Submit(browser, page, ("Input.Name", "Notes"), ("RedirectUris", "https://evil.test/cb"), ("Input.Scopes", "openid"), ("Input.Scopes", "email"));
        var changed = await Site.InDatabase(db => db.Clients.SingleAsync(c => c.Id == client.Id, Ct));
        changed.RedirectUris.ShouldBe(["https://evil.test/cb"]);
        changed.SkipsConsent.ShouldBeFalse();
    }

    [Fact]
    public async Task Rights_over_the_installation_are_always_asked_for()
    {
        var (client, _) = await AddClient(skipsConsent: true, scopes: ["openid", "admin", "apps.write"]);
        var browser = await SignedIn(await AddUser(isAdmin: true));

        (await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid")), Ct)).Headers.Location!.OriginalString.ShouldStartWith("https://app.test/cb?code=");
        (await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
    }

    [Fact]
    public async Task A_consent_that_was_withdrawn_does_not_come_back_with_an_old_address()
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());
        var consent = (await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location!.OriginalString;
        var returnUrl = Uri.UnescapeDataString(consent["/consent?returnUrl=".Length..]);
        var kept = (await Submit(browser, consent, "/consent?handler=Allow", ("returnUrl", returnUrl))).Headers.Location;
        Answer(await browser.GetAsync(kept, Ct)).ShouldContainKey("code");

        await Site.InDatabase(db => db.Consents.ExecuteDeleteAsync(Ct));

        (await browser.GetAsync(kept, Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
    }

    [Theory]
    [InlineData("code_verifier", "another-another-another-another-another-another-another")]
    [InlineData("redirect_uri", "https://app.test/other")]
    public async Task A_used_code_that_comes_again_with_anything_wrong_ends_what_came_of_it(string name, string value)
    {
        var (client, secret) = await AddClient();
        var code = await Code(await AddUser(), client);
        var tokens = await Json(await Redeem(client, secret, code));
        (await IsLive(Text(tokens, "access_token"))).ShouldBeTrue();

        await ShouldBeRefused(await Redeem(client, secret, code, (name, value)), "invalid_grant");

        (await IsLive(Text(tokens, "access_token"))).ShouldBeFalse();
    }
}
