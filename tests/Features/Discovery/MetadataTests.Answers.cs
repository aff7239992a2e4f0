using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Features.Discovery;

public sealed partial class MetadataTests
{
    private static readonly string[] Kinds = ["id_token", "userinfo", "introspection", "authorization"];

    private async Task Assurances()
    {
        var (client, secret) = await AddFirstParty();
        string Essential(string value) => JsonSerializer.Serialize(new { id_token = new { acr = new { essential = true, values = new[] { value } } } });
        await Walk(
            "acr_values_supported", ["aal1", "aal2", "aal3", "phr", "urn:mace:incommon:iap:silver"],
            async value =>
            {
                var browser = await SignedIn(await AddUser(), value == "aal2" ? ["pwd", "otp", "mfa"] : ["pwd"]);
                var tokens = await Json(await Redeem(client, secret, (await Authorize(browser, client, ("claims", Essential(value))))["code"]));
                Jwt(Text(tokens, "id_token")).GetPayloadValue<string>("acr").ShouldBe(value);
            },
            async value => (await Location(client, ("claims", Essential(value)))).ShouldContain("error=unmet_authentication_requirements"));
    }

    private async Task Claims_of_a_person()
    {
        Flag("claims_parameter_supported").ShouldBeTrue();
        Texts("claim_types_supported").ShouldBe(["normal"]);
        var user = await AddUser();
        (await Submit(await SignedIn(user), "/account/profile", Everything)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var (client, secret) = await AddFirstParty(settings => settings with { ResponseTypes = ["code id_token"] }, scopes: ["openid", "profile", "email", "address", "phone"]);
        var listed = Texts("claims_supported");
        var wanted = JsonSerializer.Serialize(new { userinfo = listed.Append("hair_colour").ToDictionary(name => name, _ => (object?)null) });

        var location = (await (await SignedIn(user)).GetAsync(AuthorizeUrl(client, ("response_type", "code id_token"), ("scope", "openid"), ("claims", wanted)), Ct)).Headers.Location!;
        var front = QueryHelpers.ParseQuery(location.Fragment[1..]);
        var tokens = await Json(await Redeem(client, secret, front["code"].ToString()));
        var told = await Json(await UserInfo(Text(tokens, "access_token")));

        var names = told.EnumerateObject().Select(claim => claim.Name).ToArray();
        listed.ShouldBe([.. Jwt(front["id_token"].ToString()).Claims.Concat(Jwt(Text(tokens, "id_token")).Claims).Select(claim => claim.Type).Concat(names).Distinct()], ignoreOrder: true);
        names.ShouldNotContain("_claim_names"); // claim types aggregated and distributed
    }

    private static readonly (string Name, string Value)[] Everything =
    [
        ("Input.Name", "Ada Lovelace"), ("Input.GivenName", "Ada"), ("Input.MiddleName", "King"), ("Input.FamilyName", "Lovelace"), ("Input.Nickname", "Countess"),
        ("Input.PreferredUsername", "ada"), ("Input.Profile", "https://ada.test/"), ("Input.Picture", "https://ada.test/a.png"), ("Input.Website", "https://ada.test/home"),
        ("Input.Gender", "female"), ("Input.Birthdate", "0000-12-10"), ("Input.Zoneinfo", "Europe/London"), ("Input.Locale", "en-GB"), ("Input.PhoneNumber", "+44 20 7946 0000"), ("Input.Country", "United Kingdom"),
    ];

    private async Task Subject_types()
    {
        var user = await AddUser();
        await Walk(
            "subject_types_supported", ["public", "pairwise", "ephemeral"],
            async type =>
            {
                await CanBeRegistered($"\"subject_type\":\"{type}\"");
                var (client, secret) = await AddFirstParty(settings => settings with { SubjectType = type });
                (Jwt(Text(await Tokens(user, client, secret), "id_token")).Subject == user.Id.ToString()).ShouldBe(type == "public");
            },
            type => CannotBeRegistered("subject_type", $"\"subject_type\":\"{type}\""));
    }

    private async Task Signatures_of_answers()
    {
        Texts("id_token_signing_alg_values_supported").ShouldContain("RS256"); // OpenID Connect Discovery §3
        await Walk(
            [.. Kinds.Select(kind => $"{kind}_signing_alg_values_supported")], Algorithms,
            async algorithm =>
            {
                var (client, secret) = await AddFirstParty(settings => settings with
                {
                    IdTokenSignedResponseAlg = algorithm,
                    UserinfoSignedResponseAlg = algorithm,
                    IntrospectionSignedResponseAlg = algorithm,
                    AuthorizationSignedResponseAlg = algorithm,
                });
                var keys = JwkSet.Read(await Json(await Site.Browser().GetAsync("/.well-known/jwks.json", Ct)));
                foreach (var jwt in await Answers(client, secret))
                {
                    var read = Jws.Read(jwt, 16_000)!;
                    read.Algorithm.ShouldBe(algorithm);
                    read.IsSignedBy(keys.Keys.Single(key => key.Id == read.KeyId), [algorithm]).ShouldBeTrue();
                }
            },
            async algorithm =>
            {
                foreach (var kind in Kinds)
                    await CannotBeRegistered($"{kind}_signed_response_alg", $"\"{kind}_signed_response_alg\":\"{algorithm}\"");
            });
    }

    private async Task Encryption_of_answers() => await Walk(
        [.. Kinds.Select(kind => $"{kind}_encryption_alg_values_supported")], ["RSA-OAEP-256", "ECDH-ES", "RSA1_5", "RSA-OAEP", "RSA-OAEP-384", "ECDH-ES+A128KW", "ECDH-ES+A256KW", "A256KW", "A256GCMKW", "dir", "PBES2-HS256+A128KW"],
        algorithm => Encrypts(algorithm, "A256GCM"),
        async algorithm =>
        {
            foreach (var kind in Kinds)
                await CannotBeRegistered($"{kind}_encrypted_response_alg", Encrypted(kind, algorithm, "A256GCM"));
        });

    private async Task Encryption_with() => await Walk(
        [.. Kinds.Select(kind => $"{kind}_encryption_enc_values_supported")], ["A256GCM", "A128GCM", "A192GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "XC20P"],
        encryption => Encrypts("ECDH-ES", encryption),
        async encryption =>
        {
            foreach (var kind in Kinds)
                await CannotBeRegistered($"{kind}_encrypted_response_enc", Encrypted(kind, "ECDH-ES", encryption));
        });

    private static string Encrypted(string kind, string algorithm, string encryption) =>
        $$"""
        "{{kind}}_encrypted_response_alg":"{{algorithm}}","{{kind}}_encrypted_response_enc":"{{encryption}}","jwks":{{EncryptionKey.Set(EncryptionKey.New("ECDH-ES").Public).GetRawText()}}
        """;

    private async Task Encrypts(string algorithm, string encryption)
    {
        var (client, secret) = await AddFirstParty(settings => settings with
        {
            Jwks = EncryptionKey.Set(EncryptionKey.New(algorithm).Public),
            IdTokenEncryptedResponseAlg = algorithm,
            IdTokenEncryptedResponseEnc = encryption,
            UserinfoEncryptedResponseAlg = algorithm,
            UserinfoEncryptedResponseEnc = encryption,
            IntrospectionEncryptedResponseAlg = algorithm,
            IntrospectionEncryptedResponseEnc = encryption,
            AuthorizationEncryptedResponseAlg = algorithm,
            AuthorizationEncryptedResponseEnc = encryption,
        });
        foreach (var jwe in await Answers(client, secret, unsigned: true))
        {
            jwe.Split('.').Length.ShouldBe(5);
            var header = JsonElement.Parse(Jws.Decode(jwe.Split('.')[0])!);
            (Text(header, "alg"), Text(header, "enc"), Text(header, "kid")).ShouldBe((algorithm, encryption, "enc-1"));
        }
    }

    /// <summary>The four answers that are JWTs: to the authorization request, the ID token, UserInfo and introspection.</summary>
    private async Task<string[]> Answers(Client client, string secret, bool unsigned = false)
    {
        var user = await AddUser();
        var response = Answer(await (await SignedIn(user)).GetAsync(AuthorizeUrl(client, ("response_mode", "jwt")), Ct))["response"];
        var code = unsigned ? await Code(user, client) : Jwt(response).GetPayloadValue<string>("code");
        var tokens = await Json(await Redeem(client, secret, code));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/introspect")
        {
            Content = new FormUrlEncodedContent([new("token", Text(tokens, "access_token"))]),
            Headers = { Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client.Id}:{secret}"))), Accept = { new MediaTypeWithQualityHeaderValue("application/token-introspection+jwt") } },
        };
        return
        [
            response, Text(tokens, "id_token"), await (await UserInfo(Text(tokens, "access_token"))).Content.ReadAsStringAsync(Ct),
            await (await Site.Browser().SendAsync(request, Ct)).Content.ReadAsStringAsync(Ct),
        ];
    }

    private async Task Signing_out()
    {
        foreach (var member in (string[])["backchannel_logout_supported", "backchannel_logout_session_supported", "frontchannel_logout_supported", "frontchannel_logout_session_supported"])
            Flag(member).ShouldBeTrue(member);
        var (client, secret) = await AddFirstParty(settings => settings with
        {
            BackchannelLogoutUri = "https://app.test/back",
            BackchannelLogoutSessionRequired = true,
            FrontchannelLogoutUri = "https://app.test/front",
            FrontchannelLogoutSessionRequired = true,
        });
        var browser = await SignedIn(await AddUser());
        var idToken = Text(await Json(await Redeem(client, secret, (await Authorize(browser, client))["code"])), "id_token");
        var sid = Jwt(idToken).GetPayloadValue<string>("sid");

        var done = await browser.GetAsync((await browser.GetAsync($"/oauth/logout?id_token_hint={idToken}", Ct)).Headers.Location, Ct);

        (await done.Content.ReadAsStringAsync(Ct)).ShouldContain($"src=\"https://app.test/front?iss={Uri.EscapeDataString(Site.Issuer)}&amp;sid={sid}\"");
        var waiting = await Site.InDatabase(db => db.LogoutDeliveries.SingleAsync(Ct));
        (waiting.ClientId, waiting.SessionId.ToString()).ShouldBe((client.Id, sid));
    }
}
