using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.RegisterClient;

namespace Signet.Tests.Attacks;

/// <summary>What strangers try who may register apps: to be led to, to fill the database, to make Signet ask others, and to be more than they are.</summary>
public sealed class SelfRegisteredTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    [Theory] // RFC 9700 §4.11.2: an error made on purpose is a way to the address of whoever registered it
    [InlineData("scope", "admin")]
    [InlineData("code_challenge", null)]
    [InlineData("prompt", "whatever")]
    [InlineData("response_mode", "smoke")]
    [InlineData("request", "e30.e30.AAAA")]
    [InlineData("request_uri", "https://phishing.test/object")]
    public async Task Nobody_who_is_not_signed_in_is_led_to_an_unverified_app_by_a_mistake(string name, string? value)
    {
        var app = await Stored(await Registered(new { redirect_uris = Callback, token_endpoint_auth_method = "none" }));
        var (known, _) = await AddClient();
        var stranger = Site.Browser();

        var answer = await stranger.GetAsync(AuthorizeUrl(app, ("scope", "openid"), (name, value)), Ct);

        Addresses.StaysWithUs(answer.Headers.Location?.OriginalString ?? "/").ShouldBeTrue($"{answer.StatusCode} {answer.Headers.Location}");
        (await stranger.GetAsync(AuthorizeUrl(known, (name, value)), Ct)).Headers.Location!.OriginalString.ShouldStartWith(RedirectUri, Case.Sensitive, "an app that somebody here knows is told");
        Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(app, ("scope", "openid"), (name, value)), Ct)).ShouldContainKey("error");
    }

    [Fact]
    public async Task A_parameter_that_is_repeated_leads_nobody_to_an_unverified_app_either()
    {
        var app = await Stored(await Registered(new { redirect_uris = Callback, token_endpoint_auth_method = "none" }));

        var answer = await Site.Browser().GetAsync(AuthorizeUrl(app, ("scope", "openid")) + "&state=s2", Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Headers.Location.ShouldBeNull();
    }

    [Fact] // the same at sign-out: whoever registered the app has an ID token of their own for it
    public async Task Nobody_who_is_not_signed_in_is_led_to_an_unverified_app_by_somebody_elses_id_token()
    {
        var app = await Stored(await Registered(new { redirect_uris = Callback, post_logout_redirect_uris = Callback, token_endpoint_auth_method = "none" }));
        var mine = await SignedIn(await AddUser());
        var code = (await Authorize(mine, app, ("scope", "openid")))["code"];
        var hint = Uri.EscapeDataString(Text(await Json(await Redeem(app, null, code)), "id_token"));
        var url = $"/oauth/logout?id_token_hint={hint}&post_logout_redirect_uri={Uri.EscapeDataString(RedirectUri)}";
        var victim = Site.Browser();

        var answer = await victim.GetAsync(url, Ct);

        Addresses.StaysWithUs(answer.Headers.Location!.OriginalString).ShouldBeTrue(answer.Headers.Location.OriginalString);
        var page = await victim.GetAsync(answer.Headers.Location, Ct);
        page.Headers.Contains("Refresh").ShouldBeFalse();
        (await page.Content.ReadAsStringAsync(Ct)).ShouldContain($"href=\"{RedirectUri}\"", Case.Sensitive, "who wants to can go");
        (await mine.GetAsync(url, Ct)).Headers.Location!.OriginalString.ShouldBe(RedirectUri, "whom the token is about is led back");
    }

    [Fact] // an app that pushes requests or waits for a device looked used, and made room for the next
    public async Task What_an_app_does_by_itself_makes_no_room_for_more_of_them()
    {
        for (var i = 0; i < 5; i++)
        {
            var app = await Stored(await Registered(new { redirect_uris = Callback, token_endpoint_auth_method = "none" }));
            (await Push(app, null, ("scope", "openid"))).StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        await ShouldBeRefused(await Register(new { redirect_uris = Callback }), "temporarily_unavailable", 503);
    }

    [Fact] // each change was an entry in the audit trail, and made Signet ask the sector_identifier_uri
    public async Task Nobody_changes_a_registration_without_end()
    {
        var (_, token) = await AddInitialToken();
        var (made, vouchedFor) = (await Registered(new { redirect_uris = Callback }), await Registered(new { redirect_uris = Callback }, token));
        Task<HttpResponseMessage> Change(JsonElement of, int i) => Send(
            Open.Program(Text(of, "registration_access_token"), "192.0.2.77"), HttpMethod.Put, Text(of, "registration_client_uri"), new { client_id = Text(of, "client_id"), client_name = $"Reader {i}", redirect_uris = Callback });

        for (var i = 0; i < RegistrationAllowance.Most; i++)
            (await Change(made, i)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await ShouldBeRefused(await Change(made, 99), "temporarily_unavailable", 429);
        (await Change(vouchedFor, 99)).StatusCode.ShouldBe(HttpStatusCode.OK, "somebody here answers for this one");
        (await Stored(made)).Name.ShouldBe($"Reader {RegistrationAllowance.Most - 1}");
    }

    [Fact] // one app, and any number of requests to an address of its choice
    public async Task An_unverified_app_cannot_make_Signet_ask_its_request_uri_without_end()
    {
        var uri = Open.Outside.Url($"/objects/{Guid.NewGuid():N}");
        var app = await Stored(await Registered(new { redirect_uris = Callback, token_endpoint_auth_method = "none", request_uris = new[] { uri } }));
        using var flood = Open.Program(address: "192.0.2.78");

        for (var i = 0; i < FetchAllowance.PerAddress + 5; i++)
            ((int)(await flood.GetAsync(AuthorizeUrl(app, ("scope", "openid"), ("request_uri", uri)), Ct)).StatusCode).ShouldBeLessThan(500);

        Open.Outside.Requests.Count(request => uri.EndsWith(request.Path, StringComparison.Ordinal)).ShouldBe(FetchAllowance.PerAddress);
    }

    [Fact]
    public async Task A_link_to_the_sign_in_page_makes_Signet_ask_nobody()
    {
        var uri = Open.Outside.Url($"/objects/{Guid.NewGuid():N}");
        var app = await Stored(await Registered(new { redirect_uris = Callback, token_endpoint_auth_method = "none", request_uris = new[] { uri } }));
        using var stranger = Open.Program(address: "192.0.2.79");

        (await stranger.GetAsync("/login?returnUrl=" + Uri.EscapeDataString(AuthorizeUrl(app, ("scope", "openid"), ("request_uri", uri))), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        Open.Outside.Requests.ShouldNotContain(request => uri.EndsWith(request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_verified_app_that_no_longer_proves_itself_is_unverified_again()
    {
        var made = await Registered(new { redirect_uris = Callback });
        await Site.InDatabase(db => db.Clients.ExecuteUpdateAsync(set => set.SetProperty(app => app.VerifiedAt, Site.Clock.GetUtcNow()), Ct));
        async Task<Client> Changed(string method)
        {
            (await Manage(made, HttpMethod.Put, new { client_id = Text(made, "client_id"), redirect_uris = Callback, token_endpoint_auth_method = method, scope = Text(made, "scope") })).StatusCode.ShouldBe(HttpStatusCode.OK);
            return await Stored(made);
        }

        (await Changed("client_secret_basic")).IsUnverified.ShouldBeFalse("nothing has changed");
        (await Changed("none")).IsUnverified.ShouldBeTrue();
    }

    [Theory] // half a character: no text, and no 500
    [InlineData("""{"iss":"\ud800"}""")]
    [InlineData("""{"iss":"https://vouch.test","client_name":"\ud800"}""")]
    [InlineData("""{"iss":"https://vouch.test","\ud800":1,"\udc00":2}""")]
    public async Task A_software_statement_with_half_a_character_is_none(string payload) =>
        await ShouldBeRefused(await Register(new { redirect_uris = Callback, software_statement = Open.Voucher.SignText(payload) }), "invalid_software_statement");

    [Theory] // RFC 8252 §8.6, whatever the app calls itself
    [InlineData(null)]
    [InlineData("web")]
    public async Task A_remembered_yes_is_not_enough_where_the_answer_goes_to_any_program_on_the_machine(string? type)
    {
        const string OnTheMachine = "http://127.0.0.1/cb";
        var (_, token) = await AddInitialToken();
        var made = new Dictionary<string, object> { ["redirect_uris"] = new[] { RedirectUri, OnTheMachine }, ["token_endpoint_auth_method"] = "none" };
        if (type is not null)
            made["application_type"] = type;
        var app = await Stored(await Registered(made, token));
        var browser = await SignedIn(await AddUser());
        await Authorize(browser, app, ("scope", "openid"));
        Site.Clock.Advance(TimeSpan.FromMinutes(10));

        var (toServer, toMachine) = (await browser.GetAsync(AuthorizeUrl(app, ("scope", "openid")), Ct), await browser.GetAsync(AuthorizeUrl(app, ("scope", "openid"), ("redirect_uri", OnTheMachine)), Ct));

        Answer(toServer).ShouldContainKey("code");
        toMachine.Headers.Location!.OriginalString.ShouldStartWith("/consent");
    }
}
