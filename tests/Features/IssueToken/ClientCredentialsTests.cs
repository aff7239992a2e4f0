using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.IssueToken;

/// <summary>Client credentials and client authentication: RFC 6749 §2.3, §4.4, §5.</summary>
public abstract class ClientCredentialsTests(Site site) : FlowTest(site)
{
    [Fact]
    public async Task An_app_gets_a_token_for_its_apis()
    {
        await AddApi();
        var (client, secret) = await AddClient(scopes: ["openid", "notes.read", "notes.write"]);

        var response = await Token(client, secret, ("grant_type", "client_credentials"));

        var answer = await Json(response);
        var token = Jwt(Text(answer, "access_token"));
        token.Subject.ShouldBe(client.Id);
        token.Audiences.ShouldBe(["https://api.test/notes"]);
        Text(answer, "scope").ShouldBe("notes.read notes.write");
        answer.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        answer.TryGetProperty("id_token", out _).ShouldBeFalse();
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        response.Headers.Pragma.ToString().ShouldBe("no-cache");
    }

    [Fact]
    public async Task The_secret_may_stand_in_the_body_and_the_body_may_be_json()
    {
        var (client, secret) = await AddClient();

        var posted = await Post(Site.Browser(), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", client.Id), ("client_secret", secret));
        var json = await Site.Browser().PostAsJsonAsync("/oauth/token", new { grant_type = "client_credentials", client_id = client.Id, client_secret = secret }, Ct);

        posted.StatusCode.ShouldBe(HttpStatusCode.OK);
        json.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("wrong")]
    public async Task A_missing_empty_or_wrong_secret_is_refused(string? secret)
    {
        var (client, _) = await AddClient();

        var response = secret is null
            ? await Post(Site.Browser(), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", client.Id))
            : await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"));

        await ShouldBeRefused(response, "invalid_client", 401);
        response.Headers.WwwAuthenticate.ToString().ShouldStartWith("Basic");
    }

    [Theory]
    [InlineData("client_secret_basic")]
    [InlineData("client_secret_post")]
    public async Task A_client_that_chose_one_way_may_use_no_other(string method)
    {
        var (client, secret) = await AddClient(change: client => client.AuthenticationMethods = [method]);

        var basic = await Token(client, secret, ("grant_type", "client_credentials"));
        var post = await Post(Site.Browser(), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", client.Id), ("client_secret", secret));

        basic.IsSuccessStatusCode.ShouldBe(method == "client_secret_basic");
        post.IsSuccessStatusCode.ShouldBe(method == "client_secret_post");
    }

    [Fact]
    public async Task Two_ways_at_once_are_refused()
    {
        var (client, secret) = await AddClient();

        await ShouldBeRefused(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("client_secret", secret)), "invalid_request");
    }

    [Fact]
    public async Task Id_and_secret_of_the_header_are_form_encoded()
    {
        var (client, secret) = await AddClient(change: client => client.Secrets.Add(new ClientSecret
        {
            Id = Guid.CreateVersion7(),
            ClientId = client.Id,
            Hash = new Signet.Infrastructure.Secret("a:b +ü%").Hash(),
            Hint = "ü%",
            CreatedAt = client.CreatedAt,
        }));

        (await Token(client, secret, ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Token(client, "a%3Ab+%2B%C3%BC%25", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Either_of_two_live_secrets_works_and_an_expired_one_does_not()
    {
        var second = Signet.Infrastructure.OAuth.OpaqueValue.New("sgs_");
        var (client, first) = await AddClient(change: client => client.Secrets.Add(new ClientSecret
        {
            Id = Guid.CreateVersion7(),
            ClientId = client.Id,
            Hash = second.Hash(),
            Hint = "abcd",
            CreatedAt = client.CreatedAt,
            ExpiresAt = client.CreatedAt.AddHours(1),
        }));

        (await Token(client, first, ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Token(client, second.Text, ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        Site.Clock.Advance(TimeSpan.FromHours(2));
        (await Token(client, first, ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Token(client, second.Text, ("grant_type", "client_credentials")), "invalid_client", 401);
    }

    [Theory]
    [InlineData("grant_type", "", "invalid_request")]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("scope", "openid", "invalid_scope")]
    [InlineData("scope", "unknown", "invalid_scope")]
    [InlineData("resource", "https://other.test", "invalid_target")]
    public async Task Says_what_is_wrong(string name, string value, string error)
    {
        var (client, secret) = await AddClient();

        await ShouldBeRefused(await Token(client, secret, ("grant_type", "client_credentials"), (name, value)), error);
    }

    [Fact]
    public async Task A_grant_that_the_client_is_not_registered_for_is_refused()
    {
        var (client, secret) = await AddClient(grants: ["authorization_code"]);
        var (open, _) = await AddClient(isPublic: true);

        await ShouldBeRefused(await Token(client, secret, ("grant_type", "client_credentials")), "unauthorized_client");
        await ShouldBeRefused(await Token(open, null, ("grant_type", "client_credentials")), "unauthorized_client");
    }

    [Fact]
    public async Task A_disabled_client_gets_nothing()
    {
        var (client, secret) = await AddClient(change: client => client.DisabledAt = client.CreatedAt);

        await ShouldBeRefused(await Token(client, secret, ("grant_type", "client_credentials")), "invalid_client", 401);
    }

    [Fact]
    public async Task A_repeated_parameter_a_foreign_body_and_a_huge_one_are_refused()
    {
        var (client, secret) = await AddClient();
        var browser = Site.Browser();
        using var xml = new StringContent("<x/>", Encoding.UTF8, "application/xml");

        await ShouldBeRefused(await PostAs(browser, client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("scope", "a"), ("scope", "b")), "invalid_request");
        await ShouldBeRefused(await browser.PostAsync("/oauth/token", xml, Ct), "invalid_request");
        await ShouldBeRefused(await PostAs(browser, client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("scope", new string('x', 50_000))), "invalid_request");
        await ShouldBeRefused(await PostAs(browser, client.Id, secret, "/oauth/token", [.. Enumerable.Range(0, 1000).Select(i => ($"k{i}", "v"))]), "invalid_request");
    }

    [Fact]
    public async Task Guessing_a_secret_is_slowed_down_without_touching_other_clients()
    {
        var (client, _) = await AddClient();
        var (other, otherSecret) = await AddClient();
        var browser = Site.Browser();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 60; i++)
            statuses.Add((await PostAs(browser, client.Id, $"guess{i}", "/oauth/token", ("grant_type", "client_credentials"))).StatusCode);

        statuses.ShouldContain(HttpStatusCode.TooManyRequests);
        statuses.Distinct().ShouldBe([HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests]);
        (await Token(other, otherSecret, ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_shortest_policy_wins_and_the_upper_bound_holds()
    {
        await AddApi();
        var (patient, patientSecret) = await AddClient(scopes: ["notes.read"], change: client => client.AccessTokenLifetime = TimeSpan.FromDays(30));
        (await Json(await Token(patient, patientSecret, ("grant_type", "client_credentials")))).GetProperty("expires_in").GetInt64().ShouldBe(86400);

        await Site.InDatabase(db => db.Resources.ExecuteUpdateAsync(set => set.SetProperty(api => api.AccessTokenLifetime, TimeSpan.FromMinutes(2)), Ct));
        Site.Services.GetService(typeof(Signet.Infrastructure.OAuth.ClientDirectory)).ShouldBeOfType<Signet.Infrastructure.OAuth.ClientDirectory>().Forget();
        (await Json(await Token(patient, patientSecret, ("grant_type", "client_credentials")))).GetProperty("expires_in").GetInt64().ShouldBe(120);
    }

    [Fact]
    public async Task A_jwt_costs_no_row()
    {
        var (client, secret) = await AddClient();

        await Token(client, secret, ("grant_type", "client_credentials"));

        (await Site.InDatabase(async db => await db.Tokens.CountAsync(Ct) + await db.Grants.CountAsync(Ct) + await db.AuditEvents.CountAsync(Ct))).ShouldBe(0);
    }

    public sealed class OnPostgres(PostgresSite site) : ClientCredentialsTests(site);

    public sealed class OnSqlite(SqliteSite site) : ClientCredentialsTests(site);
}
