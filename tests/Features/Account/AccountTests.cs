using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Account;

/// <summary>What people see and change of their own accounts, and of nobody else's.</summary>
public abstract class AccountTests(Site site) : PeopleTest(site)
{
    [Theory]
    [InlineData("/account")]
    [InlineData("/account/profile")]
    [InlineData("/account/password")]
    [InlineData("/account/sessions")]
    [InlineData("/account/sessions/end")]
    [InlineData("/account/two-factor")]
    [InlineData("/account/two-factor/recovery-codes")]
    [InlineData("/account/two-factor/disable")]
    [InlineData("/login/confirm")]
    public async Task Is_shown_to_the_signed_in_only(string url)
    {
        (await Site.Browser().GetAsync(url, Ct)).Headers.Location!.ToString().ShouldStartWith("/login?returnUrl=");
        (await (await SignedIn(await AddUser())).GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Changes_the_name_of_nobody_but_who_is_signed_in()
    {
        var (one, other) = (await AddUser(), await AddUser());
        var browser = await SignIn(one);

        await Submit(browser, "/account/profile", ("Input.Name", "Grace"), ("Input.Id", other.Id.ToString()), ("Input.UserId", other.Id.ToString()), ("UserId", other.Id.ToString()));

        (await Reload(one)).Name.ShouldBe("Grace");
        (await Reload(other)).Name.ShouldBe("Ada Example");
    }

    [Fact]
    public async Task Shows_and_ends_sessions_at_once()
    {
        var user = await AddUser();
        var (here, second, third) = (await SignIn(user), await SignIn(user), await SignIn(user));
        (await Page(here, "/account/sessions")).ShouldContain("This one");
        var ids = await Site.InDatabase(db => db.Sessions.OrderBy(session => session.CreatedAt).Select(session => session.Id).ToArrayAsync(Ct));

        await Submit(here, "/account/sessions/end", ("Input.Id", ids[1].ToString()));
        (await IsSignedIn(second)).ShouldBeFalse();
        (await IsSignedIn(third)).ShouldBeTrue();
        await Submit(here, "/account/sessions/end");

        (await IsSignedIn(third)).ShouldBeFalse();
        (await IsSignedIn(here)).ShouldBeTrue();
    }

    [Fact]
    public async Task Ends_no_session_of_anybody_else()
    {
        var victim = await SignIn(await AddUser());
        var id = await Site.InDatabase(db => db.Sessions.Select(session => session.Id).SingleAsync(Ct));

        await Submit(await SignIn(await AddUser()), "/account/sessions/end", ("Input.Id", id.ToString()));

        (await IsSignedIn(victim)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_new_password_ends_other_sessions_and_every_grant()
    {
        var user = await AddUser();
        var (client, _) = await AddClient();
        var (here, elsewhere) = (await SignIn(user), await SignIn(user));
        await Site.InDatabase(async db =>
        {
            var now = Site.Clock.GetUtcNow();
            db.Add(new Grant
            {
                Id = Guid.CreateVersion7(),
                CodeHash = [1],
                ClientId = client.Id,
                UserId = user.Id,
                SessionId = await db.Sessions.OrderBy(session => session.CreatedAt).Select(session => session.Id).FirstAsync(Ct),
                IsOffline = true,
                Scopes = [],
                Audiences = [],
                AuthenticatedAt = now,
                Methods = [],
                Epoch = 0,
                CreatedAt = now,
                ExpiresAt = now.AddDays(1),
            });
            return await db.SaveChangesAsync(Ct);
        });

        var answer = await Submit(here, "/account/password", ("Input.Current", Password), ("Input.New", "another horse battery staple"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        CookieOf(answer, SessionCookie).ShouldNotBeNull();
        (await IsSignedIn(here)).ShouldBeTrue();
        (await IsSignedIn(elsewhere)).ShouldBeFalse();
        (await Site.InDatabase(db => db.Grants.SingleAsync(Ct))).RevokedAt.ShouldNotBeNull();
        (await Login(Site.Browser(), user.Email!)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Audited(user)).ShouldContain("password changed");
    }

    [Theory]
    [InlineData("not my password at all", "another horse battery staple", "This is not your current password.")]
    [InlineData(Password, "too short", "At least 12 characters")]
    [InlineData(Password, Password, "This is the password that you have.")]
    [InlineData(Password, "qwertyuiop123", "among the most common ones")]
    [InlineData(Password, "my name is Example", "Leave your name")]
    public async Task Refuses_a_password_change_that_is_not_good(string current, string chosen, string words)
    {
        var user = await AddUser();

        var answer = await Submit(await SignIn(user), "/account/password", ("Input.Current", current), ("Input.New", chosen));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain(words);
        (await Reload(user)).PasswordHash.ShouldBe(user.PasswordHash);
    }

    public sealed class OnPostgres(PostgresSite site) : AccountTests(site);

    public sealed class OnSqlite(SqliteSite site) : AccountTests(site);
}
