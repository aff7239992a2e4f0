using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Features.IssueToken;

/// <summary>Assertions of other issuers as grants, RFC 7523 §2.1 and §3.</summary>
public abstract class JwtBearerTests(Site site) : FlowTest(site)
{
    private const string Bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string Idp = "https://idp.test";
    private static readonly PrivateKey Key = PrivateKey.Generate(SigningAlgorithms.Es256);

    private async Task<(Client Client, string Secret, User User)> Trusting(bool skipsConsent = true, bool isPublic = false, TokenFormat format = TokenFormat.Jwt)
    {
        await AddApi();
        var keys = new JsonObject { ["keys"] = new JsonArray(System.Text.Json.JsonSerializer.SerializeToNode(Key.PublicMembers)) };
        var (client, secret) = await AddClient(grants: [Bearer, "authorization_code"], scopes: ["notes.read", "notes.write"], skipsConsent: skipsConsent, isPublic: isPublic, format: format, change: client =>
            client.Settings = new() { TrustedIssuers = [new() { Issuer = Idp, Jwks = System.Text.Json.JsonElement.Parse(keys.ToJsonString()) }] });
        return (client, secret, await AddUser());
    }

    private string Assertion(string subject, Action<JsonObject, JsonObject>? change = null, PrivateKey? key = null)
    {
        var now = Site.Clock.GetUtcNow().ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "ES256" };
        var claims = new JsonObject { ["iss"] = Idp, ["sub"] = subject, ["aud"] = Site.Issuer, ["exp"] = now + 300, ["iat"] = now, ["jti"] = Guid.NewGuid().ToString() };
        change?.Invoke(header, claims);
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? Key).Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private Task<HttpResponseMessage> Ask(Client client, string? secret, string assertion, params (string Name, string Value)[] changes) =>
        Token(client, secret, [("grant_type", Bearer), ("assertion", assertion), .. changes]);

    [Theory]
    [InlineData(TokenFormat.Jwt)]
    [InlineData(TokenFormat.Opaque)]
    internal async Task An_assertion_becomes_an_access_token_that_claims_no_sign_in(TokenFormat format)
    {
        var (client, secret, user) = await Trusting(format: format);

        var response = await Ask(client, secret, Assertion(user.Id.ToString()), ("scope", "notes.read"));
        var answer = await Json(response);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer.ToString());
        answer.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        answer.TryGetProperty("id_token", out _).ShouldBeFalse();
        var said = System.Text.Json.JsonElement.Parse(await Introspect(Site.Browser(), client, secret, Text(answer, "access_token")));
        Text(said, "sub").ShouldBe(user.Id.ToString());
        Text(said, "scope").ShouldBe("notes.read");
        foreach (var claim in (string[])["auth_time", "amr", "acr", "sid"])
            said.TryGetProperty(claim, out _).ShouldBeFalse(claim);
        if (format == TokenFormat.Jwt)
            Jwt(Text(answer, "access_token")).Claims.Select(claim => claim.Type).Intersect(["auth_time", "amr", "acr", "sid"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_person_sees_the_app_and_ends_it()
    {
        var (client, secret, user) = await Trusting();
        var token = Text(await Json(await Ask(client, secret, Assertion(user.Id.ToString()))), "access_token");
        var browser = await SignedIn(user);

        (await (await browser.GetAsync("/account/apps", Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain(client.Id);
        (await Introspect(Site.Browser(), client, secret, token)).ShouldNotBe(Inactive);
        await Site.InDatabase(db => db.Grants.ExecuteUpdateAsync(set => set.SetProperty(grant => grant.RevokedAt, Site.Clock.GetUtcNow()), Ct));
        (await Introspect(Site.Browser(), client, secret, token)).ShouldBe(Inactive);
    }

    [Fact]
    public async Task An_e_mail_address_names_a_person_once_it_is_confirmed()
    {
        var (client, secret, user) = await Trusting();
        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.EmailConfirmed, false), Ct));
        await ShouldBeRefused(await Ask(client, secret, Assertion(user.Email!)), "invalid_grant");

        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.EmailConfirmed, true), Ct));
        (await Ask(client, secret, Assertion(user.Email!.ToUpperInvariant()))).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, Site.Clock.GetUtcNow()), Ct));
        await ShouldBeRefused(await Ask(client, secret, Assertion(user.Email!)), "invalid_grant");
        await ShouldBeRefused(await Ask(client, secret, Assertion("nobody")), "invalid_grant");
    }

    [Fact]
    public async Task The_person_must_have_allowed_it()
    {
        var (client, secret, user) = await Trusting(skipsConsent: false);
        await ShouldBeRefused(await Ask(client, secret, Assertion(user.Id.ToString()), ("scope", "notes.read")), "invalid_grant");

        await Code(user, client, ("scope", "notes.read"));

        (await Ask(client, secret, Assertion(user.Id.ToString()), ("scope", "notes.read"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Ask(client, secret, Assertion(user.Id.ToString()), ("scope", "notes.write")), "invalid_grant");
        await ShouldBeRefused(await Ask(client, secret, Assertion(user.Id.ToString()), ("scope", "openid")), "invalid_scope");
    }

    [Fact] // T078, T079, T080 and the usual forgeries
    public async Task Anything_that_is_not_quite_right_is_refused()
    {
        var (client, secret, user) = await Trusting();
        var sub = user.Id.ToString();
        var now = Site.Clock.GetUtcNow().ToUnixTimeSeconds();
        var wrong = new Dictionary<string, string>
        {
            ["no exp"] = Assertion(sub, (_, claims) => claims.Remove("exp")),
            ["exp past"] = Assertion(sub, (_, claims) => claims["exp"] = now - 1),
            ["exp in ten years"] = Assertion(sub, (_, claims) => claims["exp"] = now + 315360000),
            ["nbf"] = Assertion(sub, (_, claims) => claims["nbf"] = now + 120),
            ["iat"] = Assertion(sub, (_, claims) => claims["iat"] = now + 120),
            ["no jti"] = Assertion(sub, (_, claims) => claims.Remove("jti")),
            ["no iss"] = Assertion(sub, (_, claims) => claims.Remove("iss")),
            ["iss"] = Assertion(sub, (_, claims) => claims["iss"] = Idp + "/"),
            ["no sub"] = Assertion(sub, (_, claims) => claims.Remove("sub")),
            ["aud"] = Assertion(sub, (_, claims) => claims["aud"] = "https://other.test"),
            ["two aud"] = Assertion(sub, (_, claims) => claims["aud"] = new JsonArray(Site.Issuer, "https://other.test")),
            ["typ"] = Assertion(sub, (header, _) => header["typ"] = "dpop+jwt"),
            ["alg none"] = Assertion(sub, (header, _) => header["alg"] = "none"),
            ["alg"] = Assertion(sub, (header, _) => header["alg"] = "HS256"),
            ["crit"] = Assertion(sub, (header, _) => header["crit"] = new JsonArray("x")),
            ["embedded key"] = Assertion(sub, (header, _) => header["jwk"] = System.Text.Json.JsonSerializer.SerializeToNode(Key.PublicMembers), PrivateKey.Generate("ES256")),
            ["another key"] = Assertion(sub, key: PrivateKey.Generate("ES256")),
            ["zipped and encrypted"] = $"{Encode(new JsonObject { ["alg"] = "dir", ["enc"] = "A128GCM", ["zip"] = "DEF" })}..AAAA.AAAA.AAAA",
            ["password encrypted"] = $"{Encode(new JsonObject { ["alg"] = "PBES2-HS256+A128KW", ["enc"] = "A128GCM", ["p2c"] = 2000000000, ["p2s"] = "AAAA" })}.AAAA.AAAA.AAAA.AAAA",
            ["nothing"] = "..",
        };

        foreach (var (what, assertion) in wrong)
        {
            var response = await Ask(client, secret, assertion);
            (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("\"invalid_grant\"", customMessage: what);
        }

        await ShouldBeRefused(await Ask(client, secret, ""), "invalid_request");
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(0);
        // A good one, with what somebody would like to add (T123).
        var good = await Ask(client, secret, Assertion(sub, (_, claims) => claims["aud"] = Site.Issuer + "/oauth/token"), ("sub", "victim"));
        Jwt(Text(await Json(good), "access_token")).Subject.ShouldBe(sub);
    }

    [Fact]
    public async Task An_assertion_counts_once_however_many_come_at_once()
    {
        var (client, secret, user) = await Trusting();
        var assertion = Assertion(user.Id.ToString());

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Ask(client, secret, assertion)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task A_public_client_or_one_that_relies_on_nobody_gets_nothing()
    {
        var (spa, _, user) = await Trusting(isPublic: true);
        var (web, secret) = await AddClient(grants: [Bearer], redirectUris: []);

        await ShouldBeRefused(await Ask(spa, null, Assertion(user.Id.ToString())), "unauthorized_client");
        await ShouldBeRefused(await Ask(web, secret, Assertion(user.Id.ToString())), "unauthorized_client");
    }

    public sealed class OnPostgres(PostgresSite site) : JwtBearerTests(site);

    public sealed class OnSqlite(SqliteSite site) : JwtBearerTests(site);
}
