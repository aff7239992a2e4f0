using System.Net;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Account;

/// <summary>The person is told when somebody, perhaps not they, has changed what protects the account (T127).</summary>
public sealed class NoticeTests(SqliteSiteWithMail site) : PeopleTest(site), IClassFixture<SqliteSiteWithMail>
{
    [Fact]
    public async Task Of_a_changed_password_and_not_of_a_refused_change()
    {
        var user = await AddUser();
        var browser = await SignIn(user);
        await Submit(browser, "/account/password", ("Input.Current", "not the password"), ("Input.New", "amber lantern quiet river"));

        (await Submit(browser, "/account/password", ("Input.Current", Password), ("Input.New", "amber lantern quiet river"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        await ShouldBeTold(user, "Your password was changed", "/account/sessions");
    }

    [Fact]
    public async Task Of_replaced_recovery_codes_and_of_two_step_sign_in_turned_off()
    {
        var user = await AddUser();
        var browser = await SignIn(user);
        await Enrol(browser);

        (await Submit(browser, "/account/two-factor/recovery-codes")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeTold(user, "Your recovery codes were replaced", "/account/password");

        (await Submit(browser, "/account/two-factor/disable")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        await ShouldBeTold(user, "Two-step sign-in was turned off", "/account/two-factor");
    }

    [Fact]
    public async Task Of_two_step_sign_in_that_an_administrator_has_reset()
    {
        var user = await AddUser();
        await Enrol(await SignIn(user));
        var admin = await SignedIn(await AddUser(isAdmin: true));

        (await Submit(admin, $"/admin/users/{user.Id}/ResetTwoStep", ("Input.Reason", "lost the phone"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await ShouldBeTold(user, "Two-step sign-in was turned off", "/account/two-factor")).Text.ShouldContain("An administrator has reset");
    }

    [Fact]
    public async Task Of_one_thing_at_most_three_times_an_hour_and_still_of_another()
    {
        var user = await AddUser();
        var browser = await SignIn(user);
        await Enrol(browser);
        for (var i = 0; i < 5; i++)
            await Submit(browser, "/account/two-factor/recovery-codes");
        await Submit(browser, "/account/two-factor/disable");

        for (var i = 0; i < 3; i++)
            await ShouldBeTold(user, "Your recovery codes were replaced", "/account/password");
        await ShouldBeTold(user, "Two-step sign-in was turned off", "/account/two-factor");
    }

    private async Task<Letter> ShouldBeTold(User user, string subject, string path)
    {
        var letter = await Site.Mailbox!.Next();
        (letter.To, letter.Subject).ShouldBe((user.Email!, subject));
        letter.Text.ShouldContain($"\n{Tests.Site.Issuer}{path}\n");
        letter.Text.ShouldContain("If ");
        return letter;
    }
}
