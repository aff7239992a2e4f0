using Microsoft.AspNetCore.Http;
using Signet.Pages;

namespace Signet.Tests.Pages;

/// <summary>What every page has around it.</summary>
public sealed class LayoutTests(SqliteSite site) : SliceTest(site)
{
    [Fact]
    public async Task Offers_sign_in_and_sign_up_to_a_stranger()
    {
        var page = await (await Site.Browser().GetAsync("/", Ct)).Content.ReadAsStringAsync(Ct);

        page.ShouldContain("href=\"/login\"");
        page.ShouldContain("href=\"/signup\"");
        page.ShouldNotContain("action=\"/logout\"");
    }

    [Fact]
    public async Task Names_who_is_signed_in_and_lets_them_out_by_a_protected_form()
    {
        var browser = await SignedIn(await AddUser("ada@example.test"));

        var page = await (await browser.GetAsync("/", Ct)).Content.ReadAsStringAsync(Ct);

        page.ShouldContain("ada@example.test");
        page.ShouldMatch("(?s)action=\"/logout\">.*__RequestVerificationToken.*Sign out");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Leads_to_administration_administrators_only(bool isAdmin)
    {
        var browser = await SignedIn(await AddUser(isAdmin: isAdmin));

        var page = await (await browser.GetAsync("/", Ct)).Content.ReadAsStringAsync(Ct);

        page.Contains("href=\"/admin\"", StringComparison.Ordinal).ShouldBe(isAdmin);
    }

    [Fact]
    public async Task Has_no_inline_style_and_no_inline_script()
    {
        var browser = await SignedIn(await AddUser(isAdmin: true));

        var page = await (await browser.GetAsync("/", Ct)).Content.ReadAsStringAsync(Ct);

        page.ShouldNotContain("style=\"");
        page.ShouldNotContain("<style");
        page.ShouldNotMatch("<script(?![^>]*src=)");
        page.ShouldNotMatch("\\son[a-z]+=\"");
    }

    [Theory]
    [InlineData("/account", "/account")]
    [InlineData("/account/tokens", "/account/tokens")]
    [InlineData("/account/tokens/new", "/account/tokens")]
    [InlineData("/account/password", "/account")]
    [InlineData("/admin/apps/notes", "/admin/apps")]
    [InlineData("/administrators", null)]
    public void Marks_the_tab_that_a_page_belongs_to(string path, string? tab) =>
        Navigation.Current(Navigation.Tabs(path), path)?.Path.ShouldBe(tab);

    [Fact]
    public void Pages_of_a_list_keep_the_search()
    {
        var request = new DefaultHttpContext().Request;
        request.Path = "/admin/users";
        request.QueryString = new QueryString("?q=ada%26b&page=2");

        Pager.Link(request, 3).ShouldBe("/admin/users?q=ada%26b&page=3");
    }
}
