using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Attacks;

/// <summary>What a person or an app was allowed ends when the rule behind it changes.</summary>
public sealed class StaleRightsTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData("Admins", true, false)]
    [InlineData("Admins", false, true)]
    [InlineData("Everyone", false, false)]
    public async Task A_session_without_a_second_factor_ends_once_one_is_required(string whose, bool isAdmin, bool stays)
    {
        var user = await AddUser(isAdmin: isAdmin);
        var cookie = await AddSession(user);
        await using var strict = Site.WithWebHostBuilder(host => host.UseSetting("Signet:RequireTwoFactor", whose));
        var browser = strict.CreateClient(new() { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        browser.DefaultRequestHeaders.Add("Cookie", $"__Host-signet.session={cookie}");

        ((int)(await browser.GetAsync("/account", Ct)).StatusCode).ShouldBe(stays ? 200 : 302);
        await Site.InDatabase(db => db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, true), Ct));
        ((int)(await browser.GetAsync("/account", Ct)).StatusCode).ShouldBe(200);
    }

    [Fact]
    public async Task A_refresh_gives_no_scope_that_the_app_has_lost()
    {
        var (client, secret) = await AddClient(grants: ["authorization_code", "refresh_token"], scopes: ["openid", "profile", "email"], skipsConsent: true);
        var refresh = Text(await Tokens(await AddUser(), client, secret), "refresh_token");

        await Lose(client.Id, ["openid", "profile"]);
        var less = await Json(await Refresh(client, secret, refresh));
        Text(less, "scope").ShouldBe("openid profile");
        await ShouldBeRefused(await Refresh(client, secret, refresh, ("scope", "email")), "invalid_scope");

        await Lose(client.Id, ["notes.read"]);
        await ShouldBeRefused(await Refresh(client, secret, refresh), "invalid_scope");
    }

    [Theory]
    [InlineData("openid notes.read", false)]
    [InlineData("openid email notes.read", true)]
    public async Task An_api_learns_an_address_only_where_the_person_allowed_it(string scope, bool learns)
    {
        await AddApi("https://api.test/notes", "notes.read");
        var (client, secret) = await AddClient(scopes: ["openid", "email", "notes.read"], skipsConsent: true);
        var user = await AddUser();
        var tokens = await Tokens(user, client, secret, ("scope", scope));

        (await Introspect(Site.Browser(), client, secret, Text(tokens, "access_token"))).Contains(user.Email!, StringComparison.Ordinal).ShouldBe(learns);
    }

    private async Task Lose(string clientId, string[] left)
    {
        await Site.InDatabase(db => db.Clients.Where(c => c.Id == clientId).ExecuteUpdateAsync(set => set.SetProperty(c => c.Scopes, left), Ct));
        Site.Services.GetService(typeof(Signet.Infrastructure.OAuth.ClientDirectory)).ShouldBeOfType<Signet.Infrastructure.OAuth.ClientDirectory>().Forget();
    }
}
