using System.Net;
using Signet.Infrastructure.Data;
using Registration = Signet.Infrastructure.OAuth.RedirectUri;

namespace Signet.Tests.Attacks;

/// <summary>An authorization is answered at a registered address, character by character, and nowhere else (RFC 9700 §2.1, §4.1).</summary>
public sealed class RegisteredAddressTests(PostgresSite site) : FlowTest(site)
{
    private const string Registered = "https://rp.test/cb";

    [Fact]
    public void There_is_much_to_try()
    {
        Addresses.ThatLeadAway.Length.ShouldBeGreaterThan(2000);
        Addresses.ThatLookLikeRegistered.Length.ShouldBeGreaterThan(60);
        Addresses.ThatLeadAway.Concat(Addresses.ThatLookLikeRegistered).ShouldNotContain(Registered);
    }

    [Fact]
    public void Nothing_of_it_passes_for_a_registered_address()
    {
        foreach (var registered in new[] { Registered, "https://rp.test", "http://127.0.0.1/cb", "http://[::1]:8080/cb", "http://localhost/cb", "com.example.app:/cb" })
            Addresses.ThatLeadAway.Concat(Addresses.ThatLookLikeRegistered).Where(address => Registration.Matches(registered, address)).ShouldBeEmpty(registered);
    }

