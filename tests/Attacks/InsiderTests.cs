using System.Net;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Attacks;

/// <summary>What people with an account and an app of their own try on others, and what a person's decision must end.</summary>
public sealed class InsiderTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task A_person_allows_what_the_page_showed_and_not_what_the_app_became_meanwhile()
    {
        await AddApi();
        var (mallory, victim) = (await AddUser(), await AddUser());
        var (app, _) = await AddClient(grants: ["authorization_code", "refresh_token"], scopes: ["openid"], ownerId: mallory.Id);
        var browser = await SignedIn(victim);
        var url = (await browser.GetAsync(AuthorizeUrl(app, ("scope", null)), Ct)).Headers.Location!.OriginalString;
        var page = await (await browser.GetAsync(url, Ct)).Content.ReadAsStringAsync(Ct);

        var edited = await SliceTest.Submit(await SignedIn(mallory), $"/apps/{app.Id}/edit",
            ("Input.Name", "Notes"), ("RedirectUris", "https://app.test/cb"), ("Input.Scopes", "openid"), ("Input.Scopes", "apps.write"), ("Input.Scopes", "notes.write"));
        edited.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var returnUrl = QueryHelpers.ParseQuery(url[url.IndexOf('?', StringComparison.Ordinal)..])["returnUrl"].ToString();
        var allowed = await Post(browser, "/consent?handler=Allow", ("__RequestVerificationToken", AntiforgeryToken(page)), ("returnUrl", returnUrl), ("shown", Shown(page)));

        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await allowed.Content.ReadAsStringAsync(Ct)).ShouldContain("Register and change apps for you", Case.Sensitive, "it is asked anew");
        (await Site.InDatabase(db => db.Consents.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task An_app_gets_no_token_for_an_api_of_whose_rights_it_has_none()
    {
        var (api, _, _) = await AddApi();
        var (app, secret) = await AddClient(scopes: ["openid"]);

        await ShouldBeRefused(await Token(app, secret, ("grant_type", "client_credentials"), ("resource", api.Audience)), "invalid_target");
        Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(app, ("resource", api.Audience)), Ct))["error"].ShouldBe("invalid_target");
    }

    [Fact]
    public async Task Rights_over_the_installation_are_given_to_nobody_who_did_not_just_prove_who_they_are()
    {
        var (app, _) = await AddClient(scopes: ["openid", "apps.write"], skipsConsent: true);
        var browser = await SignedIn(await AddUser());
        Site.Clock.Advance(TimeSpan.FromHours(3));

        foreach (var url in new[] { AuthorizeUrl(app), "/apps/new", "/account/tokens" })
            (await browser.GetAsync(url, Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login/confirm?returnUrl=", Case.Sensitive, url);
        Answer(await browser.GetAsync(AuthorizeUrl(app, ("prompt", "none")), Ct))["error"].ShouldBe("login_required");
        Answer(await browser.GetAsync(AuthorizeUrl(app, ("scope", "openid")), Ct)).ShouldContainKey("code");
    }

    [Theory]
    [InlineData("/account/apps")]
    [InlineData("/account/password")]
    public async Task A_code_that_is_out_ends_with_what_it_was_given_under(string url)
    {
        var (app, secret) = await AddClient();
        var browser = await SignedIn(await AddUser());
        await Redeem(app, secret, (await Authorize(browser, app))["code"]);
        var held = (await Authorize(browser, app))["code"];

        (string, string)[] fields = url == "/account/apps" ? [("clientId", app.Id)] : [("Input.Current", Password), ("Input.New", "seven quiet lanterns drift")];
        (await SliceTest.Submit(browser, url, fields)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        await ShouldBeRefused(await Redeem(app, secret, held), "invalid_grant");
    }

    [Fact]
    public async Task An_app_that_goes_unasked_keeps_no_code_for_rights_that_it_had_to_ask_for()
    {
        var (app, secret) = await AddClient(scopes: ["openid", "apps.write"], skipsConsent: true);
        var browser = await SignedIn(await AddUser());
        var held = (await Authorize(browser, app))["code"];

        (await SliceTest.Submit(browser, "/account/apps", ("clientId", app.Id))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        await ShouldBeRefused(await Redeem(app, secret, held), "invalid_grant");
    }

    [Fact]
    public async Task An_old_code_in_a_strangers_hands_ends_nothing()
    {
        var (app, secret) = await AddClient();
        var (stranger, _) = await AddClient(isPublic: true, scopes: ["openid"]);
        var code = await Code(await AddUser(), app);
        var tokens = await Json(await Redeem(app, secret, code));
        Site.Clock.Advance(TimeSpan.FromDays(3));

        await ShouldBeRefused(await Post(Site.Browser(), "/oauth/token", ("grant_type", "authorization_code"), ("client_id", stranger.Id), ("code", code)), "invalid_grant");

        (await Refresh(app, secret, Text(tokens, "refresh_token"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_right_that_meant_nothing_does_not_wake_up_with_the_role()
    {
        var (boss, user) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        var (app, secret) = await AddClient(scopes: ["openid", "offline_access", "apps.write", "admin"]);
        var tokens = await Tokens(user, app, secret);

        (await SliceTest.Submit(boss, $"/admin/users/{user.Id}/MakeAdmin")).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await Api(Site.Browser(), Text(tokens, "access_token"), "/api/v1/apps")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_person_who_owes_a_second_step_administers_by_no_door()
    {
        var (app, secret) = await AddClient(scopes: ["openid", "offline_access", "apps.write", "admin"], skipsConsent: true);
        var (others, _) = await AddClient(ownerId: (await AddUser()).Id);
        var token = Text(await Tokens(await AddUser(isAdmin: true), app, secret), "access_token");
        await using var strict = Site.WithWebHostBuilder(host => host.UseSetting("Signet:RequireTwoFactor", "Admins"));
        using var program = strict.CreateClient(new() { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });

        (await Api(Site.Browser(), token, $"/api/v1/apps/{others.Id}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Api(program, token, $"/api/v1/apps/{others.Id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Who_is_disabled_keeps_no_app_that_the_administrator_did_not_leave()
    {
        await AddApi();
        var (boss, user) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        var (app, secret) = await AddClient(grants: ["client_credentials"], redirectUris: [], scopes: ["notes.write"], ownerId: user.Id);
        (await (await boss.GetAsync($"/admin/users/{user.Id}/Disable", Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("Disable the person's 1 app too");

        await SliceTest.Submit(boss, $"/admin/users/{user.Id}/Disable", ("Input.Reason", "left"), ("Input.WithApps", "true"));

        (await Site.InDatabase(db => db.Clients.AsNoTracking().SingleAsync(row => row.Id == app.Id, Ct))).DisabledAt.ShouldNotBeNull();
        await ShouldBeRefused(await Token(app, secret, ("grant_type", "client_credentials")), "invalid_client", 401);
    }

    [Fact]
    public async Task Trust_is_given_to_the_app_that_the_administrator_saw()
    {
        var (boss, mallory) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        var (app, _) = await AddClient(ownerId: mallory.Id);
        var page = await (await boss.GetAsync($"/admin/apps/{app.Id}", Ct)).Content.ReadAsStringAsync(Ct);
        var version = page.Split("name=\"Input.Version\" value=\"")[1].Split('"')[0];
        await SliceTest.Submit(await SignedIn(mallory), $"/apps/{app.Id}/edit", ("Input.Name", "Notes"), ("RedirectUris", "https://evil.test/cb"), ("Input.Scopes", "openid"));

        var answer = await Post(boss, $"/admin/apps/{app.Id}", ("__RequestVerificationToken", AntiforgeryToken(page)), ("Input.OwnerEmail", mallory.Email!), ("Input.SkipsConsent", "true"), ("Input.Version", version));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Site.InDatabase(db => db.Clients.AsNoTracking().SingleAsync(row => row.Id == app.Id, Ct))).SkipsConsent.ShouldBeFalse();
    }

    [Fact]
    public async Task The_caller_is_the_first_address_that_is_no_proxy_of_ours()
    {
        var user = await AddUser();
        await using var node = Site.WithWebHostBuilder(host =>
        {
            host.UseSetting("ForwardedHeaders:KnownProxies:0", "10.0.0.1");
            host.UseSetting("ForwardedHeaders:KnownProxies:1", "10.0.0.2");
        });
        _ = node.Services;
        using var browser = new HttpClient(new CookieContainerHandler { InnerHandler = node.Server.CreateHandler(http => http.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1")) }) { BaseAddress = new Uri(Site.Issuer) };
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.66, 203.0.113.5, 10.0.0.2");
        browser.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https, https, https");

        await SliceTest.Submit(browser, "/login", ("Input.Email", user.Email!), ("Input.Password", Password));

        (await Site.InDatabase(db => db.Sessions.Select(session => session.IpAddress).SingleAsync(Ct))).ShouldBe("203.0.113.5");
    }

    private static async Task<HttpResponseMessage> Api(HttpClient http, string token, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Authorization = new("Bearer", token) } };
        return await http.SendAsync(request, Ct);
    }
}

/// <summary>What a browser that was once trusted, and a step that was once shown, are not proof of.</summary>
public sealed class OldTrustTests(PostgresSite site) : PeopleTest(site)
{
    [Theory]
    [InlineData("own")]
    [InlineData("EndSessions")]
    [InlineData("Disable")]
    public async Task A_remembered_browser_is_forgotten_with_the_sessions(string by)
    {
        var (admin, user) = (await AddUser(isAdmin: true), await AddUser());
        var (secret, _) = await Enrol(await SignIn(user));
        var stolen = Site.Browser();
        await Login(stolen, user.Email!);
        await Submit(stolen, "/login/2fa", ("Input.Code", NextCode(secret)), ("Input.RememberBrowser", "true"));
        var home = Site.Browser();
        await Login(home, user.Email!);
        await Submit(home, "/login/2fa", ("Input.Code", NextCode(secret)));

        if (by == "own")
            await Post(home, "/account/sessions/end", ("__RequestVerificationToken", AntiforgeryToken(await Page(home, "/account/sessions"))));
        else
            await Submit(await SignedIn(admin), $"/admin/users/{user.Id}/{by}", ("Input.Reason", "laptop stolen"));
        if (by == "Disable")
            await Submit(await SignedIn(admin), $"/admin/users/{user.Id}/Enable");

        (await IsSignedIn(stolen)).ShouldBeFalse();
        (await Login(stolen, user.Email!)).Headers.Location!.OriginalString.ShouldStartWith("/login/2fa");
    }

    [Fact]
    public async Task Setting_up_a_second_step_again_and_again_proves_nobody()
    {
        var browser = await SignIn(await AddUser());
        Site.Clock.Advance(TimeSpan.FromMinutes(9));
        await Enrol(browser);
        Site.Clock.Advance(TimeSpan.FromMinutes(2));

        (await browser.GetAsync("/account/tokens", Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login/confirm");
    }
}
