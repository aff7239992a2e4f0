using System.Net;
using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Attacks;

/// <summary>What a thief has of a token: no second life, no wider one, and none once it is over (RFC 9700 §4.14).</summary>
public sealed class StolenTokenTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hundred_refreshes_on_two_nodes_have_one_successor(bool isPublic)
    {
        Site.Clock.Stop();
        await using var other = Site.WithWebHostBuilder(_ => { });
        using var second = other.CreateClient(new() { BaseAddress = new Uri(Site.Issuer) });
        using var first = Site.Browser();
        var (client, secret) = await AddClient(isPublic: isPublic);
        var credential = isPublic ? null : secret;
        var stolen = Text(await Tokens(await AddUser(), client, credential), "refresh_token");
        (string, string)[] fields = [("grant_type", "refresh_token"), ("refresh_token", stolen)];

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? first : second) is var node && isPublic
            ? Task.Run(() => Post(node, "/oauth/token", [.. fields, ("client_id", client.Id)]))
            : Task.Run(() => PostAs(i % 2 == 0 ? first : second, client.Id, secret, "/oauth/token", fields))));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        var successors = await Task.WhenAll(answers.Select(async answer => Text(await Json(answer), "refresh_token")));
        successors.Distinct().ShouldHaveSingleItem();
        (await Refresh(client, credential, successors[0])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact] // reuse detection that costs more than the attack is an attack itself
    public async Task A_storm_of_replays_costs_one_verdict()
    {
        var (client, _) = await AddClient(isPublic: true);
        var stolen = Text(await Tokens(await AddUser(), client, null), "refresh_token");
        var current = stolen;
        for (var i = 0; i < 20; i++)
            current = Text(await Json(await Refresh(client, null, current)), "refresh_token");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Refresh(client, null, stolen))));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.BadRequest);
        await ShouldBeRefused(await Refresh(client, null, current), "invalid_grant");
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(1);
        (await Site.InDatabase(db => db.AuditEvents.CountAsync(e => e.Action == "refresh_reuse", Ct))).ShouldBe(1);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("app")]
    public async Task What_was_shut_gets_and_opens_nothing(string what)
    {
        var (client, secret) = await AddClient(scopes: ["openid", "apps.read"]);
        var (_, api, apiSecret) = await AddApi(Site.Issuer, "unused");
        var user = await AddUser();
        var tokens = await Tokens(user, client, secret);
        var code = await Code(user, client);
        var access = Text(tokens, "access_token");
        (await Introspect(Site.Browser(), api, apiSecret, access)).ShouldContain("\"active\":true");
        (await AskApi(access)).StatusCode.ShouldBe(HttpStatusCode.OK);

        DateTimeOffset? now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db => what == "user"
            ? db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct)
            : db.Clients.Where(row => row.Id == client.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();

        var (error, status) = what == "user" ? ("invalid_grant", 400) : ("invalid_client", 401);
        await ShouldBeRefused(await Refresh(client, secret, Text(tokens, "refresh_token")), error, status);
        await ShouldBeRefused(await Redeem(client, secret, code), error, status);
        await ShouldBeRefused(await UserInfo(access), "invalid_token", 401);
        await ShouldBeRefused(await AskApi(access), "invalid_token", 401);
        (await Introspect(Site.Browser(), api, apiSecret, access)).ShouldBe(Inactive);
        if (what == "app")
            await ShouldBeRefused(await Token(client, secret, ("grant_type", "client_credentials")), "invalid_client", 401);
    }

    [Theory] // our own API is an API like others: it wants its scope, and a token that is for it
    [InlineData("openid profile email", "https://id.test", "insufficient_scope", 403)]
    [InlineData("apps.read", "https://api.test/notes", "invalid_token", 401)]
    public async Task A_token_for_something_else_opens_no_management(string scope, string resource, string error, int status)
    {
        await AddApi();
        var (client, secret) = await AddClient(scopes: ["openid", "profile", "email", "apps.read", "notes.read"]);
        var code = await Code(await AddUser(isAdmin: true), client, ("scope", scope + " notes.read"));
        var token = Text(await Json(await Redeem(client, secret, code, ("resource", resource))), "access_token");

        await ShouldBeRefused(await AskApi(token), error, status);
    }

    [Fact] // CVE-2026-96460: nothing that is renewed outlives what it was renewed from
    public async Task No_refresh_reaches_beyond_its_authorization()
    {
        var (client, secret) = await AddClient();
        var tokens = await Tokens(await AddUser(), client, secret);
        var refresh = Text(tokens, "refresh_token");
        var end = (await Site.InDatabase(db => db.Grants.SingleAsync(Ct))).ExpiresAt;
        while (end - Site.Clock.GetUtcNow() > TimeSpan.FromMinutes(5))
        {
            var left = end - Site.Clock.GetUtcNow();
            Site.Clock.Advance(left > TimeSpan.FromDays(12) ? TimeSpan.FromDays(12) : left - TimeSpan.FromMinutes(4));
            var renewed = await Refresh(client, secret, refresh);
            renewed.StatusCode.ShouldBe(HttpStatusCode.OK);
            Jwt(Text(await Json(renewed), "access_token")).ValidTo.ShouldBeLessThanOrEqualTo(end.UtcDateTime);
        }
    }

    private async Task<HttpResponseMessage> AskApi(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/apps") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await Site.Browser().SendAsync(request, Ct);
    }
}
