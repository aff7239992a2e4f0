using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.IntrospectToken;

/// <summary>RFC 7662.</summary>
public abstract class IntrospectTokenTests(Site site) : SliceTest(site)
{
    [Fact]
    public async Task Tells_an_api_about_a_token_that_is_for_it()
    {
        var (_, api, secret) = await AddApi();
        var (client, _) = await AddClient();
        var user = await AddUser("ada@example.test");
        var (grant, _) = await AddGrant(user, client, ["openid", "email", "notes.read"]);

        var response = await PostAs(Site.Browser(), api.Id, secret, "/oauth/introspect", ("token", await IssueJwt(client, grant)), ("token_type_hint", "access_token"));
        var answer = await Json(response);

        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        response.Headers.Pragma.ToString().ShouldBe("no-cache");
        answer.EnumerateObject().Select(member => member.Name).ShouldBe(
            ["active", "scope", "client_id", "username", "token_type", "exp", "iat", "sub", "aud", "iss", "jti", "sid", "auth_time", "acr", "amr"], ignoreOrder: true);
        answer.GetProperty("active").GetBoolean().ShouldBeTrue();
        answer.GetProperty("scope").GetString().ShouldBe("openid email notes.read");
        answer.GetProperty("client_id").GetString().ShouldBe(client.Id);
        answer.GetProperty("username").GetString().ShouldBe("ada@example.test");
        answer.GetProperty("sub").GetString().ShouldBe(user.Id.ToString());
        answer.GetProperty("aud").GetString().ShouldBe("https://api.test/notes");
        answer.GetProperty("iss").GetString().ShouldBe(Site.Issuer);
        answer.GetProperty("acr").GetString().ShouldBe("aal2");
    }

    [Theory]
    [InlineData("jwt")]
    [InlineData("opaque")]
    public async Task Tells_a_client_about_its_own_token(string format)
    {
        var (client, secret) = await AddClient();
        var token = format == "jwt" ? await IssueJwt(client) : await IssueOpaque(client);

        var answer = await Introspect(Site.Browser(), client, secret, token);

        answer.ShouldContain("\"active\":true");
        answer.ShouldContain($"\"sub\":\"{client.Id}\"");
        answer.ShouldNotContain("username");
    }

    [Fact]
    public async Task Tells_a_client_about_its_refresh_token_and_nobody_else()
    {
        var (_, api, apiSecret) = await AddApi();
        var (client, secret) = await AddClient();
        var (_, refresh) = await AddGrant(await AddUser(), client);

        var answer = await Introspect(Site.Browser(), client, secret, refresh);

        answer.ShouldContain("\"active\":true");
        answer.ShouldNotContain("token_type");
        (await Introspect(Site.Browser(), api, apiSecret, refresh)).ShouldBe(Inactive);
    }

    [Fact]
    public async Task Tells_an_api_whose_personal_token_it_holds()
    {
        var (_, api, secret) = await AddApi();
        var user = await AddUser();

        var answer = await Introspect(Site.Browser(), api, secret, (await AddPersonalToken(user)).Text);

        answer.ShouldContain($"\"sub\":\"{user.Id}\"");
        answer.ShouldNotContain("client_id");
    }

