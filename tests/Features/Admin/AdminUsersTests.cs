using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Admin;

/// <summary>What administrators do to people, and that nobody else does.</summary>
public abstract class AdminUsersTests(Site site) : SliceTest(site)
{
    private static readonly string[] Changes = ["Disable", "Enable", "ResetTwoStep", "EndSessions", "MakeAdmin", "UnmakeAdmin"];

    [Fact] // T126
    public async Task Opens_no_admin_page_to_anyone_else()
    {
        var target = await AddUser();
        var pages = Site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null).Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Where(url => url.StartsWith("/admin", StringComparison.Ordinal)).Distinct()
            .Select(url => url.Replace("{id:guid}", $"{target.Id}", StringComparison.Ordinal).Replace("{id}", $"{target.Id}", StringComparison.Ordinal).Replace("{change}", "Disable", StringComparison.Ordinal)).ToArray();
        pages.Length.ShouldBeGreaterThanOrEqualTo(5);
        var (stranger, person) = (Site.Browser(), await SignedIn(await AddUser()));

        foreach (var page in pages)
        {
            (page, (await stranger.GetAsync(page, Ct)).StatusCode).ShouldBe((page, HttpStatusCode.Redirect));
            (page, (await person.GetAsync(page, Ct)).StatusCode).ShouldBe((page, HttpStatusCode.Forbidden));
            (page, (await Post(person, page, ("Input.Reason", "because"))).StatusCode).ShouldBe((page, HttpStatusCode.Forbidden));
        }
    }

    [Fact] // T126
    public async Task Changes_nothing_for_someone_who_is_no_administrator()
    {
        var (target, person) = (await AddUser(), await SignedIn(await AddUser()));
        var token = AntiforgeryToken(await (await person.GetAsync("/account/tokens", Ct)).Content.ReadAsStringAsync(Ct) is { } page && page.Contains("__RequestVerificationToken", StringComparison.Ordinal)
            ? page : "name=\"__RequestVerificationToken\" type=\"hidden\" value=\"none\"");

        foreach (var change in Changes)
            (await Post(person, $"/admin/users/{target.Id}/{change}", ("__RequestVerificationToken", token), ("Input.Reason", "because"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        var now = await Read(target);
        (now.DisabledAt, now.TokenEpoch, now.SecurityStamp).ShouldBe((null, 0, target.SecurityStamp));
        (await Admins()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Disabling_ends_sessions_and_everything_issued_and_enabling_revives_nothing()
    {
        var (admin, target) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        var browser = await SignedIn(target);
        (await browser.GetAsync("/admin/users", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        (await Change(admin, target, "Disable")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await browser.GetAsync("/admin/users", Ct)).Headers.Location!.ToString().ShouldStartWith("/login");
        (await Change(admin, target, "Enable")).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await browser.GetAsync("/admin/users", Ct)).Headers.Location!.ToString().ShouldStartWith("/login");
        var now = await Read(target);
        (now.DisabledAt, now.TokenEpoch).ShouldBe((null, 1));
        (await Site.InDatabase(db => db.AuditEvents.Where(happened => happened.UserId == target.Id).OrderBy(happened => happened.At).Select(happened => happened.Action + "/" + happened.Reason).ToArrayAsync(Ct)))
            .ShouldBe(["user disabled/they asked", "user enabled/they asked"]);
    }

    [Fact]
    public async Task Asks_for_a_reason_where_something_is_taken_away()
    {
        var (admin, target) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());

        var answer = await Submit(admin, $"/admin/users/{target.Id}/Disable", ("Input.Reason", ""));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("Say why");
        (await Read(target)).DisabledAt.ShouldBeNull();
    }

    [Fact]
    public async Task Resetting_the_second_factor_forgets_app_and_codes_and_every_session()
    {
        var (admin, target) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        var browser = await SignedIn(target);
        await Site.InDatabase(async db =>
        {
            db.RecoveryCodes.Add(new RecoveryCode { Hash = new Secret("one").Hash(), UserId = target.Id, CreatedAt = Site.Clock.GetUtcNow() });
            await db.SaveChangesAsync(Ct);
            return await db.Users.Where(user => user.Id == target.Id).ExecuteUpdateAsync(set => set.SetProperty(user => user.TwoFactorEnabled, true).SetProperty(user => user.SealedTotpSecret, "sealed"), Ct);
        });

        (await Change(admin, target, "ResetTwoStep")).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var now = await Read(target);
        (now.TwoFactorEnabled, now.SealedTotpSecret).ShouldBe((false, null));
        now.SecurityStamp.ShouldNotBe(target.SecurityStamp);
        (await Site.InDatabase(db => db.RecoveryCodes.CountAsync(code => code.UserId == target.Id, Ct))).ShouldBe(0);
        (await browser.GetAsync("/admin/users", Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact] // T127
    public async Task Asks_again_who_it_is_before_a_change_from_an_old_sign_in()
    {
        var (admin, target) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        Site.Clock.Advance(TimeSpan.FromMinutes(11));

        var answer = await admin.GetAsync($"/admin/users/{target.Id}/ResetTwoStep", Ct);

        answer.Headers.Location!.ToString().ShouldStartWith("/login/confirm");
    }

    [Fact] // T127
    public async Task Never_loses_its_last_administrator()
    {
        var last = await AddUser(isAdmin: true);
        var admin = await SignedIn(last);

        (await Change(admin, last, "UnmakeAdmin")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Change(admin, last, "Disable")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await Admins()).ShouldBe([last.Id]);
    }

    [Theory] // T127
    [InlineData("UnmakeAdmin")]
    [InlineData("Disable")]
    public async Task Never_loses_its_last_administrator_to_a_race(string change)
    {
        for (var round = 0; round < 5; round++)
        {
            await Site.InDatabase(db => db.Set<IdentityUserRole<Guid>>().ExecuteDeleteAsync(Ct));
            var (one, other) = (await AddUser(isAdmin: true), await AddUser(isAdmin: true));
            var (browserOfOne, browserOfOther) = (await SignedIn(one), await SignedIn(other));
            var (token, otherToken) = (await Token(browserOfOne, other, change), await Token(browserOfOther, one, change));

            var answers = await Task.WhenAll(
                Post(browserOfOne, $"/admin/users/{other.Id}/{change}", ("__RequestVerificationToken", token), ("Input.Reason", "race")),
                Post(browserOfOther, $"/admin/users/{one.Id}/{change}", ("__RequestVerificationToken", otherToken), ("Input.Reason", "race")));

            answers.ShouldAllBe(answer => (int)answer.StatusCode < 500);
            (await Admins()).Length.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Adds_a_user_with_a_password_that_is_shown_once()
    {
        var admin = await SignedIn(await AddUser(isAdmin: true));

        var answer = await Submit(admin, "/admin/users/new", ("Input.Email", "grace@example.com"), ("Input.Name", "Grace"));

        var page = await answer.Content.ReadAsStringAsync(Ct);
        page.ShouldContain("<code class=\"secret\">");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await (await admin.GetAsync("/admin/users?q=GRACE", Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("grace@example.com");
        (await Submit(admin, "/admin/users/new", ("Input.Email", "Grace@example.com"))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Shows_one_person_and_the_audit_trail_and_advises_a_second_factor()
    {
        var (admin, target) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        await Change(admin, target, "EndSessions");

        var shown = await (await admin.GetAsync($"/admin/users/{target.Id}", Ct)).Content.ReadAsStringAsync(Ct);
        var trail = await (await admin.GetAsync($"/admin/audit?what=sessions&on={target.Id}", Ct)).Content.ReadAsStringAsync(Ct);

        shown.ShouldContain(target.Email!);
        shown.ShouldContain("Turn on two-step sign-in");
        trail.ShouldContain("sessions ended");
        trail.ShouldContain("they asked");
        (await (await admin.GetAsync("/admin/audit?what=nothing-like-it", Ct)).Content.ReadAsStringAsync(Ct)).ShouldNotContain("sessions ended");
        (await admin.GetAsync($"/admin/users/{Guid.NewGuid()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.GetAsync($"/admin/users/{target.Id}/Explode", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    internal static Task<HttpResponseMessage> Change(HttpClient admin, User target, string change) =>
        Submit(admin, $"/admin/users/{target.Id}/{change}", ("Input.Reason", "they asked"));

    internal static async Task<string> Token(HttpClient browser, User target, string change) =>
        AntiforgeryToken(await (await browser.GetAsync($"/admin/users/{target.Id}/{change}", Ct)).Content.ReadAsStringAsync(Ct));

    internal Task<User> Read(User user) => Site.InDatabase(db => db.Users.AsNoTracking().SingleAsync(known => known.Id == user.Id, Ct));

    private Task<Guid[]> Admins() => Site.InDatabase(db =>
        db.UserRoles.Where(role => db.Users.Any(user => user.Id == role.UserId && user.DisabledAt == null)).Select(role => role.UserId).ToArrayAsync(Ct));

    public sealed class OnPostgres(PostgresSite site) : AdminUsersTests(site);

    public sealed class OnSqlite(SqliteSite site) : AdminUsersTests(site);
}
