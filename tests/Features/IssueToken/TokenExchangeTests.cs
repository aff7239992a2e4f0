using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.IssueToken;

/// <summary>Token exchange, RFC 8693: who may, for what, for how long, and what ends it.</summary>
public abstract partial class TokenExchangeTests(Site site) : FlowTest(site)
{
    private const string Exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";
    private const string Jwt1 = "urn:ietf:params:oauth:token-type:jwt";
    private const string Notes = "https://api.test/notes";
    private const string Mail = "https://api.test/mail";

    private static ExchangeRule Rule(string subject, bool impersonates = false, params string[] audiences) =>
        new() { SubjectClient = subject, Audiences = audiences is [] ? [Mail] : audiences, AllowsImpersonation = impersonates };

    private Task<(Client Client, string Secret)> Exchanger(TokenFormat format = TokenFormat.Jwt, params ExchangeRule[] rules) =>
        AddClient(grants: [Exchange], redirectUris: [], scopes: ["mail.send"], format: format, change: client => client.Settings = new() { TokenExchange = rules });

    private Task<HttpResponseMessage> Ask((Client Client, string Secret) by, string token, params (string Name, string Value)[] changes) =>
        Token(by.Client, by.Secret, [("grant_type", Exchange), ("subject_token", token), ("subject_token_type", AccessToken), ("audience", Mail), .. changes]);

    private async Task<string> Good((Client Client, string Secret) by, string token, params (string Name, string Value)[] changes)
    {
        var response = await Ask(by, token, changes);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        return Text(await Json(response), "access_token");
    }

    private async Task<(User User, Client App, Grant Grant, string Token)> Subject(TimeSpan? lifetime = null)
    {
        await AddApi(Notes);
        await AddApi(Mail, "mail.send", "mail.read");
        var user = await AddUser();
        var (app, _) = await AddClient();
        var (grant, _) = await AddGrant(user, app, scopes: ["openid", "notes.read"], audiences: [Notes]);
        return (user, app, grant, await IssueJwt(app, grant, lifetime: lifetime));
    }

    private async Task<JsonElement> Said((Client Client, string Secret) by, string token) => JsonElement.Parse(await Introspect(Site.Browser(), by.Client, by.Secret, token));

    private async Task ShouldBeDead((Client Client, string Secret) by, string token) => (await Introspect(Site.Browser(), by.Client, by.Secret, token)).ShouldBe(Inactive);

    [Theory]
    [InlineData(TokenFormat.Jwt)]
    [InlineData(TokenFormat.Opaque)]
    internal async Task A_token_becomes_one_for_the_next_api_that_says_who_acts(TokenFormat format)
    {
        var (user, app, grant, token) = await Subject();
        var by = await Exchanger(format, Rule(app.Id));

        var response = await Ask(by, token);
        var answer = await Json(response);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer.ToString());
        Text(answer, "issued_token_type").ShouldBe(AccessToken);
        Text(answer, "token_type").ShouldBe("Bearer");
        answer.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        answer.TryGetProperty("id_token", out _).ShouldBeFalse();
        var said = await Said(by, Text(answer, "access_token"));
        Text(said, "sub").ShouldBe(user.Id.ToString());
        Text(said, "client_id").ShouldBe(by.Client.Id);
        Text(said, "aud").ShouldBe(Mail);
        Text(said, "scope").ShouldBe("mail.send");
        Text(said, "sid").ShouldBe(grant.SessionId.ToString());
        Text(said.GetProperty("act"), "sub").ShouldBe(by.Client.Id);
        Text(said, "acr").ShouldBe("aal2");
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_is_exchanged_without_a_rule_for_it()
    {
        var (_, app, _, token) = await Subject();
        var (other, _) = await AddClient();

        await ShouldBeRefused(await Ask(await Exchanger(), token), "unauthorized_client");
        // §2.2.2: what is unacceptable by policy is an invalid request
        await ShouldBeRefused(await Ask(await Exchanger(TokenFormat.Jwt, Rule(other.Id)), token), "invalid_request");
        // Any client's, but only such tokens as come to this one by right.
        await ShouldBeRefused(await Ask(await Exchanger(TokenFormat.Jwt, Rule("*")), token), "invalid_request");
        var by = await Exchanger(TokenFormat.Jwt, Rule(app.Id));
        await ShouldBeRefused(await Ask(by, token, ("audience", Notes)), "invalid_target");
        await ShouldBeRefused(await Ask(by, token, ("audience", "https://nowhere.test")), "invalid_target");
        await ShouldBeRefused(await Ask(by, token, ("audience", "")), "invalid_target");
        await ShouldBeRefused(await Ask(by, token, ("resource", Notes)), "invalid_target");
        await ShouldBeRefused(await Ask(by, token, ("scope", "mail.read")), "invalid_scope");
        await ShouldBeRefused(await Ask(by, token, ("scope", "notes.read")), "invalid_scope");
        await ShouldBeRefused(await Ask(by, token, ("scope", "openid")), "invalid_scope");
        await Good(by, token, ("audience", ""), ("resource", Mail));
    }

