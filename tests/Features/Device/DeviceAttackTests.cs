using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Device;

/// <summary>What goes wrong on a device's way, and who tries: RFC 8628 §5.</summary>
public sealed class DeviceAttackTests(PostgresSite site) : DeviceTest(site)
{
    [Fact] // T119
    public async Task Opening_the_link_shows_what_is_asked_and_decides_nothing()
    {
        var (client, _) = await AddDeviceApp(change: client => client.OwnerId = null);
        using var device = Site.BrowserAt("203.0.113.9");
        device.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (Linux; Android 12; BRAVIA 4K) AppleWebKit/537.36");
        var asked = await Json(await Post(device, "/oauth/device", ("client_id", client.Id), ("scope", "openid email")));
        var link = Text(asked, "verification_uri_complete");
        (await Site.Browser().GetAsync(link, Ct)).Headers.Location!.OriginalString.ShouldBe($"/login?returnUrl={Uri.EscapeDataString($"/device?user_code={Text(asked, "user_code")}")}");

        var browser = await SignedIn(await AddUser());
        var page = await browser.GetStringAsync(link, Ct);
        await browser.GetAsync($"{link}&handler=Allow", Ct);

        foreach (var shown in new[] { client.Name, "203.0.113.9", "A device with Android", Text(asked, "user_code"), "See your e-mail address", ">Allow</button>", ">Deny</button>" })
            page.ShouldContain(shown);
        await ShouldBeRefused(await Poll(client, asked), "authorization_pending");
        (await Post(browser, "/device?handler=Allow", ("id", $"{await Site.InDatabase(db => db.PendingAuthorizations.Select(row => row.Id).SingleAsync(Ct))}"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Press(browser, page)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Theory]
    [InlineData("{0}{1}")]
    [InlineData(" {0} {1} ")]
    [InlineData("{0}–{1}")]
    public async Task A_code_is_known_however_it_is_cased_and_separated(string format)
    {
        var (client, _) = await AddDeviceApp();
        var code = Text(await Ask(client), "user_code").ToLowerInvariant().Split('-');

        (await Decide(await SignedIn(await AddUser()), string.Format(System.Globalization.CultureInfo.InvariantCulture, format, code[0], code[1]))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact] // T120
    public async Task A_hundred_guesses_of_one_person_are_ten()
    {
        var (client, _) = await AddDeviceApp();
        var browser = await SignedInAt("192.0.2.81", await AddUser());
        var page = await browser.GetStringAsync("/device", Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() =>
            Post(browser, "/device", ("__RequestVerificationToken", AntiforgeryToken(page)), ("user_code", UserCode.New())), Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).ShouldBeInRange(1, 10);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBeInRange(90, 99);
        answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(10));
        // Not even the right one, by the form or by the link.
        var right = Text(await Ask(client), "user_code");
        (await browser.GetAsync($"/device?user_code={right}", Ct)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact] // T120
    public async Task Guesses_of_many_people_at_one_address_are_ten()
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++)
            statuses.Add((await (await SignedInAt("192.0.2.82", await AddUser())).GetAsync($"/device?user_code={UserCode.New()}", Ct)).StatusCode);

        statuses.ShouldBe([.. Enumerable.Repeat(HttpStatusCode.UnprocessableEntity, 10), HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests]);
        (await (await SignedInAt("192.0.2.83", await AddUser())).GetAsync($"/device?user_code={UserCode.New()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Nothing_is_had_for_a_denied_an_expired_or_somebody_elses_code()
    {
        var (client, _) = await AddDeviceApp();
        var (other, secret) = await AddDeviceApp(isPublic: false);
        var browser = await SignedIn(await AddUser());
        var (denied, late, allowed) = (await Ask(client), await Ask(client), await Ask(client));

        (await Decide(browser, Text(denied, "user_code"), allows: false)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        await Decide(browser, Text(allowed, "user_code"));
        await ShouldBeRefused(await Poll(client, denied), "access_denied");
        await ShouldBeRefused(await Poll(other, allowed, secret), "invalid_grant");
        await ShouldBeRefused(await Token(client, null, ("grant_type", Grant)), "invalid_request");
        await ShouldBeRefused(await Token(client, null, ("grant_type", Grant), ("device_code", Text(allowed, "device_code") + "x")), "invalid_grant");
        await ShouldBeRefused(await Token(client, null, ("grant_type", Grant), ("device_code", OpaqueValue.New(OpaqueValue.DeviceCode).Text)), "invalid_grant");

        (await Poll(client, allowed)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var page = await (await Submit(browser, "/device", ("user_code", Text(late, "user_code")))).Content.ReadAsStringAsync(Ct);
        Site.Clock.Advance(TimeSpan.FromMinutes(10));
        await ShouldBeRefused(await Poll(client, late), "expired_token");
        (await Press(browser, page)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact] // T054
    public async Task A_disabled_person_or_app_gets_nothing_that_was_allowed_before()
    {
        var (client, _) = await AddDeviceApp();
        var user = await AddUser();
        var asked = await Ask(client);
        await Decide(await SignedIn(user), Text(asked, "user_code"));

        DateTimeOffset? now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db => db.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct));
        await ShouldBeRefused(await Poll(client, asked), "invalid_grant");
        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, (DateTimeOffset?)null), Ct));
        await Site.InDatabase(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(row => row.EndedAt, now), Ct));
        (await Poll(client, asked)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Rights_over_the_installation_take_more_than_an_unlocked_screen()
    {
        var (client, _) = await AddDeviceApp(scopes: ["openid", "apps.write"]);
        var user = await AddUser();
        var browser = await SignedIn(user);
        Site.Clock.Advance(TimeSpan.FromMinutes(9));
        var asked = await Ask(client);
        var opened = await Submit(browser, "/device", ("user_code", Text(asked, "user_code")));
        opened.StatusCode.ShouldBe(HttpStatusCode.OK, "who just proved who they are");
        Site.Clock.Advance(TimeSpan.FromMinutes(2));

        (await Press(browser, await opened.Content.ReadAsStringAsync(Ct))).Headers.Location!.OriginalString.ShouldBe("/login/confirm?returnUrl=%2Fdevice");
        (await Submit(browser, "/device", ("user_code", Text(asked, "user_code")))).Headers.Location!.OriginalString
            .ShouldBe("/login/confirm?returnUrl=" + Uri.EscapeDataString($"/device?user_code={Text(asked, "user_code")}"));
        await ShouldBeRefused(await Poll(client, asked), "authorization_pending");

        await Decide(await SignedIn(user), Text(asked, "user_code"));
        Site.Clock.Advance(TimeSpan.FromSeconds(5));
        (await Poll(client, asked)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_was_allowed_and_not_fetched_ends_with_the_access_of_the_app()
    {
        var (client, secret) = await AddClient([Grant, GrantTypes.AuthorizationCode], isPublic: false);
        var user = await AddUser();
        var browser = await SignedIn(user);
        await Tokens(user, client, secret);
        var asked = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/device"));
        await Decide(browser, Text(asked, "user_code"));

        await SliceTest.Submit(browser, "/account/apps", ("clientId", client.Id));

        await ShouldBeRefused(await Poll(client, asked, secret), "access_denied");
    }

    [Fact]
    public async Task An_app_that_always_wants_two_factors_gets_no_less_by_a_device()
    {
        var (client, _) = await AddDeviceApp(change: client => client.Settings = new Signet.Infrastructure.Data.ClientSettings { DefaultAcrValues = ["aal2"] });
        var asked = await Ask(client);

        var decided = await Decide(await SignedIn(await AddUser()), Text(asked, "user_code"));

        decided.Headers.Location!.OriginalString.ShouldStartWith("/login/2fa");
        await ShouldBeRefused(await Poll(client, asked), "authorization_pending");
    }

    [Fact]
    public async Task What_a_device_says_of_itself_is_cut_between_characters()
    {
        var (client, _) = await AddDeviceApp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/device") { Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = client.Id }) };
        request.Headers.TryAddWithoutValidation("User-Agent", new string('a', 255) + "\ud83d\ude00");

        (await Site.Browser().SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact] // T121
    public async Task An_app_that_was_disabled_meanwhile_cannot_be_allowed()
    {
        var (client, secret) = await AddDeviceApp(isPublic: false);
        var asked = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/device"));
        var browser = await SignedIn(await AddUser());
        var page = await (await Submit(browser, "/device", ("user_code", Text(asked, "user_code")))).Content.ReadAsStringAsync(Ct);

        DateTimeOffset? now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db => db.Clients.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct));
        (await Press(browser, page)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await Site.InDatabase(db => db.Clients.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, (DateTimeOffset?)null), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
        await ShouldBeRefused(await Poll(client, asked, secret), "access_denied");
    }

    [Fact] // T123
    public async Task Nothing_in_a_request_names_the_person_but_the_one_who_decides()
    {
        var (client, _) = await AddDeviceApp();
        var (victim, person) = (await AddUser("victim@example.test"), await AddUser());
        (string, string)[] forged = [("sub", $"{victim.Id}"), ("user_id", $"{victim.Id}"), ("login_hint", victim.Email!), ("claims", "{\"id_token\":{\"sub\":{\"value\":\"" + victim.Id + "\"}}}")];

        var asked = await Ask(client, forged);
        await Decide(await SignedIn(person), Text(asked, "user_code"));
        var tokens = await Json(await Poll(client, asked, null, forged));

        Jwt(Text(tokens, "access_token")).Subject.ShouldBe(person.Id.ToString());
        Jwt(Text(tokens, "id_token")).Subject.ShouldBe(person.Id.ToString());
        await ShouldBeRefused(await Post(Site.Browser(), "/oauth/device", ("client_id", client.Id), ("client_id", client.Id)), "invalid_request");
    }

    [Fact]
    public async Task Only_an_app_that_is_registered_for_it_may_ask_and_only_for_its_scopes()
    {
        var (web, secret) = await AddClient();
        var (client, _) = await AddDeviceApp();

        await ShouldBeRefused(await PostAs(Site.Browser(), web.Id, secret, "/oauth/device"), "unauthorized_client");
        await ShouldBeRefused(await PostAs(Site.Browser(), web.Id, "wrong", "/oauth/device"), "invalid_client", 401);
        await ShouldBeRefused(await Post(Site.Browser(), "/oauth/device", ("client_id", client.Id), ("scope", "openid admin")), "invalid_scope");
        await ShouldBeRefused(await Post(Site.Browser(), "/oauth/device", ("client_id", client.Id), ("resource", "https://nowhere.test")), "invalid_target");
        await ShouldBeRefused(await Token(web, secret, ("grant_type", Grant), ("device_code", "x")), "unauthorized_client");
    }

    [Fact] // T145
    public async Task One_address_cannot_fill_the_table()
    {
        var (client, _) = await AddDeviceApp();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(() => Post(Site.Browser(), "/oauth/device", ("client_id", client.Id)), Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBeInRange(1, 30);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBeGreaterThanOrEqualTo(30);
    }

    [Fact] // T093
    public async Task Where_a_second_factor_is_demanded_nobody_without_one_decides()
    {
        await using var strict = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:RequireTwoFactor", "Everyone"));
        var (client, _) = await AddDeviceApp();
        var asked = await Ask(client);
        var browser = strict.CreateClient(new() { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        browser.DefaultRequestHeaders.Add("Cookie", $"{Signet.Infrastructure.Identity.SessionAuthentication.Cookie}={await AddSession(await AddUser())}");

        (await browser.GetAsync(Text(asked, "verification_uri_complete"), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login?returnUrl=");
    }

    [Fact]
    public async Task Neither_code_is_kept_in_the_clear()
    {
        var (client, _) = await AddDeviceApp();
        var asked = await Ask(client);

        var dump = await ((PostgresSite)Site).Dump(Ct);

        dump.ShouldContain(client.Id);
        dump.ShouldNotContain(Text(asked, "device_code"));
        dump.ShouldNotContain(Text(asked, "user_code"));
        dump.ShouldNotContain(Text(asked, "user_code").Replace("-", ""));
    }
}
