using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Signet.Tests.Peers;

namespace Signet.Tests.Features.Login;

/// <summary>What a provider says is believed where it is sound, OpenID Connect Core §3.1.3.7, and RFC 9207 §2.4.</summary>
public sealed partial class LoginWithProviderTests
{
    [Theory]
    [InlineData("wrong-iss")]
    [InlineData("wrong-aud")]
    [InlineData("wrong-nonce")]
    [InlineData("no-nonce")]
    [InlineData("no-aud")]
    [InlineData("no-iat")]
    [InlineData("no-sub")]
    [InlineData("other-userinfo")]
    [InlineData("expired")]
    [InlineData("alg-none")]
    [InlineData("bad-signature")]
    [InlineData("hmac-with-public-key")]
    public async Task Believes_no_ID_token_that_is_not_sound(string mode)
    {
        await AddUser("ada@example.test", isConfirmed: true, "grace");
        await Peer.AddAccount("grace", Email);
        await Peer.Misbehave(mode);
        var browser = Site.Browser();

        await ShouldBeRefused(browser, await ComeFromPeer(browser, "grace"), DidNotWork);
        (await Users()).ShouldBe(1);
        await Peer.Misbehave("none");
        await ComeFromPeer(browser, "grace");
        (await IsSignedIn(browser)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("aud-in-a-list")]
    [InlineData("no-kid")]
    public async Task Takes_an_ID_token_that_is_written_otherwise_and_as_good(string mode)
    {
        await Peer.AddAccount("grace", Email);
        await Peer.Misbehave(mode);
        var browser = Site.Browser();

        await ComeFromPeer(browser, "grace");

        (await IsSignedIn(browser)).ShouldBeTrue();
    }

    [Fact] // RFC 9207 §2.4, Discovery §4.3
    public async Task Believes_no_answer_and_no_metadata_of_another_issuer()
    {
        await Peer.AddAccount("grace", Email);
        var browser = Site.Browser();
        var callback = await Peer.SignIn(await Leave(browser), "grace");
        callback.Query.ShouldContain("iss=");

        var mixedUp = new Uri(QueryHelpers.AddQueryString(callback.GetLeftPart(UriPartial.Path), QueryHelpers.ParseQuery(callback.Query)
            .Select(pair => KeyValuePair.Create(pair.Key, (string?)(pair.Key == "iss" ? "https://impostor.example" : pair.Value.ToString())))));
        await ShouldBeRefused(browser, await Return(browser, mixedUp), DidNotWork);

        var answer = await Press(Site.Browser(), provider: "mirror");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }
}