    [Fact]
    public async Task Any_apps_token_is_exchanged_by_the_api_that_it_is_for()
    {
        await AddApi(Mail, "mail.send");
        var (_, api, secret) = await AddApi(Notes);
        await Site.InDatabase(db => db.Clients.Where(client => client.Id == api.Id).ExecuteUpdateAsync(set => set
            .SetProperty(client => client.GrantTypes, [Exchange]).SetProperty(client => client.Scopes, ["mail.send"])
            .SetProperty(client => client.Settings, new ClientSettings { TokenExchange = [Rule("*", audiences: [Mail])] }), Ct));
        var (app, _) = await AddClient();
        var (grant, _) = await AddGrant(await AddUser(), app, audiences: [Notes]);

        Text(await Said((api, secret), await Good((api, secret), await IssueOpaque(app, grant))), "aud").ShouldBe(Mail);
    }

    [Fact]
    public async Task A_public_or_unregistered_client_exchanges_nothing()
    {
        var (_, app, _, token) = await Subject();
        var (spa, _) = await AddClient(grants: [Exchange], isPublic: true, change: client => client.Settings = new() { TokenExchange = [Rule(app.Id)] });
        var (web, secret) = await AddClient(change: client => client.Settings = new() { TokenExchange = [Rule(app.Id)] });

        await ShouldBeRefused(await Ask((spa, null!), token), "unauthorized_client");
        await ShouldBeRefused(await Ask((web, secret), token), "unauthorized_client");
    }

