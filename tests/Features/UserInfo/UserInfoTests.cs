using System.Net;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.UserInfo;

/// <summary>OpenID Connect Core §5.3, RFC 6750.</summary>
public sealed class UserInfoTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task Tells_the_claims_of_the_scopes_and_no_more()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser("ada@example.test", isConfirmed: false);

        var all = await Json(await UserInfo(Text(await Tokens(user, client, secret), "access_token")));
        var least = await Json(await UserInfo(Text(await Tokens(user, client, secret, ("scope", "openid")), "access_token")));

        Text(all, "sub").ShouldBe(user.Id.ToString());
        Text(all, "name").ShouldBe("Ada Example");
        Text(all, "email").ShouldBe("ada@example.test");
        all.GetProperty("email_verified").GetBoolean().ShouldBeFalse();
        least.EnumerateObject().Select(claim => claim.Name).ShouldBe(["sub"]);
    }

    [Fact]
    public async Task Refuses_tokens_without_openid_for_other_apis_and_of_apps()
    {
        await AddApi();
        var (client, secret) = await AddClient(scopes: ["openid", "email", "notes.read"]);
        var user = await AddUser();
        var narrowed = await Json(await Redeem(client, secret, await Code(user, client), ("resource", "https://api.test/notes")));
        var withoutOpenId = await Tokens(user, client, secret, ("scope", "email"));
        var ofApp = await Json(await Token(client, secret, ("grant_type", "client_credentials")));
        var idToken = Text(await Tokens(user, client, secret), "id_token");

        await ShouldBeRefused(await UserInfo(Text(narrowed, "access_token")), "invalid_token", 401);
        await ShouldBeRefused(await UserInfo(Text(withoutOpenId, "access_token")), "insufficient_scope", 403);
        await ShouldBeRefused(await UserInfo(Text(ofApp, "access_token")), "invalid_token", 401);
        await ShouldBeRefused(await UserInfo(idToken), "invalid_token", 401);
        await ShouldBeRefused(await UserInfo("garbage"), "invalid_token", 401);
    }

    [Fact]
    public async Task A_token_dies_at_its_expiry_whatever_the_jobs_do()
    {
        var (jwt, jwtSecret) = await AddClient();
        var (opaque, opaqueSecret) = await AddClient(format: TokenFormat.Opaque);
        var user = await AddUser();
        var tokens = new[] { Text(await Tokens(user, jwt, jwtSecret), "access_token"), Text(await Tokens(user, opaque, opaqueSecret), "access_token") };

        foreach (var token in tokens)
            (await IsLive(token)).ShouldBeTrue();
        Site.Clock.Advance(TimeSpan.FromMinutes(15.1));
        foreach (var token in tokens)
            (await IsLive(token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Two_hundred_people_at_once_each_see_themselves()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var mismatches = 0;

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Ct }, async (_, _) =>
        {
            var user = await AddUser();
            var token = Text(await Tokens(user, client, secret), "access_token");
            for (var i = 0; i < 5; i++)
            {
                if (Text(await Json(await UserInfo(token)), "sub") != user.Id.ToString())
                    Interlocked.Increment(ref mismatches);
            }
        });

        mismatches.ShouldBe(0);
    }

    [Fact]
    public async Task A_script_of_another_site_may_read_it_but_never_authorize()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/oauth/token");
        preflight.Headers.Add("Origin", "https://spa.test");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using var authorize = new HttpRequestMessage(HttpMethod.Get, "/oauth/authorize");
        authorize.Headers.Add("Origin", "https://spa.test");

        (await Site.Browser().SendAsync(preflight, Ct)).Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        var answer = await Site.Browser().SendAsync(authorize, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }
}
