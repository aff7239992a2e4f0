using System.Net;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.RegisterClient;

/// <summary>Which programs may register themselves, RFC 7591 §3 and §5.</summary>
public sealed class WhoMayRegisterTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    [Fact] // T114
    public async Task Nobody_where_it_is_off_and_the_metadata_does_not_offer_it()
    {
        var (_, token) = await AddInitialToken();
        using var stranger = Site.Browser();
        using var invited = OpenRegistration.Program(Site, token, "198.51.100.8");

        await ShouldBeRefused(await Send(stranger, HttpMethod.Post, "/oauth/register", new { redirect_uris = Callback }), "access_denied", 403);
        await ShouldBeRefused(await Send(invited, HttpMethod.Post, "/oauth/register", new { redirect_uris = Callback }), "access_denied", 403);
        (await Json(await stranger.GetAsync("/.well-known/openid-configuration", Ct))).TryGetProperty("registration_endpoint", out _).ShouldBeFalse();
        Text(await Json(await Open.Program().GetAsync("/.well-known/oauth-authorization-server", Ct)), "registration_endpoint").ShouldBe($"{Site.Issuer}/oauth/register");
    }

    [Fact]
    public async Task Only_who_shows_a_token_where_one_is_needed_and_two_nodes_count_its_uses_as_one()
    {
        await using var one = Site.WithWebHostBuilder(host => host.UseSetting("Signet:Registration:Dynamic", "Token"));
        var owner = await AddUser();
        var (row, token) = await AddInitialToken(owner, uses: 3);
        HttpClient[] nodes = [OpenRegistration.Program(one, token, "198.51.100.9"), Open.Program(token)];
        using var stranger = OpenRegistration.Program(one, null, "198.51.100.9");

        var refused = await Send(stranger, HttpMethod.Post, "/oauth/register", new { redirect_uris = Callback });
        await ShouldBeRefused(refused, "invalid_token", 401);
        refused.Headers.WwwAuthenticate.ToString().ShouldStartWith("Bearer ");
        await ShouldBeRefused(await Send(nodes[0], HttpMethod.Post, "/oauth/register", new { redirect_uris = new[] { "https://app.test/#" } }), "invalid_redirect_uri"); // uses nothing up

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Send(nodes[i % 2], HttpMethod.Post, "/oauth/register", new { redirect_uris = Callback })));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(3);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(7);
        var used = await Site.InDatabase(db => db.Tokens.SingleAsync(stored => stored.Id == row.Id, Ct));
        (used.Uses, used.LastUsedAt is not null).ShouldBe((3, true));
        var apps = await Site.InDatabase(db => db.Clients.AsNoTracking().ToListAsync(Ct));
        apps.Count.ShouldBe(3);
        apps.ShouldAllBe(app => app.OwnerId == owner.Id && app.Origin == ClientOrigin.Dynamic && !app.IsUnverified && app.Registration!.With == "partner portal");
        (await Site.InDatabase(db => db.AuditEvents.CountAsync(audit => audit.Action == "app registered" && audit.Actor == $"user:{owner.Id}" && audit.Detail!.Contains($"{row.Id}"), Ct))).ShouldBe(3);
    }

    [Fact]
    public async Task A_token_that_is_over_or_whose_maker_is_gone_lets_nobody_in()
    {
        var owner = await AddUser();
        var (row, token) = await AddInitialToken(owner);
        await Registered(new { redirect_uris = Callback }, token);
        foreach (var wrong in (string[])[$"{token}x", OpaqueValue.New(OpaqueValue.InitialAccess).Text, OpaqueValue.New(OpaqueValue.PersonalToken).Text, "x"])
            await ShouldBeRefused(await Register(new { redirect_uris = Callback }, wrong), "invalid_token", 401);

        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.DisabledAt, Site.Clock.GetUtcNow()), Ct));
        await ShouldBeRefused(await Register(new { redirect_uris = Callback }, token), "invalid_token", 401);
        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.DisabledAt, (DateTimeOffset?)null), Ct));
        await Registered(new { redirect_uris = Callback }, token);

        await Site.InDatabase(db => db.Tokens.ExecuteUpdateAsync(set => set.SetProperty(stored => stored.RevokedAt, Site.Clock.GetUtcNow()), Ct));
        await ShouldBeRefused(await Register(new { redirect_uris = Callback }, token), "invalid_token", 401);
        var (_, another) = await AddInitialToken(owner);
        Site.Clock.Advance(TimeSpan.FromDays(2));
        await ShouldBeRefused(await Register(new { redirect_uris = Callback }, another), "invalid_token", 401);
        row.Kind.ShouldBe(TokenKind.Registration);
    }

    [Fact]
    public async Task A_token_says_which_scopes_an_app_may_have_and_lets_it_act_for_itself()
    {
        await AddApi();
        var (_, token) = await AddInitialToken(scopes: ["openid", "notes.read"]);

        var made = await Registered(new { redirect_uris = Callback, scope = "openid email notes.read notes.write" }, token);
        var machine = await Registered(new { grant_types = new[] { "client_credentials" } }, token);
        var more = await Json(await Manage(made, HttpMethod.Put, new { client_id = Text(made, "client_id"), redirect_uris = Callback, scope = "openid email notes.read notes.write" }));

        Text(made, "scope").ShouldBe("openid notes.read");
        Text(more, "scope").ShouldBe("openid notes.read");
        Text(machine, "scope").ShouldBe("notes.read");
        Text(await Json(await Token(await Stored(machine), Text(machine, "client_secret"), ("grant_type", "client_credentials"))), "scope").ShouldBe("notes.read");
        await ShouldBeRefused(await Register(new { redirect_uris = Callback, scope = "notes.write" }, token), "invalid_client_metadata");
    }

    [Fact] // §5, T114
    public async Task Whoever_was_let_in_by_nobody_is_unverified_and_people_are_asked_each_time()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback });
        var client = await Stored(made);
        var browser = await SignedIn(await AddUser());
        client.IsUnverified.ShouldBeTrue();
        client.OwnerId.ShouldBeNull();
        await Authorize(browser, client, ("scope", "openid"));

        var consent = (await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid")), Ct)).Headers.Location!;
        Site.Clock.Advance(TimeSpan.FromMinutes(10));
        var again = (await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid")), Ct)).Headers.Location!;

        again.OriginalString.ShouldStartWith("/consent");
        (await (await browser.GetAsync(again, Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("Unverified app");
        consent.ShouldNotBeNull();
        (await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid"), ("prompt", "none")), Ct)).Headers.Location!.OriginalString.ShouldContain("error=consent_required");

        var device = await Registered(new { grant_types = new[] { "urn:ietf:params:oauth:grant-type:device_code" }, token_endpoint_auth_method = "none" });
        var asked = await Json(await Post(Site.Browser(), "/oauth/device", ("client_id", Text(device, "client_id")), ("scope", "openid")));
        (await browser.GetStringAsync($"/device?user_code={Text(asked, "user_code")}", Ct)).ShouldContain("Unverified app");
    }

    [Fact]
    public async Task Nobody_registers_without_end()
    {
        using var eager = Open.Program(address: "192.0.2.1");
        for (var i = 0; i < RegistrationAllowance.Most; i++)
            (await Send(eager, HttpMethod.Post, "/oauth/register", "{}")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        var slowed = await Send(eager, HttpMethod.Post, "/oauth/register", new { redirect_uris = Callback });
        await ShouldBeRefused(slowed, "temporarily_unavailable", 429);
        slowed.Headers.RetryAfter.ShouldNotBeNull();

        for (var i = 0; i < 5; i++)
            await Registered(new { redirect_uris = Callback });
        await ShouldBeRefused(await Register(new { redirect_uris = Callback }), "temporarily_unavailable", 503);

        // One that somebody uses is none of them.
        var used = await Site.InDatabase(db => db.Clients.FirstAsync(Ct));
        await Authorize(await SignedIn(await AddUser()), used, ("scope", "openid"));
        await Registered(new { redirect_uris = Callback });
    }

    [Fact]
    public async Task What_nobody_has_used_for_thirty_days_is_removed()
    {
        var (_, token) = await AddInitialToken();
        var (unused, used, vouchedFor) = (await Registered(new { redirect_uris = Callback }), await Registered(new { redirect_uris = Callback }), await Registered(new { redirect_uris = Callback }, token));
        await Authorize(await SignedIn(await AddUser()), await Stored(used), ("scope", "openid"));

        Site.Clock.Advance(TimeSpan.FromDays(29));
        (await RemoveWhatIsOver()).Rows.ShouldNotContainKey("Clients");
        Site.Clock.Advance(TimeSpan.FromDays(2));
        (await RemoveWhatIsOver()).Rows["Clients"].ShouldBe(1);

        (await Manage(unused, HttpMethod.Get)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Manage(used, HttpMethod.Get)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Manage(vouchedFor, HttpMethod.Get)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<Signet.Features.ExpireTokens.Result> RemoveWhatIsOver()
    {
        using var scope = Site.Services.CreateScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new Signet.Features.ExpireTokens.Request(), Ct);
    }
}
