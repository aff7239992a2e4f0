using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Attacks;

/// <summary>Requests that are much too much, at the endpoints for programs: refused by the specification's code, and nothing is kept.</summary>
public sealed class HugeInputTests(PostgresSite site) : FlowTest(site)
{
    [Fact] // T141
    public async Task Thousands_of_scopes_resources_and_parameters_at_the_token_endpoint()
    {
        var (client, secret) = await AddClient();
        (string, string)[] grant = [("grant_type", "client_credentials")];

        await ShouldBeRefused(await Token(client, secret, [.. grant, ("scope", string.Join(' ', Enumerable.Range(0, 7000).Select(i => $"s{i}")))]), "invalid_request");
        await ShouldBeRefused(await Token(client, secret, [.. grant, ("scope", string.Concat(Enumerable.Repeat("openid ", 7000)))]), "invalid_request");
        await ShouldBeRefused(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", [.. grant, .. Enumerable.Range(0, 500).Select(i => ("resource", $"https://api{i}.test/"))]), "invalid_target");
        await ShouldBeRefused(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", [.. grant, .. Enumerable.Range(0, 2000).Select(i => ($"p{i}", "x"))]), "invalid_request");
        (await Site.InDatabase(async db => await db.Tokens.CountAsync(Ct) + await db.Grants.CountAsync(Ct) + await db.AuditEvents.CountAsync(Ct))).ShouldBe(0);
    }

    [Theory] // T141, T143
    [InlineData("{\"grant_type\":", 30_000)]
    [InlineData("[", 100_000)]
    [InlineData("{\"a\":[", 30_000)]
    public async Task Json_that_goes_deeper_and_deeper(string opening, int times)
    {
        using var body = new StringContent(string.Concat(Enumerable.Repeat(opening, times)), Encoding.UTF8, "application/json");

        await ShouldBeRefused(await Site.Browser().PostAsync("/oauth/token", body, Ct), "invalid_request");
    }

    [Theory]
    [InlineData("code")]
    [InlineData("code_verifier")]
    [InlineData("refresh_token")]
    [InlineData("redirect_uri")]
    [InlineData("client_id")]
    [InlineData("client_secret")]
    [InlineData("token")]
    public async Task One_value_of_sixty_thousand_characters(string name)
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var code = await Code(await AddUser(), client);
        var huge = (name, new string('x', 60_000));
        HttpResponseMessage[] answers =
        [
            await Redeem(client, secret, code, huge),
            await Refresh(client, secret, "x", huge),
            await PostAs(Site.Browser(), client.Id, secret, "/oauth/introspect", ("token", "x"), huge),
            await Post(Site.Browser(), "/oauth/revoke", ("token", "x"), huge),
        ];

        answers.Select(answer => (int)answer.StatusCode).ShouldAllBe(status => status < 500);
        answers.ShouldAllBe(answer => answer.Content.Headers.ContentLength < 1000); // and is not sent back
    }

    [Theory] // T144
    [InlineData("https://", "a.")]
    [InlineData("https://", "-")]
    [InlineData("https://app.test/", "%2e")]
    [InlineData("https://app.test/", "/..;")]
    [InlineData("http://127.0.0.1:", "1")]
    public void Evil_addresses_are_looked_at_once(string start, string repeated)
    {
        var evil = start + string.Concat(Enumerable.Repeat(repeated, 50_000));

        Signet.Infrastructure.OAuth.RedirectUri.Objection(evil, Signet.Infrastructure.Data.ClientKind.Native).ShouldNotBeNull();
        foreach (var registered in new[] { "https://app.test/cb", "http://127.0.0.1/cb" })
            Signet.Infrastructure.OAuth.RedirectUri.Matches(registered, evil).ShouldBeFalse();
    }

    [Fact] // T140
    public async Task Wrong_client_secrets_cost_no_password_hash_and_stop_nobody_else()
    {
        var (client, secret) = await AddClient();
        var hashed = 0L;
        using var listener = new System.Diagnostics.Metrics.MeterListener { InstrumentPublished = (instrument, self) => { if (instrument.Name == "signet.password.hashes") self.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref hashed, value));
        listener.Start();
        var flooder = Site.BrowserAt("198.51.100.7");

        var flood = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => PostAs(flooder, client.Id, $"guess{i}", "/oauth/token", ("grant_type", "client_credentials")), Ct)));

        flood.Select(answer => answer.StatusCode).Distinct().Order().ShouldBe([HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests]);
        flood.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBeLessThan(100);
        (await PostAs(Site.BrowserAt("203.0.113.5"), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PostAs(Site.BrowserAt("203.0.113.5"), client.Id, "guess", "/oauth/token", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        hashed.ShouldBe(0);
    }
}
