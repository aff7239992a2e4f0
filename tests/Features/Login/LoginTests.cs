using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;

namespace Signet.Tests.Features.Login;

/// <summary>Sign-in with a password, and what is tried against it.</summary>
public abstract partial class LoginTests(Site site) : PeopleTest(site)
{
    [Fact]
    public async Task Signs_in_with_the_right_password_and_goes_on()
    {
        var user = await AddUser();
        var browser = Site.Browser();

        var answer = await Login(browser, user.Email!.ToUpperInvariant(), returnUrl: "/account/sessions");

        answer.Headers.Location!.ToString().ShouldBe("/account/sessions");
        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Audited(user)).ShouldBe(["signed in"]);
    }

    [Fact]
    public async Task Every_cookie_is_bound_to_the_host_and_closed_to_scripts()
    {
        var user = await AddUser();
        var browser = Site.Browser();
        var page = await browser.GetAsync("/login", Ct);
        var cookies = page.Headers.GetValues("Set-Cookie").Concat((await Login(browser, user.Email!)).Headers.GetValues("Set-Cookie")).ToArray();

        cookies.Length.ShouldBeGreaterThanOrEqualTo(2);
        cookies.ShouldAllBe(cookie => Regex.IsMatch(cookie, "^__Host-.*; secure; samesite=(lax|strict); httponly", RegexOptions.IgnoreCase));
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
    }

    [Fact]
    public async Task Gives_one_answer_for_unknown_wrong_and_locked()
    {
        var (known, locked) = (await AddUser(), await AddUser());
        await Site.InDatabase(db => db.Users.Where(u => u.Id == locked.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.LockoutEnd, Site.Clock.GetUtcNow().AddMinutes(5))));

        var answers = new List<(HttpStatusCode, string)>();
        foreach (var email in new[] { known.Email!, locked.Email!, $"{Guid.NewGuid():N}@example.test" })
        {
            var answer = await Login(Site.Browser(), email, "not the right password");
            answers.Add((answer.StatusCode, Varying().Replace(await answer.Content.ReadAsStringAsync(Ct), "").Replace(email, "")));
        }

        answers.Distinct().ShouldHaveSingleItem().Item2.ShouldContain("Wrong e-mail address or password.");
    }

    [Fact]
    public async Task Takes_the_same_time_for_an_unknown_address()
    {
        var emails = new[] { (await AddUser()).Email!, "nobody@example.test" };
        var times = emails.Select(_ => new List<double>()).ToArray();
        var browser = Site.Browser();
        var token = AntiforgeryToken(await Page(browser, "/login"));
        using var hashes = new HashCounter();
        for (var i = 0; i < 15; i++)
        {
            foreach (var known in new[] { 0, 1 })
            {
                var start = Stopwatch.GetTimestamp();
                await Post(browser, "/login", ("__RequestVerificationToken", token), ("Input.Email", emails[known]), ("Input.Password", "not the right password"));
                times[known].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        var shortest = times.Select(list => list.Min()).ToArray(); // what a busy machine adds is in all the others
        Math.Abs(shortest[0] - shortest[1]).ShouldBeLessThan(shortest.Max() / 2, $"known {shortest[0]} ms, unknown {shortest[1]} ms");
        hashes.Of("user").ShouldBe(5); // then the account is locked, and every further guess costs the same as nobody's
        hashes.All.ShouldBe(30);
    }

    [Fact]
    public async Task Hashes_no_more_than_five_of_a_hundred_parallel_guesses()
    {
        var user = await AddUser();
        var browser = Site.Browser();
        var token = AntiforgeryToken(await Page(browser, "/login"));
        using var hashes = new HashCounter();

        var answers = await Many(100, i => Post(browser, "/login", ("__RequestVerificationToken", token), ("Input.Email", user.Email!), ("Input.Password", $"a wrong guess {i}")));

        hashes.Of("user").ShouldBeInRange(1, 5);
        answers.Select(answer => (int)answer.StatusCode).ShouldAllBe(status => status == 422 || status == 429);
    }

    [Fact]
    public async Task Locks_after_five_wrong_passwords_and_opens_again_after_minutes()
    {
        var user = await AddUser();
        for (var i = 0; i < 5; i++)
            await Login(Site.Browser(), user.Email!, "not the right password");

        (await Login(Site.Browser(), user.Email!)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        Site.Clock.Advance(TimeSpan.FromMinutes(6));
        (await Login(Site.Browser(), user.Email!)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Audited(user)).ShouldBe(["sign-in refused", "sign-in refused", "sign-in refused", "sign-in refused", "account locked", "signed in"]);
    }

    [Fact]
    public async Task Refuses_a_form_that_another_site_sent()
    {
        var user = await AddUser();
        var foreign = AntiforgeryToken(await Page(Site.Browser(), "/login"));

        (await Post(Site.Browser(), "/login", ("Input.Email", user.Email!), ("Input.Password", Password))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Post(Site.Browser(), "/login", ("__RequestVerificationToken", foreign), ("Input.Email", user.Email!), ("Input.Password", Password))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Never_adopts_a_session_key_that_was_there_before()
    {
        var (attacker, victim) = (await AddUser(), await AddUser());
        var planted = await SignedIn(attacker);
        var plantedKey = planted.DefaultRequestHeaders.GetValues("Cookie").Single();

        var answer = await Login(planted, victim.Email!);

        CookieOf(answer, SessionCookie).ShouldNotBeNull().ShouldNotStartWith(plantedKey);
        var handle = Site.Browser();
        handle.DefaultRequestHeaders.Add("Cookie", plantedKey);
        (await IsSignedIn(handle)).ShouldBeFalse();
    }

    [Fact]
    public async Task Refuses_a_huge_password_without_hashing_it()
    {
        var user = await AddUser();
        using var hashes = new HashCounter();

        (await Login(Site.Browser(), user.Email!, new string('x', 50_000))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Login(Site.Browser(), user.Email!, new string('x', 5_000_000))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Submit(Site.Browser(), "/signup", ("Input.Name", "Eve"), ("Input.Email", "eve@example.test"), ("Input.Password", new string('x', 50_000)))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        hashes.All.ShouldBe(0);
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test/")]
    [InlineData("/\\evil.test/")]
    [InlineData("javascript:alert(1)")]
    public async Task Goes_nowhere_else_after_signing_in(string returnUrl)
    {
        var user = await AddUser();

        (await Login(Site.Browser(), user.Email!, returnUrl: returnUrl)).Headers.Location!.ToString().ShouldBe("/account");
    }

    [Fact]
    public async Task Ships_no_account_and_no_default_password()
    {
        (await Site.InDatabase(db => db.Users.CountAsync(Ct))).ShouldBe(0);
        foreach (var (email, password) in new[] { ("admin", "admin"), ("admin@example.com", "password"), ("admin@localhost", "changeme"), ("root@localhost", "") })
            (await Login(Site.Browser(), email, password)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Asks_to_come_back_when_there_is_no_room_for_another_hash()
    {
        var user = await AddUser();
        var room = Site.Services.GetRequiredService<HashingRoom>();
        using var gone = new CancellationTokenSource();
        var taken = Enumerable.Range(0, 64).Select(i => room.Enter(new IPAddress([10, 0, 0, (byte)i]), gone.Token).AsTask()).ToArray();

        var answer = await Login(Site.Browser(), user.Email!);

        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        await gone.CancelAsync();
        foreach (var place in taken.Where(place => place.IsCompletedSuccessfully))
            (await place).Dispose();
    }

    [Fact]
    public async Task Makes_an_old_hash_as_strong_as_today()
    {
        var user = await AddUser();
        var weak = new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(user, Password);
        await Site.InDatabase(db => db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, weak)));

        await SignIn(user);

        (await Reload(user)).PasswordHash.ShouldNotBe(weak);
        await SignIn(user);
    }

    [Fact]
    public async Task Lets_nobody_in_whose_account_is_shut()
    {
        var user = await AddUser();
        await Site.InDatabase(db => db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.DisabledAt, Site.Clock.GetUtcNow())));

        (await Login(Site.Browser(), user.Email!)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Signs_out_by_a_form_only()
    {
        var browser = await SignIn(await AddUser());

        (await Page(browser, "/logout")).ShouldContain("Sign out?");
        (await Post(browser, "/logout")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Submit(browser, "/logout")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await IsSignedIn(browser)).ShouldBeFalse();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"[^\"]+\"|nonce=\"[^\"]+\"")]
    private static partial Regex Varying();

    public sealed class OnPostgres(PostgresSite site) : LoginTests(site);

    public sealed class OnSqlite(SqliteSite site) : LoginTests(site);
}