    [Fact] // T059
    public async Task Knows_nothing_of_tokens_for_others()
    {
        var (_, api, secret) = await AddApi("https://api.test/other", "other.read");
        var (owner, _) = await AddClient();

        (await Introspect(Site.Browser(), api, secret, await IssueJwt(owner))).ShouldBe(Inactive);
        (await Introspect(Site.Browser(), api, secret, await IssueOpaque(owner))).ShouldBe(Inactive);
        (await Introspect(Site.Browser(), api, secret, (await AddPersonalToken(await AddUser())).Text)).ShouldBe(Inactive);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("sgt_nonsense")]
    [InlineData("sgr_nonsense")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    public async Task Says_only_inactive_to_garbage(string token)
    {
        var (client, secret) = await AddClient();

        (await Introspect(Site.Browser(), client, secret, token)).ShouldBe(Inactive);
    }

    [Fact]
    public async Task Takes_json_and_refuses_repeated_or_missing_tokens()
    {
        var (client, secret) = await AddClient();
        var http = Site.Browser();

        var json = await http.PostAsync("/oauth/introspect", JsonBody(new { client_id = client.Id, client_secret = secret, token = await IssueJwt(client) }), Ct);
        (await json.Content.ReadAsStringAsync(Ct)).ShouldContain("\"active\":true");
        (await PostAs(http, client.Id, secret, "/oauth/introspect", ("token", "a"), ("token", "b"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAs(http, client.Id, secret, "/oauth/introspect")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var empty = await http.PostAsync("/oauth/introspect", JsonBody(new { client_id = client.Id, client_secret = secret, token = Array.Empty<string>() }), Ct);
        empty.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Refuses_whoever_does_not_prove_who_they_are()
    {
        var (spa, _) = await AddClient(isPublic: true);
        var (client, _) = await AddClient();
        var http = Site.Browser();

        var asPublic = await Post(http, "/oauth/introspect", ("client_id", spa.Id), ("token", "x"));

        asPublic.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Json(asPublic)).GetProperty("error").GetString().ShouldBe("invalid_client");
        asPublic.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await PostAs(http, client.Id, "wrong", "/oauth/introspect", ("token", "x"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Post(http, "/oauth/introspect", ("token", "x"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Says_inactive_from_the_second_at_which_a_token_expires()
    {
        var (client, secret) = await AddClient();
        var (jwt, opaque) = (await IssueJwt(client), await IssueOpaque(client));
        Site.Clock.Advance(TimeSpan.FromMinutes(15));

        (await Introspect(Site.Browser(), client, secret, jwt)).ShouldBe(Inactive);
        (await Introspect(Site.Browser(), client, secret, opaque)).ShouldBe(Inactive);
    }

    [Fact] // T054
    public async Task Says_inactive_at_once_when_the_user_the_app_or_the_session_ends()
    {
        var (_, api, secret) = await AddApi();
        var user = await AddUser();
        var http = Site.Browser();

        await Dies(db => db.Users.Where(row => row.Id == user.Id), set => set.ExecuteUpdateAsync(s => s.SetProperty(u => u.DisabledAt, DateTimeOffset.UnixEpoch)));
        await Dies(db => db.Users.Where(row => row.Id == user.Id), set => set.ExecuteUpdateAsync(s => s.SetProperty(u => u.TokenEpoch, u => u.TokenEpoch + 1)));
        await Dies(db => db.Clients, set => set.ExecuteUpdateAsync(s => s.SetProperty(c => c.DisabledAt, DateTimeOffset.UnixEpoch)), andBack: true);
        await Dies(db => db.Sessions, set => set.ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, DateTimeOffset.UnixEpoch)));
        await Dies(db => db.Grants, set => set.ExecuteUpdateAsync(s => s.SetProperty(g => g.RevokedAt, DateTimeOffset.UnixEpoch)));
        await Dies(db => db.Installations, set => set.ExecuteUpdateAsync(s => s.SetProperty(i => i.TokenEpoch, i => i.TokenEpoch + 1)));

        async Task Dies<T>(Func<AppDbContext, IQueryable<T>> rows, Func<IQueryable<T>, Task<int>> end, bool andBack = false)
        {
            await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(s => s.SetProperty(u => u.DisabledAt, (DateTimeOffset?)null), Ct));
            var (client, _) = await AddClient();
            var (grant, _) = await AddGrant(user, client);
            string[] tokens = [await IssueJwt(client, grant), await IssueOpaque(client, grant)];
            foreach (var token in tokens)
                (await Introspect(http, api, secret, token)).ShouldContain("\"active\":true");

            await Site.InDatabase(db => end(rows(db)));

            foreach (var token in tokens)
                (await Introspect(http, api, secret, token)).ShouldBe(Inactive);
            if (andBack)
                await Site.InDatabase(db => db.Clients.ExecuteUpdateAsync(s => s.SetProperty(c => c.DisabledAt, (DateTimeOffset?)null), Ct));
        }
    }

    [Fact] // RFC 9470's question apart, a grant with offline access outlives its session
    public async Task Goes_on_without_the_session_when_the_grant_is_offline()
    {
        var (client, secret) = await AddClient();
        var (grant, refresh) = await AddGrant(await AddUser(), client, isOffline: true);
        await Site.InDatabase(db => db.Sessions.ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, DateTimeOffset.UnixEpoch), Ct));

        (await Introspect(Site.Browser(), client, secret, await IssueJwt(client, grant))).ShouldContain("\"active\":true");
        (await Introspect(Site.Browser(), client, secret, refresh)).ShouldContain("\"active\":true");
    }

    private static StringContent JsonBody(object body) =>
        new(System.Text.Json.JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");

    public sealed class OnPostgres(PostgresSite site) : IntrospectTokenTests(site);

    public sealed class OnSqlite(SqliteSite site) : IntrospectTokenTests(site);
}
