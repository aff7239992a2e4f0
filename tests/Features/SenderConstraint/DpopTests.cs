using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Features.SenderConstraint;

/// <summary>Tokens that are bound to a DPoP key, RFC 9449, from the grant to the resource.</summary>
public sealed class DpopTests(PostgresSite site) : DpopTest(site)
{
    [Theory]
    [InlineData(TokenFormat.Jwt)]
    [InlineData(TokenFormat.Opaque)]
    internal async Task The_tokens_of_a_code_are_bound_to_the_key_of_the_proof(TokenFormat format)
    {
        var (client, secret) = await AddClient(format: format);
        var user = await AddUser();

        var tokens = await BoundTokens(user, client, secret);
        var token = Text(tokens, "access_token");
        var said = JsonElement.Parse(await Introspect(Site.Browser(), client, secret, token));

        Text(tokens, "token_type").ShouldBe("DPoP");
        Text(said, "token_type").ShouldBe("DPoP");
        said.GetProperty("cnf").GetProperty("jkt").GetString().ShouldBe(Key.Thumbprint);
        if (format == TokenFormat.Jwt)
            Jwt(token).GetPayloadValue<JsonElement>("cnf").GetProperty("jkt").GetString().ShouldBe(Key.Thumbprint);
        foreach (var scheme in (string[])["DPoP", "dpop", "DPOP"])
        {
            var answer = await Ask(Site.Browser(), "/oauth/userinfo", scheme, token, UserInfoProof(token));
            Text(await Json(answer), "sub").ShouldBe(user.Id.ToString());
        }
    }

