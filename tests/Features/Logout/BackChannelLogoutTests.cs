using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Features.SignOut;

/// <summary>Apps are told that a session has ended (OpenID Connect Back-Channel Logout), by Hangfire's own server at a real one.</summary>
public sealed class BackChannelLogoutTests(BackChannelSite site) : FlowTest(site), IClassFixture<BackChannelSite>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40); // the first pause, and the clocks of Hangfire

    [Fact]
    public async Task Every_app_of_the_session_is_told_in_the_words_of_its_ID_token()
    {
        var (plain, pairwise, silent) = (await App("/plain"), await App("/pairwise", settings => settings with { SubjectType = "pairwise", IdTokenSignedResponseAlg = "PS256" }), await AddClient());
        var browser = await SignedIn(await AddUser());
        var (ofPlain, ofPairwise) = (await IdToken(browser, plain), await IdToken(browser, pairwise));
        await IdToken(browser, plain); // a second authorization of one session is told once
        await IdToken(browser, silent);
        var elsewhere = await IdToken(await SignedIn(await AddUser()), plain);

        await Submit(browser, "/logout");

        await Until(async () => await Deliveries() is [{ Status: LogoutStatus.Delivered }, { Status: LogoutStatus.Delivered }]);
        var told = await ShouldBeLogoutToken(Told("/plain").Single(), plain.Client, "RS256");
        (told.Subject, Claim(told, "sid")).ShouldBe((ofPlain.Subject, Claim(ofPlain, "sid")));
        told.Subject.ShouldNotBe(elsewhere.Subject);
        var toldPairwise = await ShouldBeLogoutToken(Told("/pairwise").Single(), pairwise.Client, "PS256");
        (toldPairwise.Subject, Claim(toldPairwise, "sid")).ShouldBe((ofPairwise.Subject, Claim(ofPairwise, "sid")));
        toldPairwise.Subject.ShouldNotBe(told.Subject);
        Claim(toldPairwise, "jti").ShouldNotBe(Claim(told, "jti"));
    }

    [Fact]
    public async Task An_app_that_is_down_at_first_is_told_later_and_holds_nobody_up()
    {
        var app = await App("/down");
        var tries = 0;
        site.Outside.Answer("/down", http =>
        {
            if (Interlocked.Increment(ref tries) == 1)
                http.Abort();
            return Task.CompletedTask;
        });
        var browser = await SignedIn(await AddUser());
        await IdToken(browser, app);

        (await Submit(browser, "/logout")).Headers.Location!.OriginalString.ShouldBe("/login");

        await Until(async () => await Deliveries() is [{ Tries: 1, LastError: not null, Status: LogoutStatus.Waiting }]);
        await Until(async () => await Deliveries() is [{ Tries: 2, LastError: null, Status: LogoutStatus.Delivered, EndedAt: not null }]);
        await ShouldBeLogoutToken(Told("/down").Last(), app.Client, "RS256");
    }

    [Theory]
    [InlineData("by the person, at the list of sessions")]
    [InlineData("by a new password")]
    [InlineData("by an administrator who ends sessions")]
    [InlineData("by an administrator who disables the account")]
    [InlineData("by an administrator who revokes everything")]
    [InlineData("by another sign-in in the browser")]
    public async Task Apps_are_told_however_the_session_is_ended(string how)
    {
        var app = await App("/ended");
        var user = await AddUser();
        var browser = await SignedIn(user);
        var idToken = await IdToken(browser, app);
        var (here, admin) = (await SignedIn(user), await SignedIn(await AddUser(isAdmin: true)));

        var answer = how switch
        {
            "by the person, at the list of sessions" => await Submit(here, "/account/sessions", "/account/sessions/end"),
            "by a new password" => await Submit(here, "/account/password", ("Input.Current", Password), ("Input.New", "granite lantern willow cove")),
            "by an administrator who ends sessions" => await Submit(admin, $"/admin/users/{user.Id}/EndSessions", ("Input.Reason", "x")),
            "by an administrator who disables the account" => await Submit(admin, $"/admin/users/{user.Id}/Disable", ("Input.Reason", "x")),
            "by an administrator who revokes everything" => await Submit(admin, "/admin/tokens", ("Input.User", user.Email!), ("Input.EndSessions", "true"), ("Input.Reason", "x")),
            _ => await Submit(browser, "/login", ("Input.Email", (await AddUser("b@example.test")).Email!), ("Input.Password", Password)),
        };

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync(Ct));
        await Until(async () => await Deliveries() is [{ Status: LogoutStatus.Delivered }]);
        var told = await ShouldBeLogoutToken(Told("/ended").Single(), app.Client, "RS256");
        (told.Subject, Claim(told, "sid")).ShouldBe((idToken.Subject, Claim(idToken, "sid")));
    }

    [Fact]
    public async Task A_notice_whose_job_was_lost_is_brought_by_the_clock_and_once()
    {
        var app = await App("/lost");
        var user = await AddUser();
        await Site.InDatabase(db =>
        {
            db.Add(new LogoutDelivery { Id = Guid.CreateVersion7(), ClientId = app.Client.Id, SessionId = Guid.NewGuid(), UserId = user.Id, CreatedAt = Site.Clock.GetUtcNow(), NextTryAt = Site.Clock.GetUtcNow().AddMinutes(-2) });
            return db.SaveChangesAsync(Ct);
        });

        for (var i = 0; i < 5; i++)
            await InScope(notices => notices.SendLost(Ct));

        await Until(async () => await Deliveries() is [{ Status: LogoutStatus.Delivered, Tries: 1 }]);
        Told("/lost").Length.ShouldBe(1);
    }

    [Fact] // §2.4: like the ID tokens, whose members decide it
    public async Task An_app_whose_ID_tokens_are_encrypted_gets_its_logout_tokens_encrypted()
    {
        var (key, privateKey) = EncryptionKey.New(Jwe.EcdhEs);
        var app = await App("/sealed", settings => settings with { Jwks = EncryptionKey.Set(key), IdTokenSignedResponseAlg = "ES256", IdTokenEncryptedResponseAlg = Jwe.EcdhEs, IdTokenEncryptedResponseEnc = Jwe.A256Gcm });
        var browser = await SignedIn(await AddUser());
        var response = await Redeem(app.Client, app.Secret, (await Authorize(browser, app.Client))["code"]);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);

        await Submit(browser, "/logout");

        await Until(async () => await Deliveries() is [{ Status: LogoutStatus.Delivered }]);
        var told = QueryHelpers.ParseQuery(Told("/sealed").Single().Body)["logout_token"].ToString();
        told.Split('.').Length.ShouldBe(5);
        var opened = await Peers.Jose.Decrypt(told, privateKey);
        await ShouldBeLogoutToken(opened.Text, app.Client, "ES256");
    }

    [Fact]
    public async Task An_app_without_a_key_to_encrypt_to_is_told_nothing_readable()
    {
        var app = await App("/keyless", settings => settings with { IdTokenEncryptedResponseAlg = Jwe.EcdhEs, IdTokenEncryptedResponseEnc = Jwe.A256Gcm });
        var user = await AddUser();
        await Site.InDatabase(db =>
        {
            db.Add(new LogoutDelivery { Id = Guid.CreateVersion7(), ClientId = app.Client.Id, SessionId = Guid.NewGuid(), UserId = user.Id, CreatedAt = Site.Clock.GetUtcNow(), NextTryAt = Site.Clock.GetUtcNow().AddMinutes(-2) });
            return db.SaveChangesAsync(Ct);
        });

        await InScope(notices => notices.SendLost(Ct));

        await Until(async () => await Deliveries() is [{ Status: LogoutStatus.Waiting, Tries: 1, LastError: { } error }] && error.Contains("has no key", StringComparison.Ordinal));
        Told("/keyless").ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_sign_outs_at_once_tell_once()
    {
        var app = await App("/race");
        var browser = await SignedIn(await AddUser());
        await IdToken(browser, app);
        var token = AntiforgeryToken(await browser.GetStringAsync("/logout", Ct));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Post(browser, "/logout", ("__RequestVerificationToken", token))));

        await Until(async () => await Deliveries() is [{ Status: LogoutStatus.Delivered, Tries: 1 }]);
        Told("/race").Length.ShouldBe(1);
    }

    private async Task<(Client Client, string Secret)> App(string path, Func<ClientSettings, ClientSettings>? change = null)
    {
        site.Outside.Requests.Clear();
        site.Outside.Answer(path, _ => Task.CompletedTask);
        var settings = new ClientSettings { BackchannelLogoutUri = site.Outside.Url(path), BackchannelLogoutSessionRequired = true };
        return await AddClient(change: client => client.Settings = change?.Invoke(settings) ?? settings);
    }

    private async Task<JsonWebToken> IdToken(HttpClient browser, (Client Client, string Secret) app) =>
        Jwt(Text(await Json(await Redeem(app.Client, app.Secret, (await Authorize(browser, app.Client))["code"])), "id_token"));

    private OutsideServer.Seen[] Told(string path) => [.. site.Outside.Requests.Where(request => request.Path == path)];

    private Task<LogoutDelivery[]> Deliveries() => Site.InDatabase(db => db.LogoutDeliveries.AsNoTracking().OrderBy(delivery => delivery.Id).ToArrayAsync(Ct));

    private async Task InScope(Func<LogoutNotices, Task> work)
    {
        using var scope = Site.Services.CreateScope();
        await work(scope.ServiceProvider.GetRequiredService<LogoutNotices>());
    }

    /// <summary>By the library that most apps use (§2.6).</summary>
    private async Task<JsonWebToken> ShouldBeLogoutToken(OutsideServer.Seen request, Client client, string algorithm)
    {
        request.Method.ShouldBe("POST");
        var form = QueryHelpers.ParseQuery(request.Body);
        form.Keys.ShouldBe(["logout_token"]);
        return await ShouldBeLogoutToken(form["logout_token"].ToString(), client, algorithm);
    }

    private async Task<JsonWebToken> ShouldBeLogoutToken(string text, Client client, string algorithm)
    {
        var keys = new JsonWebKeySet(await Site.Browser().GetStringAsync("/.well-known/jwks.json", Ct));
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(text, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.GetSigningKeys(),
            ValidAlgorithms = [algorithm],
            ValidTypes = ["logout+jwt"],
            ValidIssuer = Site.Issuer,
            ValidAudience = client.Id,
        });
        result.IsValid.ShouldBeTrue(result.Exception?.Message);
        var token = (JsonWebToken)result.SecurityToken;
        (token.ValidTo - token.IssuedAt).ShouldBeLessThanOrEqualTo(TimeSpan.FromMinutes(2));
        var payload = JsonDocument.Parse(Base64UrlEncoder.Decode(token.EncodedPayload)).RootElement;
        payload.EnumerateObject().Select(member => member.Name).ShouldBe(["iss", "sub", "aud", "iat", "exp", "jti", "sid", "events"]);
        payload.GetProperty("events").GetRawText().ShouldBe("""{"http://schemas.openid.net/event/backchannel-logout":{}}""");
        return token;
    }

    private static string Claim(JsonWebToken token, string name) => token.GetClaim(name).Value;

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(Patience);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token); // Hangfire tells nobody when it is done
    }
}
