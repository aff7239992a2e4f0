using System.Net;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.SenderConstraint;

/// <summary>Nonces of the server, RFC 9449 §8 and §9, at an installation that demands them.</summary>
public sealed class DpopNonceTests(PostgresSite site) : DpopTest(site)
{
    private Client client = null!;
    private string secret = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (client, secret) = await AddClient();
    }

    [Fact]
    public async Task One_retry_with_the_nonce_succeeds_at_the_token_endpoint_and_at_resources()
    {
        await using var node = Node(demandsNonce: true);
        var http = At(node);
        var code = await Code(await AddUser(), client);
        Task<HttpResponseMessage> Redeem(string? nonce) => TokenWith(
            http, TokenProof(nonce: nonce), client, secret, ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RedirectUri), ("code_verifier", Verifier));

        var first = await Redeem(null);
        await ShouldBeRefused(first, "use_dpop_nonce");
        var second = await Redeem(Nonce(first));
        second.StatusCode.ShouldBe(HttpStatusCode.OK, await second.Content.ReadAsStringAsync(Ct));

        var token = Text(await Json(second), "access_token");
        var asked = await Ask(http, "/oauth/userinfo", "DPoP", token, UserInfoProof(token));
        await ShouldBeChallenged(asked, "use_dpop_nonce");
        var answered = await Ask(http, "/oauth/userinfo", "DPoP", token, UserInfoProof(token, nonce: Nonce(asked)));
        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        answered.Headers.Contains("DPoP-Nonce").ShouldBeFalse();
    }

    [Fact]
    public async Task A_nonce_of_one_node_is_good_on_another_for_five_minutes_and_the_next_comes_before_its_end()
    {
        await using var one = Node(demandsNonce: true);
        await using var two = Node(demandsNonce: true);
        var nonce = Nonce(await Grant(At(one), null));

        (await Grant(At(two), nonce)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Site.Clock.Advance(TimeSpan.FromMinutes(3));
        var late = await Grant(At(two), nonce);
        late.StatusCode.ShouldBe(HttpStatusCode.OK);
        Site.Clock.Advance(TimeSpan.FromMinutes(2.1));
        await ShouldBeRefused(await Grant(At(two), nonce), "use_dpop_nonce");
        (await Grant(At(one), Nonce(late))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task With_a_nonce_the_clock_of_the_app_does_not_matter_and_a_proof_still_counts_once()
    {
        await using var node = Node(demandsNonce: true);
        var http = At(node);
        var nonce = Nonce(await Grant(http, null));
        var proof = Key.Proof("POST", TokenUrl, Site.Clock.GetUtcNow().AddHours(-1), nonce: nonce);

        (await Grant(http, proof: proof)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Grant(http, proof: proof), "invalid_dpop_proof");
        Site.Clock.Advance(TimeSpan.FromMinutes(4));
        await ShouldBeRefused(await Grant(http, proof: proof), "invalid_dpop_proof");
    }

    [Theory]
    [InlineData("")]
    [InlineData("made-up")]
    [InlineData("CfDJ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_nonce_that_is_none_of_ours_is_answered_with_one(string nonce)
    {
        await using var node = Node(demandsNonce: true);

        var refused = await Grant(At(node), nonce);

        await ShouldBeRefused(refused, "use_dpop_nonce");
        (await Grant(At(node), Nonce(refused))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Bearers_are_not_asked_for_one()
    {
        await using var node = Node(demandsNonce: true);

        var response = await TokenWith(At(node), null, client, secret, ("grant_type", "client_credentials"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.Contains("DPoP-Nonce").ShouldBeFalse();
    }

    [Fact]
    public async Task A_script_of_another_site_may_send_a_proof_and_read_the_nonce()
    {
        await using var node = Node(demandsNonce: true);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/oauth/token");
        preflight.Headers.Add("Origin", "https://spa.test");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,dpop");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", client.Id), new("client_secret", secret)]) };
        request.Headers.Add("Origin", "https://spa.test");
        request.Headers.Add("DPoP", TokenProof());

        (await At(node).SendAsync(preflight, Ct)).Headers.GetValues("Access-Control-Allow-Headers").Single().ShouldContain("dpop");
        var response = await At(node).SendAsync(request, Ct);

        response.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("DPoP-Nonce");
        Nonce(response).Length.ShouldBeGreaterThan(20);
    }

    private Task<HttpResponseMessage> Grant(HttpClient http, string? nonce = null, string? proof = null) =>
        TokenWith(http, proof ?? TokenProof(nonce: nonce), client, secret, ("grant_type", "client_credentials"));

    private static string Nonce(HttpResponseMessage response) => response.Headers.GetValues("DPoP-Nonce").Single();
}
