using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.SenderConstraint;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>What a client assertion must say, RFC 7523 §3 and OpenID Connect Core §9 (T077, T078, T082).</summary>
public sealed class ClientAssertionTests(PostgresSite site) : AssertionTest(site)
{
    [Theory]
    [InlineData(SigningAlgorithms.Es256)]
    [InlineData(SigningAlgorithms.Rs256)]
    [InlineData(SigningAlgorithms.Ps256)]
    [InlineData(SigningAlgorithms.EdDsa)]
    public async Task A_client_with_a_key_of_any_algorithm_gets_its_token(string algorithm)
    {
        var key = PrivateKey.Generate(algorithm);
        var client = await AddSigner(key, algorithm);
        var header = $$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"{{key.Publish(algorithm).Id}}"}""";

        await IsGood(await Ask(Sign(header, Claims(client.Id), key)));
    }

    [Fact]
    public async Task A_signature_by_ed25519_may_have_its_newer_name()
    {
        var key = PrivateKey.Generate(SigningAlgorithms.EdDsa);
        var client = await AddSigner(key, SigningAlgorithms.EdDsa);

        await IsGood(await Ask(Sign("""{"alg":"Ed25519"}""", Claims(client.Id), key)));
    }

    [Fact]
    public async Task It_is_good_at_every_endpoint_that_asks_who_a_client_is()
    {
        var client = await AddSigner();
        var token = await IssueOpaque(client);
        (string, string)[] Fields() => [("token", token), ("client_assertion_type", ClientAssertion.Type), ("client_assertion", Assertion(client))];

        (await (await Post(Site.Browser(), "/oauth/introspect", Fields())).Content.ReadAsStringAsync(Ct)).ShouldContain("\"active\":true");
        (await Post(Site.Browser(), "/oauth/revoke", Fields())).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await Post(Site.Browser(), "/oauth/introspect", Fields())).Content.ReadAsStringAsync(Ct)).ShouldBe(Inactive);
    }

    [Fact]
    public async Task What_leaves_room_is_accepted()
    {
        var client = await AddSigner();
        (string What, string Token)[] good =
        [
            ("aud is a list of the issuer", Assertion(client, ("aud", $"[{Quoted(Site.Issuer)}]"))),
            ("aud is the token endpoint", Assertion(client, ("aud", Quoted(TokenEndpoint)))),
            ("aud is a list of the token endpoint", Assertion(client, ("aud", $"[{Quoted(TokenEndpoint)}]"))),
            ("no iat", Assertion(client, ("iat", null))),
            ("iat by a clock that is fast", Assertion(client, ("iat", FromNow(50)))),
            ("nbf in 8 seconds", Assertion(client, ("nbf", FromNow(8)))),
            ("exp in ten minutes", Assertion(client, ("exp", FromNow(600)))),
            ("exp with a fraction", Assertion(client, ("exp", FromNow(60) + ".5"))),
            ("a claim of its own", Assertion(client, ("roles", """["a"]"""))),
            ("typ JWT", Sign("""{"alg":"ES256","typ":"JWT"}""", Claims(client.Id), Key)),
            ("typ of RFC 7523bis", Sign("""{"alg":"ES256","typ":"client-authentication+jwt"}""", Claims(client.Id), Key)),
            ("typ in full", Sign("""{"alg":"ES256","typ":"application/client-authentication+jwt"}""", Claims(client.Id), Key)),
        ];
        foreach (var (what, token) in good)
            await IsGood(await Ask(token), what);
        await IsGood(await Ask(Assertion(client), ("client_id", client.Id)), "the client_id beside it");
    }

    [Fact]
    public async Task What_is_wrong_is_refused()
    {
        var other = await AddSigner();
        (string What, (string, string?)[] Changes)[] wrong =
        [
            ("no iss", [("iss", null)]), ("another iss", [("iss", Quoted(other.Id))]), ("iss a list", [("iss", $"[{Quoted(other.Id)}]")]),
            ("no sub", [("sub", null)]), ("another sub", [("sub", Quoted(other.Id))]), ("sub null", [("sub", "null")]),
            ("no aud", [("aud", null)]), ("aud null", [("aud", "null")]), ("aud empty", [("aud", "[]")]), ("aud with a slash", [("aud", Quoted(Site.Issuer + "/"))]),
            ("aud of another server", [("aud", Quoted("https://evil.test/oauth/token"))]), ("aud a client", [("aud", Quoted(other.Id))]),
            ("aud and another", [("aud", $"[{Quoted(Site.Issuer)},\"https://evil.test\"]")]), ("aud twice", [("aud", $"[{Quoted(Site.Issuer)},{Quoted(Site.Issuer)}]")]),
            ("aud with a number", [("aud", $"[{Quoted(Site.Issuer)},7]")]), ("aud an object", [("aud", "{}")]), ("aud in capitals", [("aud", Quoted(Site.Issuer.ToUpperInvariant()))]),
            ("aud the revocation endpoint", [("aud", Quoted(Site.Issuer + "/oauth/revoke"))]),
            ("no exp", [("exp", null)]), ("exp past", [("exp", FromNow(-1))]), ("exp long past", [("exp", FromNow(-300))]), ("exp in ten years", [("exp", FromNow(315_360_000))]),
            ("exp in twelve minutes", [("exp", FromNow(720))]), ("exp a text", [("exp", Quoted(FromNow(60)))]), ("exp null", [("exp", "null")]), ("exp beyond numbers", [("exp", "1e400")]),
            ("exp negative", [("exp", "-1")]), ("exp a list", [("exp", $"[{FromNow(60)}]")]),
            ("nbf ahead", [("nbf", FromNow(70))]), ("nbf a text", [("nbf", "\"0\"")]), ("nbf null", [("nbf", "null")]),
            ("iat ahead", [("iat", FromNow(70))]), ("iat a text", [("iat", "\"0\"")]), ("iat null", [("iat", "null")]),
            ("no jti", [("jti", null)]), ("jti empty", [("jti", "\"\"")]), ("jti a number", [("jti", "7")]), ("jti null", [("jti", "null")]), ("jti a book", [("jti", Quoted(new string('j', 600)))]),
            ("a claim repeated", [("x", $"1,\"sub\":{Quoted(other.Id)}")]),
        ];
        foreach (var (what, changes) in wrong)
            await IsRefused(await Ask(Assertion(await AddSigner(), changes), ("client_id", other.Id)), $"{what}, beside another client_id");
        foreach (var (what, changes) in wrong)
        {
            var client = await AddSigner();
            await IsRefused(await Ask(Assertion(client, changes), ("client_id", client.Id)), what);
        }
    }

    [Theory] // RFC 8725 §3.11
    [InlineData("dpop+jwt")]
    [InlineData("at+jwt")]
    [InlineData("oauth-authz-req+jwt")]
    [InlineData("logout+jwt")]
    [InlineData("secevent+jwt")]
    [InlineData("")]
    public async Task A_jwt_of_another_type_is_no_assertion(string type)
    {
        var client = await AddSigner();

        await IsRefused(await Ask(Sign($$"""{"alg":"ES256","typ":"{{type}}"}""", Claims(client.Id), Key)), type);
        await IsRefused(await Ask(Sign($$"""{"alg":"ES256","typ":["{{type}}"]}""", Claims(client.Id), Key)), $"{type} in a list");
    }

    [Fact]
    public async Task A_client_of_a_stricter_profile_names_the_issuer_as_text_and_signs_with_what_fapi_allows()
    {
        var rsa = PrivateKey.Generate(SigningAlgorithms.Rs256);
        var client = await AddSigner(with: settings => settings with { Profile = SecurityProfile.Fapi2Security });
        var old = await AddSigner(with: settings => settings with { Profile = SecurityProfile.Fapi2Security, Jwks = Unbound(rsa) });

        using var program = Site.Browser();
        program.DefaultRequestHeaders.Add("DPoP", new ProofKey().Proof("POST", TokenEndpoint, Site.Clock.GetUtcNow()));
        await IsGood(await Ask(program, Assertion(client)));
        await IsRefused(await Ask(Assertion(client, ("aud", Quoted(TokenEndpoint)))), "the token endpoint");
        await IsRefused(await Ask(Assertion(client, ("aud", $"[{Quoted(Site.Issuer)}]"))), "a list");
        await IsRefused(await Ask(Sign("""{"alg":"RS256"}""", Claims(old.Id), rsa)), "RS256");
    }

    [Fact]
    public async Task The_registered_algorithm_is_the_only_one()
    {
        var rsa = PrivateKey.Generate(SigningAlgorithms.Rs256);
        var client = await AddSigner(with: settings => settings with { Jwks = Unbound(rsa), TokenEndpointAuthSigningAlg = SigningAlgorithms.Ps256 });

        await IsRefused(await Ask(Sign("""{"alg":"RS256"}""", Claims(client.Id), rsa)), "RS256");
        await IsGood(await Ask(Sign("""{"alg":"PS256"}""", Claims(client.Id), PrivateKey.Import(SigningAlgorithms.Ps256, rsa.Export()))));
    }

    // A key that does not say for which algorithm it is.
    private static System.Text.Json.JsonElement Unbound(PrivateKey key) => System.Text.Json.JsonSerializer.SerializeToElement(new { keys = new[] { key.PublicMembers } });

    [Fact] // RFC 6749 §2.3
    public async Task Two_ways_at_once_are_a_bad_request()
    {
        var client = await AddSigner();
        var (_, secret) = await AddClient();

        await ShouldBeRefused(await Ask(Assertion(client), ("client_secret", secret)), "invalid_request");
        await ShouldBeRefused(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("client_assertion_type", ClientAssertion.Type), ("client_assertion", Assertion(client))), "invalid_request");
        await ShouldBeRefused(await Ask(Assertion(client), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")), "invalid_request");
        await ShouldBeRefused(await Ask(Assertion(client), ("client_assertion_type", "")), "invalid_request");
        await ShouldBeRefused(await Ask("", ("client_id", client.Id)), "invalid_request");
    }

    [Fact]
    public async Task A_client_uses_no_way_but_its_own()
    {
        var (client, secret) = await AddClient();
        var signer = await AddSigner();
        var (withKeys, _) = await AddClient(change: app => app.Settings = new() { Jwks = KeySet((Key, SigningAlgorithms.Es256)) });

        await IsRefused(await Ask(Assertion(withKeys)), "a secret is registered");
        await IsRefused(await Ask(Sign("""{"alg":"HS256"}""", Claims(client.Id), System.Text.Encoding.UTF8.GetBytes(secret))), "a secret that is not for signing");
        await IsRefused(await Post(Site.Browser(), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", signer.Id)), "nothing but the id");
        await IsRefused(await Token(signer, "x", ("grant_type", "client_credentials")), "a secret of nobody");
        await IsRefused(await Ask(Assertion(await AddSigner(PrivateKey.Generate(SigningAlgorithms.Es256)))), "another's key");
    }

    [Fact]
    public async Task An_assertion_is_good_once_of_a_hundred_at_the_same_time()
    {
        var client = await AddSigner();
        var assertion = Assertion(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Ask(assertion)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK || answer.StatusCode == HttpStatusCode.Unauthorized || answer.StatusCode == HttpStatusCode.TooManyRequests);
        await IsGood(await Ask(Assertion(client)), "a fresh one, from where so many were refused");
    }

    [Fact]
    public async Task An_assertion_that_one_node_has_seen_is_used_on_every_node_and_for_every_endpoint()
    {
        await using var other = Site.WithWebHostBuilder(_ => { });
        var http = other.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        var client = await AddSigner();
        var assertion = Assertion(client);

        await IsGood(await Ask(assertion));

        await IsRefused(await Ask(http, assertion), "on the other node");
        await IsRefused(await Post(http, "/oauth/revoke", ("token", "x"), ("client_assertion_type", ClientAssertion.Type), ("client_assertion", assertion)), "at another endpoint");
        await IsGood(await Ask(http, Assertion(client)));
    }

    [Fact]
    public async Task The_same_jti_of_another_client_is_another()
    {
        await IsGood(await Ask(Assertion(await AddSigner(), ("jti", "\"1\""))));
        await IsGood(await Ask(Assertion(await AddSigner(), ("jti", "\"1\""))));
    }

    [Fact]
    public async Task A_forger_uses_up_nobodys_jti_and_is_slowed_down()
    {
        var client = await AddSigner();
        var forger = PrivateKey.Generate(SigningAlgorithms.Es256);
        var forged = Sign("""{"alg":"ES256"}""", Claims(client.Id, ("jti", "\"mine\"")), forger);

        await IsRefused(await Ask(forged), "another key");
        await IsGood(await Ask(Assertion(client, ("jti", "\"mine\""))));
        for (var i = 1; i < 50; i++)
            await IsRefused(await Ask(forged), "another key");
        (await Ask(forged)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await IsGood(await Ask(Assertion(client)));
    }
}
