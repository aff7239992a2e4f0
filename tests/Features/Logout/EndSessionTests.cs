using System.Net;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.SignOut;

/// <summary>Apps send people to sign out (OpenID Connect RP-Initiated Logout); T015 and T101 of the usual attacks.</summary>
public abstract class EndSessionTests(Site site) : FlowTest(site)
{
    private const string After = "https://app.test/bye";
    private static readonly string State = new('s', 128);

    private Client client = null!;
    private string secret = null!;
    private User user = null!;
    private HttpClient browser = null!;
    private string hint = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (client, secret) = await AddClient(change: app => app.PostLogoutRedirectUris = [After, $"{After}?from=signet"]);
        user = await AddUser();
        browser = await SignedIn(user);
        hint = await IdToken(browser, client, secret);
    }

    [Fact]
    public async Task Metadata_names_the_address_and_both_channels()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        Text(metadata, "end_session_endpoint").ShouldBe($"{Site.Issuer}/oauth/logout");
        foreach (var member in (string[])["backchannel_logout_supported", "backchannel_logout_session_supported", "frontchannel_logout_supported", "frontchannel_logout_session_supported"])
            metadata.GetProperty(member).GetBoolean().ShouldBeTrue(member);
    }

    [Fact]
    public async Task An_ID_token_of_the_session_signs_out_at_once_and_the_way_back_has_the_state_and_nothing_else()
    {
        var answer = await Get(("id_token_hint", hint), ("post_logout_redirect_uri", After), ("state", State), ("ui_locales", "de"));

        (answer.StatusCode, answer.Headers.Location!.OriginalString).ShouldBe((HttpStatusCode.SeeOther, $"{After}?state={State}"));
        (await IsSignedOut()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(null, After)]
    [InlineData("a&b=c#ü", $"{After}?state=a%26b%3Dc%23%C3%BC")]
    public async Task The_way_back_is_exact(string? state, string expected) =>
        (await Get(("id_token_hint", hint), ("post_logout_redirect_uri", After), ("state", state))).Headers.Location!.OriginalString.ShouldBe(expected);

    [Fact]
    public async Task A_registered_query_stays() =>
        (await Get(("id_token_hint", hint), ("client_id", client.Id), ("post_logout_redirect_uri", $"{After}?from=signet"), ("state", "x")))
            .Headers.Location!.OriginalString.ShouldBe($"{After}?from=signet&state=x");

    [Fact]
    public async Task An_expired_ID_token_is_as_good()
    {
        Site.Clock.Advance(TimeSpan.FromHours(2));

        (await Get(("id_token_hint", hint), ("post_logout_redirect_uri", After))).Headers.Location!.OriginalString.ShouldBe(After);
        (await IsSignedOut()).ShouldBeTrue();
    }

    [Fact]
    public async Task An_ID_token_of_an_older_session_of_the_person_is_as_good()
    {
        await SignInAgain(browser, user);

        (await Get(("id_token_hint", hint), ("post_logout_redirect_uri", After))).Headers.Location!.OriginalString.ShouldBe(After);
        (await IsSignedOut()).ShouldBeTrue();
    }

    [Theory] // no parameter, no address, a state alone, a hint that is for people
    [InlineData("")]
    [InlineData("state=x")]
    [InlineData("logout_hint=ada")]
    [InlineData("client_id=nobody")]
    public async Task Whoever_proves_nothing_has_the_person_asked(string query)
    {
        var asking = await browser.GetAsync($"/oauth/logout?{query}", Ct);

        asking.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var page = asking.Headers.Location!.OriginalString;
        page.ShouldStartWith("/logout?asked=");
        (await browser.GetStringAsync(page, Ct)).ShouldContain("Sign out?");
        (await IsSignedOut()).ShouldBeFalse();
        var done = await Submit(browser, page);
        done.Headers.Location!.OriginalString.ShouldBe("/logout/done");
        (await browser.GetStringAsync("/logout/done", Ct)).ShouldContain("You are signed out");
        (await IsSignedOut()).ShouldBeTrue();
    }

    [Fact]
    public async Task An_ID_token_without_an_address_signs_out_and_stays_here()
    {
        (await Get(("id_token_hint", hint), ("state", "x"))).Headers.Location!.OriginalString.ShouldBe("/logout/done");

        (await IsSignedOut()).ShouldBeTrue();
    }

    [Theory] // T015
    [InlineData("https://evil.test/")]
    [InlineData($"{After}?foo=bar")]
    [InlineData($"{After}/")]
    [InlineData("https://app.test/cb")]
    [InlineData("//evil.test")]
    [InlineData("javascript:alert(1)")]
    public async Task Leads_to_no_address_that_is_not_registered_for_it(string uri)
    {
        foreach (var parameters in new (string, string?)[][] { [("id_token_hint", hint)], [("client_id", client.Id)], [] })
        {
            await SignInAgain(browser, user);
            var answer = await Get([.. parameters, ("post_logout_redirect_uri", uri), ("state", "x")]);
            if (answer.Headers.Location!.OriginalString.StartsWith("/logout?", StringComparison.Ordinal))
                answer = await Submit(browser, answer.Headers.Location.OriginalString);

            answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            answer.Headers.Location!.OriginalString.ShouldStartWith("/logout/done?farewell=");
            var done = await browser.GetAsync(answer.Headers.Location, Ct);
            var page = await done.Content.ReadAsStringAsync(Ct);
            page.ShouldContain("You are signed out");
            page.ShouldContain("not registered");
            page.ShouldNotContain(WebUtility.HtmlEncode(uri));
            done.Headers.Contains("Refresh").ShouldBeFalse();
            (await IsSignedOut()).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_hint_that_is_no_ID_token_of_ours_signs_nobody_out_and_opens_no_way_back()
    {
        var parts = hint.Split('.');
        var none = $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
        var foreign = $"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(Enumerable.Repeat((byte)7, 256).ToArray())}";
        var accessToken = Text(await Json(await Redeem(client, secret, (await Authorize(browser, client))["code"])), "access_token");

        foreach (var bad in new[] { none, foreign, accessToken, "x", hint[..^4] })
        {
            var answer = await Get(("id_token_hint", bad), ("client_id", client.Id), ("post_logout_redirect_uri", After), ("state", "x"));

            answer.Headers.Location!.OriginalString.ShouldStartWith("/logout?asked=");
            (await IsSignedOut()).ShouldBeFalse();
            (await Submit(browser, answer.Headers.Location.OriginalString)).Headers.Location!.OriginalString.ShouldStartWith("/logout/done");
            await SignInAgain(browser, user);
        }
    }

    [Fact]
    public async Task An_ID_token_of_somebody_else_has_the_person_asked_first()
    {
        var others = await IdToken(await SignedIn(await AddUser()), client, secret);

        var answer = await Get(("id_token_hint", others), ("post_logout_redirect_uri", After));

        answer.Headers.Location!.OriginalString.ShouldStartWith("/logout?asked=");
        (await IsSignedOut()).ShouldBeFalse();
        (await Submit(browser, answer.Headers.Location.OriginalString)).Headers.Location!.OriginalString.ShouldBe(After);
    }

    [Fact]
    public async Task An_app_that_only_says_who_it_is_gets_the_person_back_who_agrees()
    {
        var asking = (await Get(("client_id", client.Id), ("post_logout_redirect_uri", After), ("state", "x"))).Headers.Location!.OriginalString;

        var page = await browser.GetAsync(asking, Ct);
        (await page.Content.ReadAsStringAsync(Ct)).ShouldContain($"<strong>{client.Name}</strong> asks you to sign out.");
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self' https://app.test;");
        (await IsSignedOut()).ShouldBeFalse();
        (await Submit(browser, asking)).Headers.Location!.OriginalString.ShouldBe($"{After}?state=x");
        (await IsSignedOut()).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_not_signed_in_goes_back_if_an_ID_token_says_whereto_and_may_choose_to_otherwise()
    {
        var stranger = Site.Browser();
        var proven = await stranger.GetAsync(Url(("id_token_hint", hint), ("post_logout_redirect_uri", After), ("state", "x")), Ct);
        proven.Headers.Location!.OriginalString.ShouldBe($"{After}?state=x");

        var claimed = await stranger.GetAsync(Url(("client_id", client.Id), ("post_logout_redirect_uri", After)), Ct);
        claimed.Headers.Location!.OriginalString.ShouldStartWith("/logout/done?");
        var page = await stranger.GetAsync(claimed.Headers.Location, Ct);
        page.Headers.Contains("Refresh").ShouldBeFalse();
        var text = await page.Content.ReadAsStringAsync(Ct);
        text.ShouldContain($"href=\"{After}\"");
        text.ShouldNotContain("location.replace");
        (await IsSignedOut()).ShouldBeFalse();
    }

    [Theory]
    [InlineData("client_id=other")]
    [InlineData("id_token_hint=x")]
    [InlineData("post_logout_redirect_uri=https%3A%2F%2Fevil.test%2F")]
    public async Task What_contradicts_itself_is_refused_here(string more)
    {
        var answer = await browser.GetAsync(Url(("id_token_hint", hint), ("post_logout_redirect_uri", After)) + "&" + more, Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await IsSignedOut()).ShouldBeFalse();
    }

    [Fact]
    public async Task An_endless_state_is_refused() =>
        (await Get(("state", new string('s', 4097)))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_disabled_app_signs_nobody_out()
    {
        await Site.InDatabase(db => db.Clients.ExecuteUpdateAsync(set => set.SetProperty(app => app.DisabledAt, Site.Clock.GetUtcNow()), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();

        (await Get(("id_token_hint", hint), ("post_logout_redirect_uri", After))).Headers.Location!.OriginalString.ShouldStartWith("/logout?asked=");
    }

    [Fact] // T101: a cross-site POST brings no cookie, and must end nothing by itself
    public async Task A_POST_leads_to_the_same_as_a_GET_and_keeps_the_ID_token_out_of_the_address()
    {
        var answer = await Post(browser, "/oauth/logout", ("id_token_hint", hint), ("post_logout_redirect_uri", After), ("state", State));

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var next = answer.Headers.Location!.OriginalString;
        next.ShouldNotContain(hint.Split('.')[1]);
        (await IsSignedOut()).ShouldBeFalse();
        (await browser.GetAsync(next, Ct)).Headers.Location!.OriginalString.ShouldBe($"{After}?state={State}");
        (await IsSignedOut()).ShouldBeTrue();
        (await browser.PostAsync("/oauth/logout", new StringContent("{}", Encoding.UTF8, "application/json"), Ct)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact] // T101
    public async Task Nobody_is_signed_out_by_an_image_or_a_form_of_another_site()
    {
        await Get();
        await Get(("client_id", client.Id), ("post_logout_redirect_uri", After));
        await Post(browser, "/oauth/logout", ("client_id", client.Id));
        var asking = (await Get()).Headers.Location!.OriginalString;
        (await Post(browser, asking)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        (await IsSignedOut()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_that_waited_too_long_or_was_tampered_with_leads_nowhere()
    {
        var asking = (await Get(("client_id", client.Id), ("post_logout_redirect_uri", After))).Headers.Location!.OriginalString;
        (await browser.GetStringAsync(Tampered(asking), Ct)).ShouldNotContain("asks you");
        Site.Clock.Advance(TimeSpan.FromMinutes(16));

        (await Submit(browser, asking)).Headers.Location!.OriginalString.ShouldStartWith("/login");
    }

    private static string Url(params (string Name, string? Value)[] parameters) =>
        QueryHelpers.AddQueryString("/oauth/logout", parameters.Where(parameter => parameter.Value is not null).ToDictionary(parameter => parameter.Name, parameter => parameter.Value));

    private Task<HttpResponseMessage> Get(params (string Name, string? Value)[] parameters) => browser.GetAsync(Url(parameters), Ct);

    private async Task<bool> IsSignedOut()
    {
        var answer = Answer(await browser.GetAsync(AuthorizeUrl(client, ("prompt", "none")), Ct));
        return answer.GetValueOrDefault("error") == "login_required";
    }

    private async Task<string> IdToken(HttpClient from, Client app, string appSecret) =>
        Text(await Json(await Redeem(app, appSecret, (await Authorize(from, app))["code"])), "id_token");

    public sealed class OnPostgres(PostgresSite site) : EndSessionTests(site);

    public sealed class OnSqlite(SqliteSite site) : EndSessionTests(site);
}
