using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.SenderConstraint;

namespace Signet.Tests.Features.Ciba;

/// <summary>Authentication requests that the app signed (OpenID Connect CIBA §7.1.1), within the bounds of FAPI-CIBA §5.2.2.</summary>
public sealed class CibaSignedRequestTests(PostgresSite site) : CibaTest(site)
{
    private readonly AppKey key = new();

    private Task<(Client Client, string Secret)> AddSigner(Func<ClientSettings, ClientSettings>? with = null) => AddBank(change: client =>
    {
        var settings = new ClientSettings { Jwks = key.Jwks, BackchannelAuthenticationRequestSigningAlg = SigningAlgorithms.Es256 };
        client.Settings = with is null ? settings : with(settings);
    });

    private JsonObject Claims(Client client, User user, params (string Name, JsonNode? Value)[] changes)
    {
        var claims = new JsonObject
        {
            ["iss"] = client.Id,
            ["aud"] = Site.Issuer,
            ["iat"] = FromNow(0),
            ["nbf"] = FromNow(0),
            ["exp"] = FromNow(5),
            ["jti"] = Guid.NewGuid().ToString(),
            ["scope"] = "openid email",
            ["login_hint"] = user.Email,
            ["binding_message"] = "W4SCT",
            ["requested_expiry"] = "120",
        };
        foreach (var (name, value) in changes)
        {
            if (value is null)
                claims.Remove(name);
            else
                claims[name] = value;
        }

        return claims;
    }

    private long FromNow(double minutes) => Site.Clock.GetUtcNow().AddMinutes(minutes).ToUnixTimeSeconds();

    private Task<HttpResponseMessage> Send(Client client, string secret, string request, params (string Name, string Value)[] beside) =>
        PostAs(Site.Browser(), client.Id, secret, "/oauth/backchannel", [("request", request), .. beside]);

