using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.IssueToken;

/// <summary>Redeeming codes: RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1.</summary>
public abstract class AuthorizationCodeTests(Site site) : FlowTest(site)
{
    [Fact]
    public async Task A_code_becomes_access_refresh_and_id_token()
    {
        await AddApi();
        var (client, secret) = await AddClient(scopes: ["openid", "email", "notes.read"]);
        var user = await AddUser();

        var tokens = await Tokens(user, client, secret);

        var access = Jwt(Text(tokens, "access_token"));
        access.Typ.ShouldBe("at+jwt");
        access.Alg.ShouldBe("ES256");
        access.Subject.ShouldBe(user.Id.ToString());
        access.Audiences.ShouldBe(["https://api.test/notes", Site.Issuer], ignoreOrder: true);
        access.GetPayloadValue<string>("client_id").ShouldBe(client.Id);
        access.GetPayloadValue<string>("scope").ShouldBe("openid email notes.read");
        var id = Jwt(Text(tokens, "id_token"));
        id.Alg.ShouldBe("RS256");
        id.Audiences.ShouldBe([client.Id]);
        id.GetPayloadValue<string>("nonce").ShouldBe("n1");
        id.GetPayloadValue<string>("acr").ShouldBe("aal1");
        id.GetPayloadValue<string[]>("amr").ShouldBe(["pwd"]);
        id.TryGetPayloadValue<string>("email", out _).ShouldBeFalse();
        Text(tokens, "refresh_token").ShouldStartWith("sgr_");
        Text(tokens, "token_type").ShouldBe("Bearer");
        tokens.GetProperty("expires_in").GetInt64().ShouldBe(900);
    }

    [Fact]
    public async Task Two_factors_are_told_in_amr_and_acr()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var code = (await Authorize(await SignedIn(await AddUser(), "pwd", "otp", "mfa"), client))["code"];

        var id = Jwt(Text(await Json(await Redeem(client, secret, code)), "id_token"));

