using System.Net;
using CsCheck;
using Microsoft.AspNetCore.WebUtilities;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Authorize;

/// <summary>Whatever is sent to the places that take authorization requests, none of it makes them fail, and no answer goes where it must not.</summary>
public sealed class AnyRequestTests(PostgresSite site) : FlowTest(site)
{
    private static readonly string[] Names =
    [
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "max_age", "claims",
        "acr_values", "id_token_hint", "login_hint", "request", "request_uri", "authorization_details", "dpop_jkt", "resource", "display", "ui_locales", "interaction", "client_secret", "",
    ];

    private static readonly string[] Odd =
    [
        "", " ", "\0", "é", "\ud83d\ude00", "%", "&=", "none", "login none", "-1", "99999999999999999999", "null", "[]", "{}", "[null]", "[[]]", "{\"id_token\":null}", "{\"id_token\":{\"sub\":null}}", "{\"userinfo\":{\"\":{\"values\":[{}]}}}",
        "{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[1,null,{}]}}}", "[{\"type\":\"\\u0000\"}]", "[{\"type\":\"payment\",\"x\":{\"y\":[[]]}}]", "\"\\ud800\"", "{\"id_token\":{\"\\ud800\":null}}", "e30.e30.e30", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
        "urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:\0", "https://app.test/cb", "https://evil.test/", "code", "code id_token", "id_token code", "token", "jwt", "query.jwt", "form_post", "openid", "openid openid", "create", "aal2", "S256",
    ];

    private static readonly Gen<string> Value = Gen.OneOf<string>(
        Gen.OneOf(Odd), Gen.String[0, 40], Gen.Int[33, 126].Array[0, 80].Select(codes => string.Concat(codes.Select(code => (char)code))));
    private static readonly Gen<(string Name, string Value)[]> Changes = Gen.Select(Gen.OneOf(Names), Value).Array[1, 5];

    [Fact]
    public async Task No_request_makes_an_error_of_ours()
    {
        var (client, secret) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { ResponseTypes = ["code", "code id_token"], Jwks = new AppKey().Jwks });
        var browser = await SignedIn(await AddUser());
        var good = Parameters(client).Select(pair => (pair.Key, Value: pair.Value!)).ToArray();

        await Changes.SampleAsync(async changes =>
        {
            var all = good.Where(field => changes.All(change => change.Name != field.Key)).Concat(changes.Select(change => (Key: change.Name, change.Value))).ToArray();
            var query = string.Join('&', all.Select(field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value)}"));

            var answer = await browser.GetAsync("/oauth/authorize?" + query, Ct);
            var pushed = await PostAs(browser, client.Id, secret, "/oauth/par", [.. all.Select(field => (field.Key, field.Value))]);

            ((int)answer.StatusCode).ShouldBeLessThan(500, query);
            ((int)pushed.StatusCode).ShouldBeLessThan(500, query);
            if (answer.Headers.Location is { } location)
                (location.OriginalString.StartsWith("https://app.test/cb", StringComparison.Ordinal) || location.OriginalString.StartsWith('/')).ShouldBeTrue(location.OriginalString);
            if (pushed.StatusCode == HttpStatusCode.Created)
            {
                var uri = Text(await Json(pushed), "request_uri");
                ((int)(await browser.GetAsync(QueryHelpers.AddQueryString("/oauth/authorize", new Dictionary<string, string?> { ["client_id"] = client.Id, ["request_uri"] = uri }), Ct)).StatusCode).ShouldBeLessThan(500, query);
            }
        }, iter: Attacks.AnyText.Tries(400), threads: 1);
    }
}
