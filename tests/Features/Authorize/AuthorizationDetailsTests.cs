using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Authorize;

/// <summary>Rich authorization requests, RFC 9396.</summary>
public abstract class AuthorizationDetailsTests(Site site) : FlowTest(site)
{
    private const string Payment = """{"type":"payment","actions":["initiate"],"locations":["https://pay.test"],"instructedAmount":{"currency":"EUR","amount":"123.50"},"creditorName":"Café & Söhne"}""";
    private const string Account = """{"type":"account","identifier":"DE02"}""";
    private const string Pay = "https://pay.test/api";
    private Client client = null!;
    private string secret = null!;
    private Client api = null!;
    private string apiSecret = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (var resource, api, apiSecret) = await AddApi(Pay, "pay.read");
        var types = new[] { new DetailsType("payment", "Make a payment for you"), new DetailsType("account", "See an account") };
        await Site.InDatabase(db => db.Resources.Where(row => row.Id == resource.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DetailsTypes, types), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
        (client, secret) = await AddClient(scopes: ["openid", "offline_access"], change: client => client.Settings = new ClientSettings { AuthorizationDetailsTypes = ["payment", "account"] });
    }

    [Fact]
    public async Task The_person_reads_what_is_wanted_and_the_api_gets_it()
    {
        var browser = await SignedIn(await AddUser());
        var consent = (await browser.GetAsync(Url($"[{Payment}]"), Ct)).Headers.Location!.OriginalString;

        var page = WebUtility.HtmlDecode(await (await browser.GetAsync(consent, Ct)).Content.ReadAsStringAsync(Ct));
        var tokens = await Json(await Redeem(client, secret, await Allow(browser, consent)));

        foreach (var text in (string[])["Make a payment for you", "actions", "initiate", "https://pay.test", "instructedAmount amount", "123.50", "instructedAmount currency", "EUR", "Café & Söhne"])
            page.ShouldContain(text);
        JsonElement.DeepEquals(tokens.GetProperty("authorization_details"), JsonElement.Parse($"[{Payment}]")).ShouldBeTrue();
        var access = Jwt(Text(tokens, "access_token"));
        access.Audiences.ShouldContain(Pay);
        access.GetPayloadValue<JsonElement>("authorization_details")[0].GetProperty("instructedAmount").GetProperty("amount").GetString().ShouldBe("123.50");
        var told = await Json(await PostAs(Site.Browser(), api.Id, apiSecret, "/oauth/introspect", ("token", Text(tokens, "access_token"))));
        told.GetProperty("authorization_details")[0].GetProperty("creditorName").GetString().ShouldBe("Café & Söhne");
        var refreshed = await Json(await Refresh(client, secret, Text(tokens, "refresh_token")));
        refreshed.GetProperty("authorization_details").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_yes_to_one_payment_is_no_yes_to_the_next()
    {
        var browser = await SignedIn(await AddUser());
        await Allow(browser, (await browser.GetAsync(Url($"[{Payment}]"), Ct)).Headers.Location!.OriginalString);

        (await browser.GetAsync(Url($"[{Payment}]"), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
        Answer(await browser.GetAsync(Url($"[{Payment}]", ("prompt", "none")), Ct))["error"].ShouldBe("consent_required");
        Answer(await browser.GetAsync(AuthorizeUrl(client), Ct)).ShouldContainKey("code");
    }

    [Fact]
    public async Task A_token_may_have_less_than_was_granted_and_never_more()
    {
        var browser = await SignedIn(await AddUser());
        async Task<string> Granted() => await Allow(browser, (await browser.GetAsync(Url($"[{Payment},{Account}]"), Ct)).Headers.Location!.OriginalString);

        var less = await Json(await Redeem(client, secret, await Granted(), ("authorization_details", $"[{Account}]")));
        less.GetProperty("authorization_details").GetRawText().ShouldBe($"[{Account}]");
        (await Json(await Refresh(client, secret, Text(less, "refresh_token")))).GetProperty("authorization_details").GetArrayLength().ShouldBe(2);
        await ShouldBeRefused(await Refresh(client, secret, Text(less, "refresh_token"), ("authorization_details", $"[{Payment.Replace("123.50", "9123.50", StringComparison.Ordinal)}]")), "invalid_authorization_details");
        await ShouldBeRefused(await Redeem(client, secret, await Granted(), ("authorization_details", """[{"type":"account"}]""")), "invalid_authorization_details");
        await ShouldBeRefused(await Redeem(client, secret, await Code(await AddUser(), client), ("authorization_details", $"[{Account}]")), "invalid_authorization_details");
    }

    [Fact]
    public async Task An_api_that_does_not_know_a_type_learns_nothing_of_it()
    {
        await AddApi("https://api.test/notes", "notes.read");
        await Site.InDatabase(db => db.Clients.Where(row => row.Id == client.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Scopes, ["openid", "notes.read"]), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
        var browser = await SignedIn(await AddUser());
        var code = await Allow(browser, (await browser.GetAsync(Url($"[{Payment}]", ("scope", "openid notes.read")), Ct)).Headers.Location!.OriginalString);

        var tokens = await Json(await Redeem(client, secret, code, ("resource", "https://api.test/notes")));

        tokens.TryGetProperty("authorization_details", out _).ShouldBeFalse();
        Jwt(Text(tokens, "access_token")).TryGetPayloadValue<object>("authorization_details", out _).ShouldBeFalse();
        Answer(await browser.GetAsync(Url($"[{Payment}]", ("scope", "openid notes.read"), ("resource", "https://api.test/notes")), Ct))["error"].ShouldBe("invalid_target");
    }

    [Theory]
    [InlineData("""{"type":"payment"}""")]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[{}]")]
    [InlineData("[")]
    [InlineData("""[{"type":1}]""")]
    [InlineData("""[{"type":"unknown"}]""")]
    [InlineData("""[{"type":"payment","type":"account"}]""")]
    [InlineData("""[{"type":"payment","note":"\ud800"}]""")]
    [InlineData("""[{"type":"payment"},{"type":"unknown"}]""")]
    public async Task What_is_malformed_or_unknown_is_refused(string details)
    {
        var browser = await SignedIn(await AddUser());

        Answer(await browser.GetAsync(Url(details), Ct))["error"].ShouldBe("invalid_authorization_details");
        await ShouldBeRefused(await Push(client, secret, ("authorization_details", details)), "invalid_authorization_details");
    }

    [Fact]
    public async Task An_app_that_is_not_registered_for_a_type_does_not_get_it()
    {
        var (other, _) = await AddClient(scopes: ["openid"], change: client => client.Settings = new ClientSettings { AuthorizationDetailsTypes = ["account"] });

        Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(other, ("authorization_details", $"[{Payment}]")), Ct))["error"].ShouldBe("invalid_authorization_details");
    }

    [Theory] // up to the bound everything that carries them must bear them
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_longest_details_reach_the_api_and_longer_ones_are_refused(bool isOpaque)
    {
        await Site.InDatabase(db => db.Clients.Where(row => row.Id == client.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.TokenFormat, isOpaque ? TokenFormat.Opaque : TokenFormat.Jwt), Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();
        string Details(int length) => $$"""[{"type":"payment","note":"{{OpaqueValue.Random(length - 30)}}"}]""";
        var browser = await SignedIn(await AddUser());
        await ShouldBeRefused(await Push(client, secret, ("authorization_details", Details(8 * 1024 + 1))), "invalid_authorization_details");

        var uri = Text(await Json(await Push(client, secret, ("authorization_details", Details(8 * 1024)))), "request_uri");
        var consent = (await browser.GetAsync($"/oauth/authorize?client_id={client.Id}&request_uri={Uri.EscapeDataString(uri)}", Ct)).Headers.Location!.OriginalString;
        var tokens = await Json(await Redeem(client, secret, await Allow(browser, consent)));

        var told = await Json(await PostAs(Site.Browser(), api.Id, apiSecret, "/oauth/introspect", ("token", Text(tokens, "access_token"))));
        told.GetProperty("authorization_details")[0].GetProperty("note").GetString()!.Length.ShouldBe(8 * 1024 - 30);
    }

    private string Url(string details, params (string Name, string? Value)[] changes) => AuthorizeUrl(client, [("authorization_details", details), .. changes]);

    private static async Task<string> Allow(HttpClient browser, string consent)
    {
        consent.ShouldStartWith("/consent");
        var allowed = await Submit(browser, consent, "/consent?handler=Allow", ("returnUrl", QueryHelpers.ParseQuery(consent[8..])["returnUrl"].ToString()));
        return Answer(await browser.GetAsync(allowed.Headers.Location, Ct))["code"];
    }

    public sealed class OnPostgres(PostgresSite site) : AuthorizationDetailsTests(site);

    public sealed class OnSqlite(SqliteSite site) : AuthorizationDetailsTests(site);
}