    [Theory] // through the front door, a part of it each way: good requests, wrong ones, and silent ones
    [InlineData("good")]
    [InlineData("bogus response_type")]
    [InlineData("unknown scope")]
    [InlineData("prompt=none")]
    [InlineData("posted")]
    public async Task Nobody_is_sent_there(string how)
    {
        var (client, _) = await AddClient(redirectUris: [Registered], skipsConsent: true);
        var browser = await SignedIn(await AddUser());
        Answer(await browser.GetAsync(AuthorizeUrl(client), Ct)).ShouldContainKey("code");
        (string, string?)[] change = how switch
        {
            "bogus response_type" => [("response_type", "bogus")],
            "unknown scope" => [("scope", "openid nonsense")],
            "prompt=none" => [("prompt", "none")],
            _ => [],
        };
        var sample = Addresses.ThatLeadAway.Where((_, i) => i % 9 == how.Length % 9).ToArray();
        sample.Length.ShouldBeGreaterThan(200);
        foreach (var address in sample.Concat(Addresses.ThatLookLikeRegistered))
        {
            var url = AuthorizeUrl(client, [.. change, ("redirect_uri", address)]);
            var response = how == "posted" ? await Posted(browser, client, address) : await browser.GetAsync(url, Ct);

            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, address);
            response.Headers.Location.ShouldBeNull(address);
            response.Headers.Contains("Refresh").ShouldBeFalse(address);
            response.Headers.CacheControl!.NoStore.ShouldBeTrue();
            (await response.Content.ReadAsStringAsync(Ct)).ShouldNotContain("evil", Case.Sensitive);
        }
    }

    [Theory] // PrOfESSOS: the good one and a bad one, in either order, and as two spellings of the name
    [InlineData("&redirect_uri=https%3A%2F%2Fevil.test%2F", true)]
    [InlineData("&redirect_uri=https%3A%2F%2Fevil.test%2F", false)]
    [InlineData("&redirect_uri=https%3A%2F%2Frp.test%2Fcb", true)]
    public async Task Two_addresses_are_one_too_many(string second, bool isLast)
    {
        var (client, _) = await AddClient(redirectUris: [Registered], skipsConsent: true);
        var browser = await SignedIn(await AddUser());
        var url = AuthorizeUrl(client);

        var response = await browser.GetAsync(isLast ? url + second : url.Replace("?", "?" + second[1..] + "&", StringComparison.Ordinal), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Location.ShouldBeNull();
    }

    [Theory]
    [InlineData("Redirect_uri")] // the query's names are read without case, so this one counts as a second
    [InlineData("redirect_uri[]")]
    [InlineData("redirect_url")]
    [InlineData("callback")]
    public async Task Another_spelling_of_the_name_leads_nowhere_else(string name)
    {
        var (client, _) = await AddClient(redirectUris: [Registered], skipsConsent: true);

        var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, (name, "https://evil.test/")), Ct);

        if (response.StatusCode != HttpStatusCode.BadRequest)
            response.Headers.Location!.OriginalString.ShouldStartWith(Registered + "?code=");
    }

    [Fact] // PrOfESSOS: an address that is registered, but for somebody else
    public async Task Another_apps_address_is_not_this_ones()
    {
        var (client, secret) = await AddClient(redirectUris: [Registered], skipsConsent: true);
        await AddClient(redirectUris: ["https://other.test/cb"], skipsConsent: true);
        var browser = await SignedIn(await AddUser());

        (await browser.GetAsync(AuthorizeUrl(client, ("redirect_uri", "https://other.test/cb")), Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await ShouldBeRefused(await Redeem(client, secret, (await Authorize(browser, client))["code"], ("redirect_uri", "https://other.test/cb")), "invalid_grant");
    }

    [Theory] // PrOfESSOS: redirect_uri of the token request
    [InlineData("")]
    [InlineData("https://rp.test/cb/more")]
    [InlineData("https://sub.rp.test/cb")]
    [InlineData("https://rp.test.evil.test/cb")]
    [InlineData("https://rp.test/CB")]
    [InlineData("https://rp.test:443/cb")]
    public async Task A_code_is_redeemed_with_the_very_address_that_it_went_to(string address)
    {
        var (client, secret) = await AddClient(redirectUris: [Registered], skipsConsent: true);
        var code = await Code(await AddUser(), client);

        await ShouldBeRefused(await Redeem(client, secret, code, ("redirect_uri", address)), "invalid_grant");
    }

    [Fact] // RFC 8252 §7.3: the port is free, so the code remembers which
    public async Task A_code_for_one_port_is_not_redeemed_with_another()
    {
        var (client, _) = await AddClient(redirectUris: ["http://127.0.0.1/cb"], isPublic: true, skipsConsent: true);
        var code = await Code(await AddUser(), client, ("redirect_uri", "http://127.0.0.1:49152/cb"));

        await ShouldBeRefused(await Redeem(client, null, code, ("redirect_uri", "http://127.0.0.1:49153/cb")), "invalid_grant");
    }

    [Fact]
    public void Nothing_of_it_can_be_registered_that_a_browser_reads_otherwise()
    {
        foreach (var kind in Enum.GetValues<ClientKind>())
        {
            var taken = Addresses.ThatLeadAway.Concat(Addresses.ThatLookLikeRegistered).Where(address => Registration.Objection(address, kind) is null).ToArray();

            // What may be registered is its owner's own: a plain host, which every reader takes for the same one.
            taken.ShouldNotBeEmpty();
            taken.Where(address => !address.StartsWith("https://", StringComparison.Ordinal) || !$"{address.Split('/', '?')[2]}:".StartsWith($"{new Uri(address).Host}:", StringComparison.Ordinal)).ShouldBeEmpty();
            taken.ShouldAllBe(address => !address.Split('?')[0].Contains('@') && !address.Contains('\\') && !address.Contains("..") && !address.Contains('*'));
        }
    }

    private static async Task<HttpResponseMessage> Posted(HttpClient browser, Client client, string address)
    {
        var response = await Post(browser, "/oauth/authorize", [.. Parameters(client, ("redirect_uri", address)).Select(pair => (pair.Key, pair.Value!))]);
        response.StatusCode.ShouldBeOneOf(HttpStatusCode.SeeOther, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest);
        if (response.StatusCode != HttpStatusCode.SeeOther)
            return await browser.GetAsync(AuthorizeUrl(client, ("redirect_uri", address)), Ct);
        response.Headers.Location!.OriginalString.ShouldStartWith("/oauth/authorize?");
        return await browser.GetAsync(response.Headers.Location, Ct);
    }
}
