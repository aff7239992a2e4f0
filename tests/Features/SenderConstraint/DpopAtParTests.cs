using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.SenderConstraint;

/// <summary>A proof that comes with a pushed request binds the code, RFC 9449 §10.1.</summary>
public sealed class DpopAtParTests(PostgresSite site) : DpopTest(site)
{
    private const string ParUrl = Tests.Site.Issuer + "/oauth/par";

    [Fact]
    public async Task The_code_of_a_request_that_was_pushed_with_a_proof_is_redeemed_with_that_key_alone()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var browser = await SignedIn(await AddUser());

        async Task<string> Code()
        {
            var pushed = await Push(client, secret, Key.Proof("POST", ParUrl, Site.Clock.GetUtcNow()));
            pushed.StatusCode.ShouldBe(HttpStatusCode.Created, await pushed.Content.ReadAsStringAsync(Ct));
            var url = QueryHelpers.AddQueryString("/oauth/authorize", new Dictionary<string, string?> { ["client_id"] = client.Id, ["request_uri"] = Text(await Json(pushed), "request_uri") });
            return Answer(await browser.GetAsync(url, Ct))["code"];
        }

        await ShouldBeRefused(await RedeemWith(TokenProof(new ProofKey()), client, secret, await Code()), "invalid_grant");
        await ShouldBeRefused(await RedeemWith(null, client, secret, await Code()), "invalid_grant");
        (await RedeemWith(TokenProof(), client, secret, await Code())).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_proof_for_another_address_or_of_another_key_than_the_request_names_is_refused()
    {
        var (client, secret) = await AddClient();

        await ShouldBeRefused(await Push(client, secret, TokenProof()), "invalid_dpop_proof");
        await ShouldBeRefused(await Push(client, secret, Key.Proof("POST", ParUrl, Site.Clock.GetUtcNow()), ("dpop_jkt", new ProofKey().Thumbprint)), "invalid_request");
    }

    private async Task<HttpResponseMessage> Push(Client client, string secret, string proof, params (string Name, string? Value)[] changes)
    {
        var fields = Parameters(client, changes).Where(pair => pair.Value is not null).Append(new("client_secret", secret));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/par") { Content = new FormUrlEncodedContent(fields!), Headers = { { "DPoP", proof } } };
        return await Site.Browser().SendAsync(request, Ct);
    }
}
