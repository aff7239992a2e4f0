using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.RegisterApp;
using Signet.Tests.Features.SenderConstraint;

namespace Signet.Tests.Attacks;

/// <summary>Whatever an app or a person sends to the addresses that read the most, none of it makes an error of ours.</summary>
public sealed class AnyAppTests(PostgresSite site) : AppsTest(site)
{
    private int address;
    private static readonly string[] Endpoints = ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/device", "/oauth/backchannel", "/oauth/par"];
    private static readonly string[] ContentTypes = ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=nonsense", "application/json", "multipart/form-data; boundary=x", "text/plain"];
    private static readonly string[] Parameters =
    [
        "grant_type", "code", "code_verifier", "redirect_uri", "refresh_token", "scope", "resource", "audience", "client_id", "client_secret", "client_assertion", "client_assertion_type", "token", "token_type_hint", "device_code", "auth_req_id", "assertion",
        "subject_token", "subject_token_type", "actor_token", "actor_token_type", "requested_token_type", "authorization_details", "login_hint", "id_token_hint", "binding_message", "requested_expiry", "acr_values", "request", "claims", "",
    ];

    private static readonly string[] Claims = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "typ", "scope", "login_hint", "binding_message", "requested_expiry", "client_id", "redirect_uri", "claims", "authorization_details", "resource", "state", "max_age"];
    private static readonly string[] ProofMembers = ["jti", "htm", "htu", "iat", "ath", "nonce", "exp", "nbf", "alg", "typ", "jwk", "kid"];

    [Fact]
    public async Task Headers_and_bodies()
    {
        var (client, secret) = await AddClient([.. GrantTypes.All]);
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client.Id}:{secret}"));
        var proof = new ProofKey().Proof("POST", Site.Issuer + "/oauth/token", Site.Clock.GetUtcNow());
        var authorization = Gen.OneOf(Gen.Const($"Basic {basic}"), AnyText.Near($"Basic {basic}", $"Bearer {basic}"), AnyText.Bytes.Select(bytes => "Basic " + Convert.ToBase64String(bytes)), AnyText.Any);
        var form = Gen.Select(Gen.OneOf(Parameters), Gen.OneOf(AnyText.Any, Gen.OneOf(GrantTypes.All), AnyText.Json(Claims))).Array[0, 5]
            .Select(fields => string.Join('&', fields.Select(field => $"{field.Item1}={Uri.EscapeDataString(Unicode(field.Item2))}")));
        var body = Gen.OneOf(form, AnyText.Near("grant_type=client_credentials&scope=openid"), AnyText.Any, AnyText.Object(Parameters));

        await Gen.Select(Gen.OneOf(Endpoints), AnyText.Header(authorization), AnyText.Header(Gen.OneOf(Gen.Const(""), AnyText.Near(proof), AnyText.Any)), Gen.OneOf(ContentTypes), body).SampleAsync(async input =>
        {
            var (endpoint, who, dpop, type, content) = input;
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content)) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            request.Headers.TryAddWithoutValidation("Authorization", who);
            if (dpop.Length > 0)
                request.Headers.TryAddWithoutValidation("DPoP", dpop);
            var answer = await Elsewhere().SendAsync(request, Ct);
            answer.StatusCode.ShouldNotBe(System.Net.HttpStatusCode.TooManyRequests);
            ((int)answer.StatusCode).ShouldBeLessThan(500, $"{endpoint} {type}\n{who}\n{dpop}\n{content}");
        }, iter: AnyText.Tries(500), threads: 1);
    }

    [Fact]
    public async Task What_an_app_signs()
    {
        var key = new AppKey();
        var proofKey = new ProofKey();
        var (client, _) = await AddClient([GrantTypes.ClientCredentials, GrantTypes.AuthorizationCode, GrantTypes.Ciba], change: client =>
        {
            client.AuthenticationMethods = ["private_key_jwt"];
            client.Settings = new ClientSettings { Jwks = key.Jwks, BackchannelAuthenticationRequestSigningAlg = SigningAlgorithms.Es256 };
        });
        IEnumerable<(string, string)> Good(string? subject) =>
        [
            ("iss", $"\"{client.Id}\""), ("sub", $"\"{subject ?? client.Id}\""), ("aud", $"\"{Site.Issuer}\""), ("exp", Time(60)), ("iat", Time(0)), ("nbf", Time(0)), ("jti", $"\"{Guid.NewGuid()}\""), ("scope", "\"openid\""), ("login_hint", "\"a@b.test\""),
        ];
        string Time(int seconds) => Site.Clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        string Assertion() => key.SignText($"{{{string.Join(',', Good(null).Select(member => $"\"{member.Item1}\":{member.Item2}"))}}}");

        await Gen.Select(AnyText.Changed(() => Good(null), Claims), AnyText.Changed(() => Good("x"), Claims), AnyText.Object(ProofMembers, 2), AnyText.Object(ProofMembers, 2)).SampleAsync(async input =>
        {
            var (assertion, signed, header, claims) = input;
            using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = Form(("grant_type", "client_credentials"), ("client_assertion", key.SignText(assertion))) };
            if (Object(header) is { } proofHeader && Object(claims) is { } proofClaims)
            {
                foreach (var (name, value) in new (string, JsonNode?)[] { ("typ", "dpop+jwt"), ("alg", "ES256"), ("jwk", proofKey.Jwk) })
                    proofHeader.TryAdd(name, value);
                request.Headers.TryAddWithoutValidation("DPoP", proofKey.Sign(proofHeader, proofClaims));
            }

            ((int)(await Elsewhere().SendAsync(request, Ct)).StatusCode).ShouldBeLessThan(500, assertion + header + claims);
            foreach (var endpoint in (string[])["/oauth/par", "/oauth/backchannel"])
            {
                using var form = Form(("client_assertion", Assertion()), ("request", key.SignText(signed)));
                ((int)(await Elsewhere().PostAsync(endpoint, form, Ct)).StatusCode).ShouldBeLessThan(500, endpoint + signed);
            }
        }, iter: AnyText.Tries(150), threads: 1);
    }

    [Fact]
    public async Task Documents_of_apps()
    {
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");
        var (app, _) = await AddClient();
        string[] members = [.. ClientSettings.Members.Except(["sector_identifier_uri"]), "client_name", "grant_types", "redirect_uris", "scope", "token_endpoint_auth_method", "application_type", "client_id", "client_uri", "post_logout_redirect_uris", "access_token_format", "keys", "kty", ""];
        IEnumerable<(string, string)> Good() => [("client_name", "\"A\""), ("grant_types", "[\"authorization_code\"]"), ("redirect_uris", "[\"https://app.test/cb\"]"), ("scope", "\"openid\"")];
        var documents = Gen.OneOf(AnyText.Changed(Good, members), AnyText.Object(members), AnyText.Json(members), AnyText.Near("{\"client_name\":\"A\",\"grant_types\":[\"client_credentials\"]}"));

        await documents.SampleAsync(async document =>
        {
            foreach (var (method, url) in new[] { (HttpMethod.Post, "/api/v1/apps"), (HttpMethod.Patch, $"/api/v1/apps/{app.Id}") })
            {
                using var request = new HttpRequestMessage(method, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(document)) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                ((int)(await admin.SendAsync(request, Ct)).StatusCode).ShouldBeLessThan(500, $"{method} {document}");
            }
        }, iter: AnyText.Tries(300), threads: 1);
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
    }

    [Fact]
    public async Task Codes_that_people_type()
    {
        var browser = await SignedIn(await AddUser());
        var token = AntiforgeryToken(await browser.GetStringAsync("/device", Ct));

        await Gen.OneOf(AnyText.Any, AnyText.Near("BCDF-GHJK")).Select(Unicode).SampleAsync(async typed =>
        {
            ((int)(await browser.GetAsync("/device?user_code=" + Uri.EscapeDataString(typed), Ct)).StatusCode).ShouldBeLessThan(500, typed);
            ((int)(await Post(browser, "/device", ("__RequestVerificationToken", token), ("user_code", typed))).StatusCode).ShouldBeLessThan(500, typed);
        }, iter: AnyText.Tries(60), threads: 1);
    }

    // Who fails too often at one address is not listened to there any more.
    private HttpClient Elsewhere() => Site.BrowserAt($"10.{(++address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");

    private static string Unicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields
        .Append(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")).Select(field => KeyValuePair.Create(field.Item1, field.Item2)));

    private static JsonObject? Object(string json)
    {
        try
        {
            var read = JsonNode.Parse(json)!.AsObject();
            return read.ContainsKey("") || read.ToJsonString().Length > 0 ? read : null; // finds a member that is there twice, and text that is none
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
