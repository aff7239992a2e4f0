using System.Net;
using System.Text.RegularExpressions;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Attacks;

/// <summary>Codes, tokens and secrets stay out of addresses, caches, other sites' hands and the database (RFC 9700 §4.2, §4.3).</summary>
public sealed partial class LeakTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task Pages_on_the_way_to_an_app_tell_other_sites_nothing()
    {
        var (client, _) = await AddClient();
        var (trusted, _) = await AddClient(skipsConsent: true);
        var browser = await SignedIn(await AddUser());
        var consent = (await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location!.OriginalString;
        HttpResponseMessage[] answers =
        [
            await Site.Browser().GetAsync(AuthorizeUrl(client), Ct),
            await Site.Browser().GetAsync("/login?returnUrl=" + Uri.EscapeDataString(AuthorizeUrl(client)), Ct),
            await browser.GetAsync(consent, Ct),
            await browser.GetAsync(AuthorizeUrl(trusted), Ct),
            await browser.GetAsync(AuthorizeUrl(trusted, ("response_mode", "form_post")), Ct),
            await browser.GetAsync(AuthorizeUrl(trusted, ("redirect_uri", "https://evil.test/")), Ct),
            await browser.GetAsync(AuthorizeUrl(trusted, ("scope", "nonsense")), Ct),
            await Submit(browser, consent, "/consent?handler=Deny", ("returnUrl", Uri.UnescapeDataString(consent["/consent?returnUrl=".Length..]))),
        ];

        foreach (var answer in answers)
        {
            var url = answer.RequestMessage!.RequestUri!.ToString();
            answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"], url);
            answer.Headers.GetValues("Cross-Origin-Opener-Policy").ShouldBe(["same-origin"], url);
            answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"], url);
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], url);
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue(url);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldStartWith("default-src 'none'");
            policy.ShouldContain("frame-ancestors 'none'");
            policy.ShouldNotContain("unsafe");
            FromElsewhere().Matches(await answer.Content.ReadAsStringAsync(Ct)).Select(match => match.Value).ShouldBeEmpty(url);
            if (answer.Headers.Location is not null)
                ((int)answer.StatusCode).ShouldBeOneOf([302, 303], url); // 307 would carry a password on
        }
    }

    [Theory] // RFC 6749 §5.1
    [InlineData("jwt")]
    [InlineData("opaque")]
    public async Task No_answer_with_a_token_or_about_one_is_kept(string format)
    {
        var (client, secret) = await AddClient(scopes: ["openid", "apps.read"], format: format == "jwt" ? TokenFormat.Jwt : TokenFormat.Opaque);
        var redeemed = await Redeem(client, secret, await Code(await AddUser(), client));
        var tokens = await Json(redeemed);
        var access = Text(tokens, "access_token");
        HttpResponseMessage[] answers =
        [
            redeemed,
            await Refresh(client, secret, Text(tokens, "refresh_token")),
            await Redeem(client, secret, "garbage"),
            await Refresh(client, "wrong", Text(tokens, "refresh_token")),
            await UserInfo(access),
            await UserInfo("garbage"),
            await PostAs(Site.Browser(), client.Id, secret, "/oauth/introspect", ("token", access)),
            await PostAs(Site.Browser(), client.Id, secret, "/oauth/introspect", ("token", "garbage")),
            await PostAs(Site.Browser(), client.Id, "wrong", "/oauth/introspect", ("token", access)),
            await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", access)),
        ];

        answers.Select(answer => answer.StatusCode).Distinct().Count().ShouldBe(3);
        foreach (var answer in answers)
        {
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue(answer.RequestMessage!.RequestUri!.ToString());
            answer.Headers.Pragma.ToString().ShouldBe("no-cache", answer.RequestMessage.RequestUri.ToString());
        }
    }

    [Theory] // RFC 6750 §5.3: an address is written down on the way
    [InlineData("GET", "/oauth/userinfo")]
    [InlineData("POST", "/oauth/userinfo")]
    [InlineData("GET", "/api/v1/apps")]
    public async Task A_token_is_taken_from_the_header_alone(string method, string url)
    {
        var (client, secret) = await AddClient(scopes: ["openid", "apps.read"]);
        var token = Text(await Tokens(await AddUser(), client, secret), "access_token");
        using var inAddress = new HttpRequestMessage(new HttpMethod(method), $"{url}?access_token={token}");
        using var twice = new HttpRequestMessage(new HttpMethod(method), url);
        twice.Headers.TryAddWithoutValidation("Authorization", [$"Bearer {token}", "Bearer x"]);
        using var asCookie = new HttpRequestMessage(new HttpMethod(method), url) { Headers = { { "Cookie", $"access_token={token}; __Host-signet.session={token}" } } };

        foreach (var request in new[] { inAddress, twice, asCookie })
            (await Site.Browser().SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await IsLive(token)).ShouldBeTrue();
    }

    [Fact]
    public async Task No_token_stands_in_any_address_of_a_whole_flow_and_nothing_of_it_in_the_database()
    {
        var (client, secret) = await AddClient();
        var (opaque, opaqueSecret) = await AddClient(format: TokenFormat.Opaque);
        var user = await AddUser();
        var browser = Site.Browser();
        var addresses = new List<string>();
        var url = AuthorizeUrl(client);
        while (!url.StartsWith(RedirectUri, StringComparison.Ordinal))
        {
            addresses.Add(url);
            var answer = url switch
            {
                _ when url.StartsWith("/login", StringComparison.Ordinal) => await Submit(browser, url, ("Input.Email", user.Email!), ("Input.Password", Password)),
                _ when url.StartsWith("/consent", StringComparison.Ordinal) => await Submit(browser, url, "/consent?handler=Allow", ("returnUrl", Uri.UnescapeDataString(url["/consent?returnUrl=".Length..]))),
                _ => await browser.GetAsync(url, Ct),
            };
            url = answer.Headers.GetValues("Location").Single();
        }

        addresses.Count.ShouldBe(5);
        var code = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(url).Query)["code"].ToString();
        var tokens = await Json(await Redeem(client, secret, code));
        var renewed = await Json(await Refresh(client, secret, Text(tokens, "refresh_token")));
        var reference = await Tokens(user, opaque, opaqueSecret);
        string[] secrets =
        [
            Password, secret, opaqueSecret, Verifier, code, Text(tokens, "access_token"), Text(tokens, "refresh_token"), Text(tokens, "id_token"), Text(renewed, "access_token"),
            Text(renewed, "refresh_token"), Text(reference, "access_token"), Text(reference, "refresh_token"), (await AddPersonalToken(user)).Text, await AddSession(user),
        ];
        var written = await ((PostgresSite)Site).Dump(Ct);

        foreach (var text in secrets)
        {
            addresses.ShouldNotContain(address => address.Contains(text, StringComparison.Ordinal));
            written.ShouldNotContain(text, Case.Sensitive);
            written.ShouldNotContain(Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(text)), Case.Sensitive);
        }

        url.ShouldNotContain("token");
    }

    [GeneratedRegex("(?:src|href|action|data|poster|srcset)=\"(?:https?:)?//(?!app\\.test/cb\")[^\"]*\"|url\\(\\s*['\"]?(?:https?:)?//|@import")]
    private static partial Regex FromElsewhere();
}