    [Fact] // T060
    public async Task A_bound_token_is_worth_nothing_without_its_key()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var token = Text(await BoundTokens(user, client, secret), "access_token");
        var another = Text(await BoundTokens(user, client, secret), "access_token");
        var other = new ProofKey();
        var used = UserInfoProof(token);
        (await Ask(token, used)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var asBearer = await UserInfo(token);
        await ShouldBeRefused(asBearer, "invalid_token", 401);
        asBearer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme).ShouldBe(["Bearer", "DPoP"]);
        await ShouldBeRefused(await Ask(Site.Browser(), "/oauth/userinfo", "Bearer", token, UserInfoProof(token)), "invalid_token", 401);
        await ShouldBeChallenged(await Ask(token), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, UserInfoProof(token, other)), "invalid_token");
        await ShouldBeChallenged(await Ask(token, UserInfoProof(another)), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, UserInfoProof(token, change: (_, claims) => claims.Remove("ath"))), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, UserInfoProof(token, change: (_, claims) => claims["htm"] = "POST")), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, TokenProof(change: (_, claims) => claims["htm"] = "GET")), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, used), "invalid_dpop_proof");
        (await Site.Browser().GetAsync($"/oauth/userinfo?access_token={token}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(token, UserInfoProof(token))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_bearer_token_stays_one_and_is_not_taken_as_bound()
    {
        var (client, secret) = await AddClient();
        var tokens = await Tokens(await AddUser(), client, secret);
        var token = Text(tokens, "access_token");

        Text(tokens, "token_type").ShouldBe("Bearer");
        (await Ask(Site.Browser(), "/oauth/userinfo", "bearer", token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeChallenged(await Ask(token, UserInfoProof(token)), "invalid_token");
        await ShouldBeChallenged(await Ask("garbage", UserInfoProof("garbage")), "invalid_token");
        await ShouldBeChallenged(await Ask(Text(tokens, "id_token"), UserInfoProof(Text(tokens, "id_token"))), "invalid_token");
    }

    [Fact]
    public async Task The_management_api_takes_a_bound_token_with_a_proof_for_its_address_and_not_without()
    {
        var (client, secret) = await AddClient(scopes: ["openid", "apps.read"]);
        var token = Text(await BoundTokens(await AddUser(), client, secret), "access_token");
        var http = Site.Browser();
        string Proof(string url) => Key.Proof("GET", url, Site.Clock.GetUtcNow(), token);

        (await Ask(http, "/api/v1/apps?page=1", "DPoP", token, Proof(AppsUrl))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Ask(http, "/api/v1/apps", "Bearer", token), "invalid_token", 401);
        await ShouldBeChallenged(await Ask(http, "/api/v1/apps", "DPoP", token), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(http, "/api/v1/apps/x", "DPoP", token, Proof(AppsUrl)), "invalid_dpop_proof");
        using var write = new HttpRequestMessage(HttpMethod.Post, "/api/v1/apps") { Headers = { Authorization = new("DPoP", token) } };
        write.Headers.Add("DPoP", Key.Proof("POST", AppsUrl, Site.Clock.GetUtcNow(), token));
        var refusal = await http.SendAsync(write, Ct);
        await ShouldBeRefused(refusal, "insufficient_scope", 403);
        refusal.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("DPoP");
    }

    [Fact]
    public async Task The_refresh_token_of_a_public_app_works_with_its_key_alone_and_does_not_rotate()
    {
        var (client, _) = await AddClient(isPublic: true);
        var refresh = Text(await BoundTokens(await AddUser(), client, null), "refresh_token");

        await ShouldBeRefused(await RefreshWith(null, client, null, refresh), "invalid_grant");
        await ShouldBeRefused(await RefreshWith(TokenProof(new ProofKey()), client, null, refresh), "invalid_grant");
        for (var i = 0; i < 2; i++)
        {
            var tokens = await Json(await RefreshWith(TokenProof(), client, null, refresh));
            Text(tokens, "refresh_token").ShouldBe(refresh);
            Text(tokens, "token_type").ShouldBe("DPoP");
            Site.Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task An_app_that_wants_its_bound_refresh_token_rotated_gets_that()
    {
        var (client, _) = await AddClient(isPublic: true, change: client => client.RefreshRotation = RefreshRotation.Always);
        var refresh = Text(await BoundTokens(await AddUser(), client, null), "refresh_token");

        Text(await Json(await RefreshWith(TokenProof(), client, null, refresh)), "refresh_token").ShouldNotBe(refresh);
    }

    [Fact]
    public async Task The_refresh_token_of_an_app_with_a_secret_survives_a_change_of_key()
    {
        var (client, secret) = await AddClient();
        var refresh = Text(await BoundTokens(await AddUser(), client, secret), "refresh_token");
        var key = new ProofKey();

        var token = Text(await Json(await RefreshWith(TokenProof(key), client, secret, refresh)), "access_token");

        (await Ask(token, UserInfoProof(token, key))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeChallenged(await Ask(token, UserInfoProof(token)), "invalid_token");
    }

    [Fact]
    public async Task An_app_that_binds_its_tokens_gets_none_without_a_proof()
    {
        var (client, secret) = await AddClient(change: client => client.Settings = client.Settings with { DpopBoundAccessTokens = true });
        var user = await AddUser();
        var code = await Code(user, client);

        await ShouldBeRefused(await TokenWith(null, client, secret, ("grant_type", "client_credentials")), "invalid_request");
        await ShouldBeRefused(await RedeemWith(null, client, secret, code), "invalid_request");
        var tokens = await Json(await RedeemWith(TokenProof(), client, secret, code));
        await ShouldBeRefused(await RefreshWith(null, client, secret, Text(tokens, "refresh_token")), "invalid_request");
        Text(await Json(await TokenWith(TokenProof(), client, secret, ("grant_type", "client_credentials"))), "token_type").ShouldBe("DPoP");
        await ShouldBeRefused(await TokenWith(TokenProof(), client, "wrong", ("grant_type", "client_credentials")), "invalid_client", 401);
    }

    [Fact]
    public async Task A_code_that_is_bound_to_a_key_is_redeemed_with_it_alone()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var codes = Site.Services.GetRequiredService<AuthorizationCodes>();
        async Task<string> BoundCode() => codes.Seal(codes.Open(await Code(user, client))! with { DpopThumbprint = Key.Thumbprint }).Text;

        await ShouldBeRefused(await RedeemWith(null, client, secret, await BoundCode()), "invalid_grant");
        await ShouldBeRefused(await RedeemWith(TokenProof(new ProofKey()), client, secret, await BoundCode()), "invalid_grant");
        (await RedeemWith(TokenProof(), client, secret, await BoundCode())).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_proof_counts_once_whichever_of_two_nodes_it_comes_to_at_the_same_time()
    {
        await using var node = Node();
        HttpClient[] nodes = [Site.Browser(), At(node)];
        var (client, secret) = await AddClient();
        var token = Text(await BoundTokens(await AddUser(), client, secret), "access_token");
        var (atToken, atUserInfo) = (TokenProof(), UserInfoProof(token));

        var granted = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => TokenWith(nodes[i % 2], atToken, client, secret, ("grant_type", "client_credentials"))));
        var answered = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Ask(nodes[i % 2], "/oauth/userinfo", "DPoP", token, atUserInfo)));

        granted.Count(response => response.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answered.Count(response => response.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        foreach (var refused in granted.Where(response => response.StatusCode != HttpStatusCode.OK))
            await ShouldBeRefused(refused, "invalid_dpop_proof");
    }

    [Fact]
    public async Task Two_apps_may_come_upon_the_same_jti_with_their_own_keys()
    {
        var (client, secret) = await AddClient();
        var key = new ProofKey();

        foreach (var proof in (string[])[TokenProof(change: (_, claims) => claims["jti"] = "1"), TokenProof(key, change: (_, claims) => claims["jti"] = "1")])
            (await TokenWith(proof, client, secret, ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await TokenWith(TokenProof(key, change: (_, claims) => claims["jti"] = "1"), client, secret, ("grant_type", "client_credentials")), "invalid_dpop_proof");
    }

    [Fact]
    public async Task What_is_kept_of_a_proof_goes_when_the_proof_is_too_old_and_nothing_is_kept_of_a_bearer()
    {
        var (client, secret) = await AddClient();
        await TokenWith(null, client, secret, ("grant_type", "client_credentials"));
        (await Site.InDatabase(db => db.UsedValues.CountAsync(Ct))).ShouldBe(0);

        await TokenWith(TokenProof(), client, secret, ("grant_type", "client_credentials"));

        var kept = await Site.InDatabase(db => db.UsedValues.SingleAsync(Ct));
        (kept.ExpiresAt - Site.Clock.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(121));
    }
}
