using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.Ciba;

/// <summary>What a backchannel request must satisfy, who may send one and who may answer it: OpenID Connect CIBA §7.1, §13.</summary>
public sealed class CibaRulesTests(PostgresSite site) : CibaTest(site)
{
    [Theory]
    [InlineData("invalid_scope", "scope", "email")]
    [InlineData("invalid_scope", "scope", "openid admin")]
    [InlineData("invalid_request", "login_hint", "")]
    [InlineData("invalid_request", "id_token_hint", "x.y.z")]
    [InlineData("invalid_request", "login_hint_token", "x")]
    [InlineData("invalid_request", "request", "x.y.z")]
    [InlineData("invalid_request", "requested_expiry", "0")]
    [InlineData("invalid_request", "requested_expiry", "-5")]
    [InlineData("invalid_request", "requested_expiry", "soon")]
    [InlineData("invalid_request", "requested_expiry", "99999999999")]
    [InlineData("invalid_binding_message", "binding_message", "12345678901234567890123456789012345678901234567890123456789012345")]
    [InlineData("invalid_binding_message", "binding_message", "pay\u202e001")]
    [InlineData("invalid_binding_message", "binding_message", "a\nb")]
    [InlineData("invalid_binding_message", "binding_message", " ")]
    [InlineData("unknown_user_id", "login_hint", "nobody@example.test")]
    [InlineData("unknown_user_id", "login_hint", "0190c0de-0000-7000-8000-000000000009")]
    [InlineData("unknown_user_id", "login_hint", "x")]
    [InlineData("invalid_target", "resource", "https://nowhere.test")]
    public async Task A_bad_parameter_is_refused_by_its_error(string error, string name, string value)
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();

        var answer = await Ask(client, secret, [.. name == "login_hint" ? Array.Empty<(string, string)>() : [("login_hint", user.Email!)], (name, value)]);

        await ShouldBeRefused(answer, error);
        (await Site.InDatabase(db => db.PendingAuthorizations.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task The_person_is_found_by_address_subject_or_id_token_of_this_app_alone()
    {
        var (client, secret) = await AddBank();
        var (web, webSecret) = await AddClient(skipsConsent: true);
        var user = await AddUser();
        var foreign = Text(await Tokens(user, web, webSecret), "id_token");
        var asked = await Asked(client, secret, user);
        await Decide(await SignedIn(user));
        var own = Text(await Json(await Poll(client, secret, asked)), "id_token");

        (await Ask(client, secret, ("login_hint", user.Email!.ToUpperInvariant()))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(client, secret, ("login_hint", user.Id.ToString()))).StatusCode.ShouldBe(HttpStatusCode.OK);
        Site.Clock.Advance(TimeSpan.FromDays(1)); // an ID token says who, however old
        (await Ask(client, secret, ("id_token_hint", own))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Ask(client, secret, ("id_token_hint", foreign)), "unknown_user_id");
        await ShouldBeRefused(await Ask(client, secret, ("id_token_hint", Tampered(own))), "unknown_user_id");
    }

    [Fact]
    public async Task Whoever_merely_typed_in_an_address_is_not_meant_by_it()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser(isConfirmed: false);

        await ShouldBeRefused(await Ask(client, secret, ("login_hint", user.Email!)), "unknown_user_id");
        (await Ask(client, secret, ("login_hint", user.Id.ToString()))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact] // CVE-2026-109082: a public client was let in
    public async Task A_public_app_or_one_without_the_grant_may_not_ask()
    {
        var (open, _) = await AddBank(isPublic: true);
        var (web, secret) = await AddClient();
        var user = await AddUser();

        await ShouldBeRefused(await Ask(open, null, ("login_hint", user.Email!)), "unauthorized_client");
        await ShouldBeRefused(await Ask(web, secret, ("login_hint", user.Email!)), "unauthorized_client");
        await ShouldBeRefused(await Ask(web, "wrong", ("login_hint", user.Email!)), "invalid_client", 401);
    }

    [Fact] // T054, CVE-2026-9798: the lock that this door did not know of
    public async Task A_disabled_person_is_nobody_and_nothing_approved_before_is_had()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();
        var asked = await Asked(client, secret, user);
        await Decide(await SignedIn(user));

        DateTimeOffset? now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct));

        await ShouldBeRefused(await Poll(client, secret, asked), "invalid_grant");
        await ShouldBeRefused(await Ask(client, secret, ("login_hint", user.Email!)), "unknown_user_id");
    }

    [Fact] // T123
    public async Task Nobody_decides_or_redeems_what_is_somebody_elses()
    {
        var (client, secret) = await AddBank();
        var (other, otherSecret) = await AddBank();
        var (user, thief) = (await AddUser(), await AddUser());
        var asked = await Asked(client, secret, user, ("sub", $"{thief.Id}"));
        var page = await (await SignedIn(user)).GetStringAsync("/account/approvals", Ct);
        var id = await Site.InDatabase(db => db.PendingAuthorizations.Select(row => row.Id).SingleAsync(Ct));
        var browser = await SignedIn(thief);

        (await browser.GetStringAsync("/account/approvals", Ct)).ShouldContain("Nothing waits for you");
        var token = AntiforgeryToken(await browser.GetStringAsync("/device", Ct));
        await Post(browser, "/account/approvals?handler=Allow", ("__RequestVerificationToken", token), ("id", $"{id}"));
        (await Post(browser, "/device?handler=Allow", ("__RequestVerificationToken", token), ("id", $"{id}"))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await ShouldBeRefused(await Poll(client, secret, asked), "authorization_pending");

        (await Press(await SignedIn(user), await (await SignedIn(user)).GetStringAsync("/account/approvals", Ct))).StatusCode.ShouldBe(HttpStatusCode.BadRequest, "the form is of another browser");
        await Decide(await SignedIn(user));
        await ShouldBeRefused(await Poll(other, otherSecret, asked), "invalid_grant");
        Jwt(Text(await Json(await Poll(client, secret, asked)), "id_token")).Subject.ShouldBe(user.Id.ToString());
        page.ShouldContain("Bank");
    }

    [Fact]
    public async Task Reading_the_list_needs_no_recent_sign_in_and_deciding_does()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();
        var browser = await SignedIn(user);
        Site.Clock.Advance(TimeSpan.FromMinutes(11));
        var asked = await Asked(client, secret, user);

        var answer = await Decide(browser);

        answer.Headers.Location!.OriginalString.ShouldBe("/login/confirm?returnUrl=%2Faccount%2Fapprovals");
        await ShouldBeRefused(await Poll(client, secret, asked), "authorization_pending");
    }
}