    [Fact]
    public async Task Only_access_tokens_of_ours_are_taken_and_others_are_an_invalid_request() // §2.2.2
    {
        var (user, app, _, token) = await Subject();
        var by = await Exchanger(TokenFormat.Jwt, Rule(app.Id));
        var (_, refresh) = await AddGrant(user, app);
        var (_, personal) = await AddPersonalToken(user);

        foreach (var dead in (string[])["x", refresh, personal, token[..^8] + "AAAAAAAA", token.Split('.')[0] + "." + token.Split('.')[1] + ".", "a.b.c.d.e"])
            await ShouldBeRefused(await Ask(by, dead), "invalid_request");
        foreach (var type in (string[])["urn:ietf:params:oauth:token-type:refresh_token", "urn:ietf:params:oauth:token-type:id_token", "urn:ietf:params:oauth:token-type:saml2", ""])
            await ShouldBeRefused(await Ask(by, token, ("subject_token_type", type)), "invalid_request");
        await ShouldBeRefused(await Ask(by, token, ("subject_token", "")), "invalid_request");
        await ShouldBeRefused(await Ask(by, token, ("actor_token", token)), "invalid_request");
        await ShouldBeRefused(await Ask(by, token, ("actor_token_type", AccessToken)), "invalid_request");
        await ShouldBeRefused(await Ask(by, token, ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")), "invalid_request");
        (await Good(by, token, ("subject_token_type", Jwt1), ("requested_token_type", Jwt1))).Split('.').Length.ShouldBe(3);
    }

    [Fact] // T055
    public async Task A_chain_names_all_who_act_and_never_outlives_its_beginning()
    {
        var (_, app, _, token) = await Subject(TimeSpan.FromSeconds(100));
        var end = Jwt(token).GetPayloadValue<long>("exp");
        var hands = new List<(Client Client, string Secret)>();
        var holder = app;
        for (var i = 0; i < 3; i++)
        {
            var by = await Exchanger(i == 1 ? TokenFormat.Opaque : TokenFormat.Jwt, Rule(holder.Id));
            token = await Good(by, token);
            (await Said(by, token)).GetProperty("exp").GetInt64().ShouldBeLessThanOrEqualTo(end);
            hands.Add(by);
            holder = by.Client;
        }

        var act = (await Said(hands[2], token)).GetProperty("act");
        Text(act, "sub").ShouldBe(hands[2].Client.Id);
        Text(act.GetProperty("act"), "sub").ShouldBe(hands[1].Client.Id);
        Text(act.GetProperty("act").GetProperty("act"), "sub").ShouldBe(hands[0].Client.Id);

        // Everything of somebody in the middle ends: so does what went through their hands.
        await Site.InDatabase(db => db.Clients.Where(client => client.Id == hands[0].Client.Id).ExecuteUpdateAsync(set => set.SetProperty(client => client.TokenEpoch, client => client.TokenEpoch + 1), Ct));
        await ShouldBeDead(hands[2], token);
    }

    [Fact]
    public async Task A_chain_has_an_end()
    {
        var (_, app, _, token) = await Subject();
        var first = await Exchanger(TokenFormat.Jwt, Rule(app.Id));
        token = await Good(first, token);
        var self = await Exchanger(TokenFormat.Jwt, Rule(first.Client.Id), Rule("*"));
        for (var i = 0; i < 4; i++)
            token = await Good(self, token);

        await ShouldBeRefused(await Ask(self, token), "invalid_request");
    }

    public static TheoryData<string> Endings => ["grant", "session", "user", "user's tokens", "client", "client's tokens", "own client", "everything"];

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task What_ends_the_presented_token_ends_the_new_one_at_once(string what)
    {
        var (user, app, grant, token) = await Subject();
        foreach (var format in (TokenFormat[])[TokenFormat.Jwt, TokenFormat.Opaque])
        {
            var by = await Exchanger(format, Rule(app.Id));
            var asker = await AddClientOf(Mail);
            token = await IssueJwt(app, grant);
            var exchanged = await Good(by, token);
            (await Said(asker, exchanged)).GetProperty("active").GetBoolean().ShouldBeTrue();
            if (format == TokenFormat.Jwt)
                continue; // it is ended with the other one, below
            var now = Site.Clock.GetUtcNow();
            await Site.InDatabase(db => what switch
            {
                "grant" => db.Grants.ExecuteUpdateAsync(set => set.SetProperty(row => row.RevokedAt, now), Ct),
                "session" => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(row => row.EndedAt, now), Ct),
                "user" => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct),
                "user's tokens" => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.TokenEpoch, row => row.TokenEpoch + 1), Ct),
                "client" => db.Clients.Where(row => row.Id == app.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct),
                "client's tokens" => db.Clients.Where(row => row.Id == app.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.TokenEpoch, row => row.TokenEpoch + 1), Ct),
                "own client" => db.Clients.Where(row => row.Id == by.Client.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.TokenEpoch, row => row.TokenEpoch + 1), Ct),
                _ => db.Installations.ExecuteUpdateAsync(set => set.SetProperty(row => row.TokenEpoch, row => row.TokenEpoch + 1), Ct),
            });
            await ShouldBeDead(asker, exchanged);
            if (what != "own client")
                await ShouldBeRefused(await Ask(by, token), "invalid_request");
        }
    }

    /// <summary>The API of this audience, with a secret of its own.</summary>
    private async Task<(Client, string)> AddClientOf(string audience)
    {
        var (asker, secret) = await AddClient();
        await Site.InDatabase(db => db.Resources.Where(api => api.Audience == audience).ExecuteUpdateAsync(set => set.SetProperty(api => api.ClientId, asker.Id), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
        return (asker, secret);
    }

    [Theory]
    [InlineData(TokenFormat.Jwt, false)]
    [InlineData(TokenFormat.Opaque, false)]
    [InlineData(TokenFormat.Jwt, true)]
    [InlineData(TokenFormat.Opaque, true)]
    internal async Task A_token_of_an_app_itself_ends_with_that_app(TokenFormat format, bool impersonates)
    {
        await AddApi(Notes);
        await AddApi(Mail, "mail.send");
        var (app, _) = await AddClient();
        var by = await Exchanger(format, Rule(app.Id, impersonates));

        var token = await Good(by, await IssueJwt(app));
        var said = await Said(by, token);
        Text(said, "sub").ShouldBe(app.Id);
        said.TryGetProperty("act", out _).ShouldBe(!impersonates);
        said.TryGetProperty("sid", out _).ShouldBeFalse();

        await Site.InDatabase(db => db.Clients.Where(client => client.Id == app.Id).ExecuteUpdateAsync(set => set.SetProperty(client => client.TokenEpoch, client => client.TokenEpoch + 1), Ct));
        await ShouldBeDead(by, token);
    }

    [Fact]
    public async Task Who_may_impersonate_leaves_no_trace_unless_somebody_acts()
    {
        var (_, app, _, token) = await Subject();
        var by = await Exchanger(TokenFormat.Jwt, Rule(app.Id, impersonates: true));
        var own = await IssueJwt(by.Client);

        (await Said(by, await Good(by, token))).TryGetProperty("act", out _).ShouldBeFalse();
        var said = await Said(by, await Good(by, token, ("actor_token", own), ("actor_token_type", AccessToken)));
        Text(said.GetProperty("act"), "client_id").ShouldBe(by.Client.Id);
        await ShouldBeRefused(await Ask(by, token, ("actor_token", token), ("actor_token_type", AccessToken)), "invalid_request");
    }

    [Fact]
    public async Task An_api_is_found_by_its_name_and_extra_parameters_change_nothing()
    {
        var (user, app, _, token) = await Subject();
        await Site.InDatabase(db => db.Resources.Where(api => api.Audience == Mail).ExecuteUpdateAsync(set => set.SetProperty(api => api.Name, "Mail"), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
        var by = await Exchanger(TokenFormat.Jwt, Rule(app.Id));

        // T123
        Text(await Said(by, await Good(by, token, ("audience", "Mail"), ("sub", "victim"), ("act", "{}"))), "sub").ShouldBe(user.Id.ToString());
        var twice = await PostAs(Site.Browser(), by.Client.Id, by.Secret, "/oauth/token", ("grant_type", Exchange), ("subject_token", token), ("subject_token", token), ("subject_token_type", AccessToken), ("audience", Mail));
        await ShouldBeRefused(twice, "invalid_request");
    }

    public sealed partial class OnPostgres(PostgresSite site) : TokenExchangeTests(site);

    public sealed class OnSqlite(SqliteSite site) : TokenExchangeTests(site);
}
