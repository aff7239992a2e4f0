using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Tokens;
using Signet.Tests.Features.SenderConstraint;

namespace Signet.Tests.Features.IssueToken;

/// <summary>Presented tokens that say themselves who may use them.</summary>
public abstract partial class TokenExchangeTests
{
    [Fact]
    public async Task A_bound_token_is_exchanged_with_the_proof_of_its_key()
    {
        var (user, app, grant, _) = await Subject();
        var key = new ProofKey();
        var now = Site.Clock.GetUtcNow();
        var bound = await Site.Services.GetRequiredService<TokenWriter>().Jwt(
            new(app.Id, grant.Scopes, grant.Audiences, now, now.AddMinutes(5), grant.Epoch, TokenUser.Of(grant, user.Id.ToString())) { Confirmation = new(Confirmation.Dpop, key.Thumbprint) }, Ct);
        var by = await Exchanger(TokenFormat.Jwt, Rule(app.Id));

        await ShouldBeRefused(await Ask(by, bound), "invalid_request");
        await ShouldBeRefused(await With(new ProofKey()), "invalid_request");
        Text(await Json(await With(key)), "token_type").ShouldBe("DPoP");

        async Task<HttpResponseMessage> With(ProofKey holder)
        {
            var http = Site.Browser();
            http.DefaultRequestHeaders.Add("DPoP", holder.Proof("POST", Site.Issuer + "/oauth/token", Site.Clock.GetUtcNow()));
            return await PostAs(http, by.Client.Id, by.Secret, "/oauth/token", ("grant_type", Exchange), ("subject_token", bound), ("subject_token_type", AccessToken), ("audience", Mail));
        }
    }

    [Fact] // §4.4
    public async Task A_token_may_name_who_may_act_for_its_subject()
    {
        var (_, app, _, token) = await Subject();
        var by = await Exchanger(TokenFormat.Jwt, Rule(app.Id));

        await Good(by, await Naming(by.Client.Id));
        await ShouldBeRefused(await Ask(by, await Naming("somebody-else")), "invalid_request");

        async Task<string> Naming(string actor)
        {
            var claims = JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();
            claims["may_act"] = new JsonObject { ["sub"] = actor };
            var signer = await Site.Services.GetRequiredService<KeyRing>().Signer(KeyRing.AccessTokenAlgorithm, Ct);
            var signed = $"{signer.Header(TokenWriter.AccessTokenType)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
            return $"{signed}.{Base64Url.EncodeToString(signer.Sign(Encoding.ASCII.GetBytes(signed)))}";
        }
    }
}
