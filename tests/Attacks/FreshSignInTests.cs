using Signet.Infrastructure.Data;

namespace Signet.Tests.Attacks;

/// <summary>"Sign in again" means this person, in this browser, for this request.</summary>
public sealed class FreshSignInTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task A_note_that_somebody_prepared_in_another_browser_counts_for_nothing()
    {
        var (client, back, _) = await Waiting();
        var user = await AddUser();
        var victim = await SignedIn(user); // after the note, and for something else

        (await victim.GetAsync(back, Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login?returnUrl=");
        Answer(await victim.GetAsync(AuthorizeUrl(client), Ct)).ShouldContainKey("code");
    }

    [Fact]
    public async Task A_request_that_was_left_waiting_is_not_answered_by_a_sign_in_of_long_ago()
    {
        var (_, back, browser) = await Waiting();
        Site.Clock.Advance(TimeSpan.FromSeconds(1));
        await SignInAgain(browser, await AddUser());
        Answer(await browser.GetAsync(back, Ct)).ShouldContainKey("code");

        Site.Clock.Advance(TimeSpan.FromMinutes(11));
        (await browser.GetAsync(back, Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login?returnUrl=");
    }

    /// <summary>A request with prompt=login that waits for somebody to sign in.</summary>
    private async Task<(Client Client, string Back, HttpClient Browser)> Waiting()
    {
        var (client, _) = await AddClient(skipsConsent: true);
        var browser = Site.Browser();
        var answer = await browser.GetAsync(AuthorizeUrl(client, ("prompt", "login")), Ct);
        return (client, Uri.UnescapeDataString(answer.Headers.Location!.OriginalString["/login?returnUrl=".Length..]), browser);
    }
}
