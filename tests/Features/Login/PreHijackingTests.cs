using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Signet.Tests.Peers;

namespace Signet.Tests.Features.Login;

/// <summary>Somebody makes an account with another person's address and waits in it for that person to come from a provider.</summary>
public sealed partial class PreHijackingTests(PeerSite site) : PeerTest(site), IClassFixture<PeerSite>
{
    private const string Email = "grace@example.test";
    private const string Refusal = "If you never made it, somebody else did with your address";

    [Fact]
    public async Task An_account_that_was_signed_up_for_without_a_mail_is_never_merged_with_its_addressees_login()
    {
        var mallory = Site.Browser();
        await Submit(mallory, "/signup", ("Input.Name", "Grace"), ("Input.Email", Email), ("Input.Password", Password));
        await Peer.AddAccount("grace", Email);
        var grace = Site.Browser();

        (await (await ComeFromPeer(grace, "grace")).Content.ReadAsStringAsync(Ct)).ShouldContain(Refusal);

        (await IsSignedIn(grace)).ShouldBeFalse();
        (await IsSignedIn(mallory)).ShouldBeTrue();
        (await Logins()).ShouldBeEmpty();
        (await Site.InDatabase(db => db.Users.SingleAsync(Ct))).EmailConfirmed.ShouldBeFalse();
    }

    [Fact]
    public async Task Nor_one_to_which_the_squatter_has_linked_a_login_of_their_own()
    {
        await AddUser(Email, isConfirmed: false, subject: "mallory");
        await Peer.AddAccount("mallory", "mallory@example.test");
        await Peer.AddAccount("grace", Email);

        (await (await ComeFromPeer(Site.Browser(), "grace")).Content.ReadAsStringAsync(Ct)).ShouldContain(Refusal);
        await ComeFromPeer(Site.Browser(), "mallory");

        (await Logins()).ShouldBe(["peer:mallory"]);
        (await Site.InDatabase(db => db.Users.SingleAsync(Ct))).EmailConfirmed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_sign_up_that_waits_for_its_mail_gives_nobody_the_account_that_the_addressee_makes_meanwhile()
    {
        await using var mailbox = new Mailbox();
        await using var mailing = Mailing(mailbox);
        await Submit(BrowserOf(mailing), "/signup", ("Input.Email", Email), ("Input.Name", "Mallory"), ("Input.Password", Password));
        var link = Link().Match((await mailbox.Next()).Text).Value;
        await Peer.AddAccount("grace", Email);
        var grace = BrowserOf(mailing);

        await ComeFromPeer(grace, "grace");

        (await IsSignedIn(grace)).ShouldBeTrue();
        (await Page(BrowserOf(mailing), link)).ShouldContain("There is an account with the address");
        (await Site.InDatabase(db => db.Users.SingleAsync(Ct))).PasswordHash.ShouldBeNull();
    }

    [Fact]
    public async Task An_account_whose_address_a_mail_confirmed_is_its_addressees_and_is_linked()
    {
        await using var mailbox = new Mailbox();
        await using var mailing = Mailing(mailbox);
        await Submit(BrowserOf(mailing), "/signup", ("Input.Email", Email));
        var link = Link().Match((await mailbox.Next()).Text).Value;
        await Submit(BrowserOf(mailing), link, ("Input.Code", link.Split('=')[1]), ("Input.Name", "Grace"), ("Input.Password", Password));
        await Peer.AddAccount("grace", Email);
        var browser = BrowserOf(mailing);

        await ComeFromPeer(browser, "grace");

        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Users()).ShouldBe(1);
        (await Logins()).ShouldBe(["peer:grace"]);
    }

    private Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactory<Program> Mailing(Mailbox mailbox) => Site.WithWebHostBuilder(builder =>
    {
        builder.SendMailTo(mailbox);
        builder.UseSetting("Signet:Jobs:Workers", "1");
    });

    [GeneratedRegex(@"https://\S+/signup/confirm\?code=\S+")]
    private static partial Regex Link();
}