    [Fact]
    public async Task A_signed_request_is_asked_about_and_answered_like_another()
    {
        var (client, secret) = await AddSigner();
        var user = await AddUser();

        var response = await Send(client, secret, key.Sign(Claims(client, user, ("requested_expiry", 90), ("aud", new JsonArray(Site.Issuer, "https://other.test")))), ("client_id", client.Id));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        var asked = await Json(response);

        asked.GetProperty("expires_in").GetInt32().ShouldBe(90);
        var browser = await SignedIn(user);
        (await browser.GetStringAsync("/account/approvals", Ct)).ShouldContain("W4SCT");
        await Decide(browser);
        (await Poll(client, secret, asked)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_not_as_it_must_be_signed_is_an_invalid_request()
    {
        var (client, secret) = await AddSigner();
        var (other, _) = await AddSigner();
        var user = await AddUser();
        var good = Claims(client, user);
        string With(params (string Name, JsonNode? Value)[] changes) => key.Sign(Claims(client, user, changes));
        (string What, string Request)[] bad =
        [
            ("no aud", With(("aud", null))), ("another's aud", With(("aud", "https://other.test"))), ("aud is the endpoint", With(("aud", $"{Site.Issuer}/oauth/backchannel"))),
            ("no iss", With(("iss", null))), ("another's iss", With(("iss", other.Id))),
            ("no exp", With(("exp", null))), ("exp is past", With(("exp", FromNow(-5)))), ("exp 70 minutes past", With(("exp", FromNow(-70)))), ("exp 70 minutes ahead", With(("exp", FromNow(70)))), ("exp is text", With(("exp", "soon"))),
            ("no iat", With(("iat", null))), ("iat in the future", With(("iat", FromNow(10)))),
            ("no nbf", With(("nbf", null))), ("nbf 10 minutes ahead", With(("nbf", FromNow(10)))), ("nbf 70 minutes past", With(("nbf", FromNow(-70)))),
            ("no jti", With(("jti", null))), ("jti is no text", With(("jti", 5))), ("a long jti", With(("jti", new string('x', 600)))),
            ("another's client_id", With(("client_id", other.Id))), ("an object within", With(("request", "x.y.z"))), ("an assertion", With(("sub", client.Id))),
            ("another type", key.Sign(Claims(client, user), "dpop+jwt")),
            ("no algorithm", AppKey.Unsigned(good)), ("no signature", key.Sign(good).Split('.')[0] + "." + key.Sign(good).Split('.')[1] + "."),
            ("another key", new AppKey().Sign(good)), ("another algorithm", new AppKey(SigningAlgorithms.Rs256).Sign(good)),
            ("rubbish", "x.y.z"), ("nothing", ""), ("two hints", With(("id_token_hint", "x.y.z"))), ("three hints", With(("id_token_hint", "x.y.z"), ("login_hint_token", "x"))), ("no hint", With(("login_hint", null))),
        ];

        foreach (var (what, request) in bad)
        {
            var answer = await Send(client, secret, request);
            (what, answer.StatusCode, Text(await Json(answer), "error")).ShouldBe((what, HttpStatusCode.BadRequest, "invalid_request"));
        }

        await ShouldBeRefused(await Send(client, secret, With(("scope", "email"))), "invalid_scope");
        await ShouldBeRefused(await Send(client, secret, With(("binding_message", "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890"))), "invalid_binding_message");
        (await Site.InDatabase(db => db.PendingAuthorizations.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task A_signed_request_is_good_once_and_stands_alone()
    {
        var (client, secret) = await AddSigner();
        var (plain, plainSecret) = await AddBank();
        var user = await AddUser();
        var request = key.Sign(Claims(client, user));

        await ShouldBeRefused(await Send(client, secret, request, ("scope", "openid")), "invalid_request");
        await ShouldBeRefused(await Send(client, secret, request, ("login_hint", user.Email!)), "invalid_request");
        (await Send(client, secret, request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Send(client, secret, request), "invalid_request");
        await ShouldBeRefused(await Ask(client, secret, ("login_hint", user.Email!)), "invalid_request");
        await ShouldBeRefused(await Send(plain, plainSecret, key.Sign(Claims(plain, user))), "invalid_request");
    }

    [Fact]
    public async Task An_app_of_a_FAPI_profile_goes_the_whole_way_with_its_keys_alone()
    {
        var rsa = new AppKey(SigningAlgorithms.Rs256, "rsa");
        var (client, _) = await AddSigner(settings => settings with { Profile = SecurityProfile.Fapi2Security, DpopBoundAccessTokens = true });
        await Site.InDatabase(db => db.Clients.Where(row => row.Id == client.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.AuthenticationMethods, ["private_key_jwt"]), Ct));
        Forget();
        var user = await AddUser();
        (string, string)[] Proof(AppKey by, string audience = Site.Issuer, string? id = null) =>
        [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", by.Sign(new JsonObject { ["iss"] = client.Id, ["sub"] = client.Id, ["aud"] = audience, ["exp"] = FromNow(5), ["iat"] = FromNow(0), ["jti"] = Guid.NewGuid().ToString() })),
            ("client_id", id ?? client.Id),
        ];
        Task<HttpResponseMessage> Start(params (string, string)[] proof) => Post(Site.Browser(), "/oauth/backchannel", [("request", key.Sign(Claims(client, user, ("scope", "openid offline_access")))), .. proof]);

        await ShouldBeRefused(await Start(("client_id", client.Id)), "invalid_client", 401);
        await ShouldBeRefused(await Start(Proof(rsa)), "invalid_client", 401);
        await ShouldBeRefused(await Start(Proof(new AppKey())), "invalid_client", 401);
        await ShouldBeRefused(await Start(Proof(key, id: "somebody-else")), "invalid_client", 401);
        var started = await Start(Proof(key));
        started.StatusCode.ShouldBe(HttpStatusCode.OK, await started.Content.ReadAsStringAsync(Ct));
        var id = Text(await Json(started), "auth_req_id");
        await Decide(await SignedIn(user));

        var holder = new ProofKey();
        async Task<HttpResponseMessage> Ask(AppKey by, bool withProof, params (string, string)[] fields)
        {
            var http = Site.Browser();
            if (withProof)
                http.DefaultRequestHeaders.Add("DPoP", holder.Proof("POST", Site.Issuer + "/oauth/token", Site.Clock.GetUtcNow()));
            return await Post(http, "/oauth/token", [.. fields, .. Proof(by)]);
        }

        await ShouldBeRefused(await Ask(key, true, ("grant_type", Grant), ("auth_req_id", "sgb_wrong")), "invalid_grant");
        await ShouldBeRefused(await Ask(key, true, ("grant_type", Grant)), "invalid_request");
        await ShouldBeRefused(await Ask(new AppKey(), true, ("grant_type", Grant), ("auth_req_id", id)), "invalid_client", 401);
        (await Ask(key, false, ("grant_type", Grant), ("auth_req_id", id))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var answer = await Ask(key, true, ("grant_type", Grant), ("auth_req_id", id));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Ct));
        var tokens = await Json(answer);
        Text(tokens, "token_type").ShouldBe("DPoP");
        Jwt(Text(tokens, "access_token")).GetPayloadValue<System.Text.Json.JsonElement>("cnf").GetProperty("jkt").GetString().ShouldBe(holder.Thumbprint);
        (await Ask(key, true, ("grant_type", "refresh_token"), ("refresh_token", Text(tokens, "refresh_token")))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private void Forget() => Site.Services.GetRequiredService<ClientDirectory>().Forget();
}
