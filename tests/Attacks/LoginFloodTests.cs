using System.Net;
using System.Text.RegularExpressions;
using System.Threading.RateLimiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Identity;

namespace Signet.Tests.Attacks;

/// <summary>Floods of passwords: bounded for all, fair between addresses, and nothing to the apps.</summary>
public sealed partial class LoginFloodTests(PostgresSite site) : PeopleTest(site)
{
    [Fact] // T139
    public async Task While_there_is_no_room_every_door_says_when_to_come_back_and_tokens_are_issued_as_ever()
    {
        var user = await AddUser();
        var (client, secret) = await AddClient();
        var inside = await SignedIn(user);
        (string Url, (string, string)[] Fields)[] doors =
        [
            ("/login", [("Input.Email", user.Email!), ("Input.Password", Password)]),
            ("/login", [("Input.Email", "nobody@example.test"), ("Input.Password", Password)]),
            ("/signup", [("Input.Name", "Eve"), ("Input.Email", "eve@example.test"), ("Input.Password", "seven quiet lanterns drift")]),
            ("/login/confirm", [("Input.Password", Password)]),
            ("/account/password", [("Input.Current", Password), ("Input.New", "seven quiet lanterns drift")]),
        ];
        await using var flood = new Flood(Site, Enumerable.Range(0, 64).Select(i => $"198.51.100.{i}"));
        using var hashes = new HashCounter();

        foreach (var (url, fields) in doors)
        {
            var answer = await Submit(url.StartsWith("/login/", StringComparison.Ordinal) || url.StartsWith("/account", StringComparison.Ordinal) ? inside : Site.Browser(), url, fields);
            (url, answer.StatusCode, answer.Headers.RetryAfter?.Delta).ShouldBe((url, HttpStatusCode.TooManyRequests, HashingRoom.ComeBackAfter));
        }

        for (var i = 0; i < 20; i++)
            (await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PostAs(Site.Browser(), client.Id, "guess", "/oauth/token", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        hashes.All.ShouldBe(0);
        (await Reload(user)).AccessFailedCount.ShouldBe(0);
    }

    [Fact] // T139
    public async Task The_flood_of_one_address_leaves_room_for_everybody_else()
    {
        var user = await AddUser();
        var room = Site.Services.GetRequiredService<HashingRoom>();
        await using (var flood = new Flood(Site, Enumerable.Repeat("198.51.100.7", 200)))
        {
            (await Login(Site.BrowserAt("198.51.100.7"), user.Email!)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

            var others = Enumerable.Range(1, 7).Select(i => room.Enter(new IPAddress([203, 0, 113, (byte)i]), Ct).AsTask()).ToArray();
            others.Where(other => other.IsCompletedSuccessfully).ShouldAllBe(other => other.Result.IsAcquired); // the rest waits, and was not turned away
            flood.LetGo();
            foreach (var other in others)
            {
                using var place = await other;
                place.IsAcquired.ShouldBeTrue();
            }
        }

        (await Login(Site.BrowserAt("198.51.100.7"), user.Email!)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact] // T139
    public async Task The_many_addresses_of_one_IPv6_subscriber_count_as_one()
    {
        await using var flood = new Flood(Site, Enumerable.Range(1, 200).Select(i => $"2001:db8:0:1::{i:x}"));

        var (same, other) = (Site.BrowserAt("2001:db8:0:1:ffff::1"), IPAddress.Parse("2001:db8:0:2::1"));

        (await Login(same, "nobody@example.test")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var place = Site.Services.GetRequiredService<HashingRoom>().Enter(other, Ct).AsTask();
        flood.LetGo();
        using var entered = await place;
        entered.IsAcquired.ShouldBeTrue();
    }

    [Fact] // T139
    public async Task Someone_elsewhere_signs_in_while_forty_guesses_at_once_come_from_one_address()
    {
        var user = await AddUser();
        var (flooder, person) = (Site.BrowserAt("198.51.100.7"), Site.BrowserAt("203.0.113.5"));
        var token = AntiforgeryToken(await Page(flooder, "/login"));
        var own = AntiforgeryToken(await Page(person, "/login"));

        var flood = Many(40, i => Post(flooder, "/login", ("__RequestVerificationToken", token), ("Input.Email", $"nobody{i}@example.test"), ("Input.Password", "a wrong guess")));
        var answer = await Post(person, "/login", ("__RequestVerificationToken", own), ("Input.Email", user.Email!), ("Input.Password", Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await flood).Select(refused => (int)refused.StatusCode).ShouldAllBe(status => status == 422 || status == 429);
    }

    [Theory] // T103
    [InlineData("not the right password")]
    [InlineData("")]
    public async Task A_refused_sign_in_is_one_answer_and_one_hash_whoever_it_is_for(string password)
    {
        var (known, locked, shut, provided) = (await AddUser(), await AddUser(), await AddUser(), await AddUser());
        await Site.InDatabase(db => db.Users.Where(u => u.Id == locked.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.LockoutEnd, Site.Clock.GetUtcNow().AddMinutes(5)), Ct));
        await Site.InDatabase(db => db.Users.Where(u => u.Id == shut.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.DisabledAt, Site.Clock.GetUtcNow()), Ct));
        await Site.InDatabase(db => db.Users.Where(u => u.Id == provided.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, (string?)null), Ct));
        (string Email, string Password)[] refused =
            [(known.Email!, password), ("nobody@example.test", password), (locked.Email!, Password), (locked.Email!, password), (shut.Email!, Password), (shut.Email!, password), (provided.Email!, password)];

        var answers = new List<(HttpStatusCode, string, string)>();
        foreach (var (email, tried) in refused)
        {
            using var hashes = new HashCounter();
            var answer = await Login(Site.Browser(), email, tried.Length == 0 ? "x" : tried);
            hashes.All.ShouldBe(1, email);
            answers.Add((answer.StatusCode, string.Join(',', answer.Headers.Select(header => header.Key).Order()), Varying().Replace(await answer.Content.ReadAsStringAsync(Ct), "").Replace(email, "")));
        }

        answers.Distinct().ShouldHaveSingleItem().Item3.ShouldContain("Wrong e-mail address or password.");
    }

    [Fact] // T138, T144
    public async Task Huge_and_evil_text_costs_no_hash_at_any_door()
    {
        var user = await AddUser();
        var (inside, huge) = (await SignedIn(user), new string('x', 60_000));
        string[] addresses = [new string('a', 50_000), $"{new string('a', 50_000)}@", $"{string.Concat(Enumerable.Repeat("a.", 25_000))}@{string.Concat(Enumerable.Repeat("b.", 1000))}", $"\"{new string('\\', 15_000)}\"@x"];
        using var hashes = new HashCounter();

        (await Submit(inside, "/login/confirm", ("Input.Password", huge))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Submit(inside, "/account/password", ("Input.Current", huge), ("Input.New", "seven quiet lanterns drift"))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Submit(inside, "/account/password", ("Input.Current", Password), ("Input.New", huge))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        foreach (var address in addresses)
        {
            (await Submit(Site.Browser(), "/signup", ("Input.Name", huge), ("Input.Email", address), ("Input.Password", Password))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
            (await Login(Site.Browser(), address)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        }

        hashes.All.ShouldBe(0);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"[^\"]+\"|nonce=\"[^\"]+\"")]
    private static partial Regex Varying();

    /// <summary>Requests that have taken every place and every wait they could get.</summary>
    private sealed class Flood : IAsyncDisposable
    {
        private readonly CancellationTokenSource gone = new();
        private readonly Task<RateLimitLease>[] places;

        public Flood(Site site, IEnumerable<string> addresses)
        {
            var room = site.Services.GetRequiredService<HashingRoom>();
            places = [.. addresses.Select(address => room.Enter(IPAddress.Parse(address), gone.Token).AsTask())];
            places.Count(place => place.IsCompletedSuccessfully && !place.Result.IsAcquired).ShouldBeGreaterThan(0);
        }

        /// <summary>Those who wait hang up, those who are inside leave.</summary>
        public void LetGo()
        {
            gone.Cancel();
            foreach (var place in places.Where(place => place.IsCompletedSuccessfully))
                place.Result.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            LetGo();
            gone.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
