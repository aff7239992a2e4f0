using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using OtpNet;
using Signet.Infrastructure.Data;

namespace Signet.Tests;

/// <summary>Verbs for what people do with their accounts, all through the front door.</summary>
public abstract partial class PeopleTest(Site site) : SliceTest(site)
{
    public const string SessionCookie = "__Host-signet.session";

    protected static Task<HttpResponseMessage> Login(HttpClient browser, string email, string password = Password, string returnUrl = "/account") =>
        Submit(browser, $"/login?returnUrl={Uri.EscapeDataString(returnUrl)}", ("Input.Email", email), ("Input.Password", password));

    /// <summary>A browser in which the user has signed in with the password.</summary>
    internal async Task<HttpClient> SignIn(User user)
    {
        var browser = Site.Browser();
        (await Login(browser, user.Email!)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return browser;
    }

    /// <summary>Turns two-step sign-in on; returns the app's secret and the recovery codes.</summary>
    protected async Task<(byte[] Secret, string[] Codes)> Enrol(HttpClient browser, string url = "/account/two-factor")
    {
        var page = await Page(browser, url);
        var secret = KeyOf(page);
        var answer = await Post(browser, url, ("__RequestVerificationToken", AntiforgeryToken(page)), ("Input.Offer", Offer(page)), ("Input.Code", NextCode(secret)));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (secret, Codes(await answer.Content.ReadAsStringAsync(Ct)));
    }

    /// <summary>The authenticator's secret that a page offers.</summary>
    protected static byte[] KeyOf(string page) => Base32Encoding.ToBytes(KeyText().Match(page).Groups[1].Value.Replace(" ", ""));

    protected static string[] Codes(string page) => [.. CodeText().Matches(page).Select(match => match.Groups[1].Value)];

    protected static string Offer(string page) => OfferField().Match(page).Groups[1].Value;

    /// <summary>A code that was not used yet: time goes on by a step first.</summary>
    protected string NextCode(byte[] secret)
    {
        Site.Clock.Advance(TimeSpan.FromSeconds(30));
        return CodeNow(secret);
    }

    protected string CodeNow(byte[] secret) => new Totp(secret).ComputeTotp(Site.Clock.GetUtcNow().UtcDateTime);

    protected static string Wrong(string code) => code == "000000" ? "000001" : "000000";

    protected static async Task<string> Page(HttpClient browser, string url) => await (await browser.GetAsync(url, Ct)).Content.ReadAsStringAsync(Ct);

    protected static async Task<bool> IsSignedIn(HttpClient browser) => (await browser.GetAsync("/account", Ct)).StatusCode == HttpStatusCode.OK;

    protected static string? CookieOf(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.FirstOrDefault(cookie => cookie.StartsWith(name + "=", StringComparison.Ordinal)) : null;

    internal Task<User> Reload(User user) => Site.InDatabase(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == user.Id, Ct));

    internal Task<string[]> Audited(User user) => Site.InDatabase(db => db.AuditEvents.Where(audit => audit.UserId == user.Id).OrderBy(audit => audit.At).Select(audit => audit.Action).ToArrayAsync(Ct));

    /// <summary>Sends the same form many times at once.</summary>
    protected static async Task<HttpResponseMessage[]> Many(int count, Func<int, Task<HttpResponseMessage>> send) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => send(i), Ct)));

    /// <summary>Counts the password hashes that are computed of users, of nobody or of new passwords, from here on.</summary>
    protected sealed class HashCounter : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> counts = new();

        public HashCounter()
        {
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "signet.password.hashes")
                    self.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counts.AddOrUpdate((string)tags[0].Value!, (int)value, (_, before) => before + (int)value));
            listener.Start();
        }

        public int Of(string whose) => counts.GetValueOrDefault(whose);

        public int All => counts.Values.Sum();

        public void Dispose() => listener.Dispose();
    }

    [GeneratedRegex("<code class=\"secret\">([A-Z2-7 ]+)</code>")]
    private static partial Regex KeyText();

    [GeneratedRegex("<li><code>([a-z2-7-]+)</code></li>")]
    private static partial Regex CodeText();

    [GeneratedRegex("name=\"Input.Offer\" value=\"([^\"]+)\"")]
    private static partial Regex OfferField();
}