        id.GetPayloadValue<string>("acr").ShouldBe("aal2");
        id.GetPayloadValue<string[]>("amr").ShouldBe(["pwd", "otp", "mfa"]);
    }

    [Fact]
    public async Task Opaque_tokens_are_kept_by_their_hash_only()
    {
        var (client, secret) = await AddClient(format: TokenFormat.Opaque);

        var token = Text(await Tokens(await AddUser(), client, secret), "access_token");

        token.ShouldStartWith("sgt_");
        (await IsLive(token)).ShouldBeTrue();
    }

    [Fact] // RFC 6749 §4.1.2
    public async Task A_second_redemption_is_refused_and_ends_what_came_of_the_first()
    {
        var (client, secret) = await AddClient();
        var code = await Code(await AddUser(), client);
        var first = await Json(await Redeem(client, secret, code));
        (await IsLive(Text(first, "access_token"))).ShouldBeTrue();

        await ShouldBeRefused(await Redeem(client, secret, code), "invalid_grant");

        (await IsLive(Text(first, "access_token"))).ShouldBeFalse();
        await ShouldBeRefused(await Refresh(client, secret, Text(first, "refresh_token")), "invalid_grant");
        (await Site.InDatabase(db => db.AuditEvents.CountAsync(e => e.Action == "code_reuse", Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task A_hundred_parallel_redemptions_succeed_once()
    {
        var (client, secret) = await AddClient();
        var code = await Code(await AddUser(), client);

        var responses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Redeem(client, secret, code))));

        responses.Count(response => response.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        responses.Count(response => response.StatusCode == HttpStatusCode.BadRequest).ShouldBe(99);
    }

    [Fact]
    public async Task A_code_dies_after_a_minute()
    {
        var (client, secret) = await AddClient();
        var code = await Code(await AddUser(), client);
        Site.Clock.Advance(TimeSpan.FromSeconds(61));

        await ShouldBeRefused(await Redeem(client, secret, code), "invalid_grant");
    }

    [Theory]
    [InlineData("redirect_uri", "https://app.test/other", "invalid_grant")]
    [InlineData("redirect_uri", "", "invalid_grant")]
    [InlineData("code_verifier", "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong", "invalid_grant")]
    [InlineData("code_verifier", "", "invalid_grant")]
    [InlineData("resource", "https://other.test", "invalid_target")]
    public async Task A_failed_redemption_burns_the_code(string name, string value, string error)
    {
        var (client, secret) = await AddClient(redirectUris: ["https://app.test/cb", "https://app.test/other"]);
        var code = await Code(await AddUser(), client);

        await ShouldBeRefused(await Redeem(client, secret, code, (name, value)), error);
        await ShouldBeRefused(await Redeem(client, secret, code), "invalid_grant");
    }

    [Fact]
    public async Task A_code_of_another_client_is_refused_and_burnt()
    {
        var (client, secret) = await AddClient();
        var (thief, thiefSecret) = await AddClient();
        var code = await Code(await AddUser(), client);

        await ShouldBeRefused(await Redeem(thief, thiefSecret, code), "invalid_grant");
        await ShouldBeRefused(await Redeem(client, secret, code), "invalid_grant");
    }

    [Fact] // the request fails before the client is known, so the code stays good
    public async Task A_wrong_secret_burns_nothing()
    {
        var (client, secret) = await AddClient();
        var code = await Code(await AddUser(), client);

        await ShouldBeRefused(await Redeem(client, "wrong", code), "invalid_client", 401);
        (await Redeem(client, secret, code)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_verifier_without_a_challenge_is_refused()
    {
        var (client, secret) = await AddClient(change: client => client.Settings = client.Settings with { PkceOptional = true });
        var code = await Code(await AddUser(), client, ("code_challenge", null), ("code_challenge_method", null));

        await ShouldBeRefused(await Redeem(client, secret, code), "invalid_grant");
    }

    [Theory]
    [InlineData(false, 201)]
    [InlineData(true, 400)]
    public async Task Only_an_app_that_proves_who_it_is_can_be_registered_to_do_without_pkce(bool isPublic, int status)
    {
        var program = await Program(await AddUser(), Scopes.AppsWrite);

        var answer = await program.PostAsJsonAsync("/api/v1/apps", new { client_name = "Old", kind = isPublic ? "spa" : "web", redirect_uris = new[] { RedirectUri }, pkce_optional = true }, Ct);

        ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync(Ct));
        if (isPublic)
            (await Json(answer)).GetProperty("errors").TryGetProperty("pkce_optional", out _).ShouldBeTrue();
        else
            (await Json(answer)).GetProperty("pkce_optional").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task An_installation_may_leave_pkce_to_apps_that_prove_who_they_are()
    {
        await using var lenient = Site.WithWebHostBuilder(host => host.UseSetting("Signet:RequirePkce", "PublicApps"));
        var (app, _) = await AddClient();
        var (open, _) = await AddClient(isPublic: true);
        using var browser = lenient.CreateClient(new() { BaseAddress = new(Site.Issuer), AllowAutoRedirect = false });
        (string, string?)[] without = [("code_challenge", null), ("code_challenge_method", null)];

        // No session: a request that is good leads to the sign-in, and one that is not back to the app.
        (await browser.GetAsync(AuthorizeUrl(app, without), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        Answer(await browser.GetAsync(AuthorizeUrl(open, without), Ct))["error"].ShouldBe("invalid_request");
        // Everywhere else it is demanded of each.
        Answer(await Site.Browser().GetAsync(AuthorizeUrl(app, without), Ct))["error"].ShouldBe("invalid_request");
    }

    [Fact]
    public async Task A_confidential_client_may_be_freed_from_pkce()
    {
        var (client, secret) = await AddClient(change: client => client.Settings = client.Settings with { PkceOptional = true });
        var code = await Code(await AddUser(), client, ("code_challenge", null), ("code_challenge_method", null));

        (await Redeem(client, secret, code, ("code_verifier", ""))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_resource_narrows_the_audience_and_the_scopes()
    {
        await AddApi();
        var (client, secret) = await AddClient(scopes: ["openid", "notes.read"]);
        var code = await Code(await AddUser(), client);

        var access = Jwt(Text(await Json(await Redeem(client, secret, code, ("resource", "https://api.test/notes"))), "access_token"));

        access.Audiences.ShouldBe(["https://api.test/notes"]);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("user")]
    [InlineData("epoch")]
    public async Task A_code_dies_with_what_it_came_from(string what)
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var code = await Code(user, client);
        DateTimeOffset? now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db => what switch
        {
            "session" => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, now), Ct),
            "user" => db.Users.ExecuteUpdateAsync(set => set.SetProperty(u => u.DisabledAt, now), Ct),
            _ => db.Users.ExecuteUpdateAsync(set => set.SetProperty(u => u.TokenEpoch, u => u.TokenEpoch + 1), Ct),
        });

        await ShouldBeRefused(await Redeem(client, secret, code), "invalid_grant");
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("CfDJ8AAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Garbage_is_no_code(string code)
    {
        var (client, secret) = await AddClient();

        await ShouldBeRefused(await Redeem(client, secret, code), code.Length == 0 ? "invalid_request" : "invalid_grant");
    }

    public sealed class OnPostgres(PostgresSite site) : AuthorizationCodeTests(site);

    public sealed class OnSqlite(SqliteSite site) : AuthorizationCodeTests(site);
}
