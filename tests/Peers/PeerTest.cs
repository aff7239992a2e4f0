using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Peers;

/// <summary>Verbs for people who come from another provider, one redirect at a time.</summary>
public abstract class PeerTest(PeerSite site) : PeopleTest(site)
{
    internal Peer Peer => site.Peer;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Peer.Reset();
    }

    /// <summary>Presses the provider's button; returns where it leads.</summary>
    protected static async Task<Uri> Leave(HttpClient browser, string purpose = "SignIn", string returnUrl = "", string page = "/login", string provider = "peer")
    {
        var answer = await Press(browser, purpose, returnUrl, page, provider);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Ct));
        return new Uri(answer.Headers.GetValues("Refresh").Single()["0;url=".Length..]);
    }

    protected static async Task<HttpResponseMessage> Press(HttpClient browser, string purpose = "SignIn", string returnUrl = "", string page = "/login", string provider = "peer") =>
        await Post(browser, $"/login/external/{provider}", ("__RequestVerificationToken", AntiforgeryToken(await Page(browser, page))), ("purpose", purpose), ("returnUrl", returnUrl));

    /// <summary>Comes back from the provider; returns what the decision looks like.</summary>
    protected static async Task<HttpResponseMessage> Return(HttpClient browser, Uri callback)
    {
        var answer = await browser.GetAsync(callback, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return await browser.GetAsync(answer.Headers.Location, Ct);
    }

    protected static async Task<HttpResponseMessage> ComeFromPeer(HttpClient browser, string subject, string purpose = "SignIn", string returnUrl = "", string page = "/login") =>
        await Return(browser, await Peer.SignIn(await Leave(browser, purpose, returnUrl, page), subject));

    internal async Task<User> AddUser(string email, bool isConfirmed, string? subject = null, bool hasPassword = true, DateTimeOffset? disabledAt = null)
    {
        var user = await AddUser(email);
        await Site.InDatabase(db => db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.EmailConfirmed, isConfirmed).SetProperty(u => u.DisabledAt, disabledAt).SetProperty(u => u.PasswordHash, u => hasPassword ? u.PasswordHash : null), Ct));
        if (subject is not null)
            await AddLogin(user, "peer", subject);
        return user;
    }

    internal Task AddLogin(User user, string provider, string subject) => Site.InDatabase(db =>
    {
        db.Add(new IdentityUserLogin<Guid> { LoginProvider = provider, ProviderKey = subject, ProviderDisplayName = provider, UserId = user.Id });
        return db.SaveChangesAsync(Ct);
    });

    protected Task<string[]> Logins() => Site.InDatabase(db => db.UserLogins.OrderBy(login => login.ProviderKey).Select(login => login.LoginProvider + ":" + login.ProviderKey).ToArrayAsync(Ct));

    protected Task<int> Users() => Site.InDatabase(db => db.Users.CountAsync(Ct));

    protected Task<int> Sessions() => Site.InDatabase(db => db.Sessions.CountAsync(session => session.EndedAt == null, Ct));

    protected static HttpClient BrowserOf(WebApplicationFactory<Program> node) =>
        node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });

    protected async Task ShouldBeRefused(HttpClient browser, HttpResponseMessage answer, string because)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain(because);
        CookieOf(answer, SessionCookie).ShouldBeNull();
        (await IsSignedIn(browser)).ShouldBeFalse();
        (await Sessions()).ShouldBe(0);
    }
}
