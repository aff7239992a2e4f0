using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.UserInfo;

/// <summary>OpenID Connect Core §5.1 and §5.4: what a person says of themselves, and the scopes that let an app learn it.</summary>
public sealed class StandardClaimsTests(PostgresSite site) : FlowTest(site)
{
    private static readonly (string Name, string Value)[] Everything =
    [
        ("Input.Name", "Ada Lovelace"), ("Input.GivenName", "Ada"), ("Input.MiddleName", "King"), ("Input.FamilyName", "Lovelace"), ("Input.Nickname", "Countess"),
        ("Input.PreferredUsername", "ada"), ("Input.Profile", "https://ada.test/"), ("Input.Picture", "https://ada.test/a.png"), ("Input.Website", "https://ada.test/home"),
        ("Input.Gender", "female"), ("Input.Birthdate", "0000-12-10"), ("Input.Zoneinfo", "Europe/London"), ("Input.Locale", "en-GB"), ("Input.PhoneNumber", "+44 (20) 7946-0000"),
        ("Input.StreetAddress", "St James's Square\r\n12"), ("Input.Locality", "London"), ("Input.PostalCode", "SW1Y 4JH"), ("Input.Region", "England"), ("Input.Country", "United Kingdom"),
    ];

    [Fact]
    public async Task Each_scope_releases_its_claims_at_userinfo_with_the_types_of_the_specification()
    {
        var user = await AddUser("ada@example.test");
        (await Submit(await SignedIn(user), "/account/profile", Everything)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var (client, secret) = await AddClient(scopes: ["openid", "profile", "email", "address", "phone"]);

        var profile = await Claims(user, client, secret, "openid profile");
        string[] texts =
        [
            "name=Ada Lovelace", "given_name=Ada", "family_name=Lovelace", "middle_name=King", "nickname=Countess", "preferred_username=ada", "profile=https://ada.test/",
            "picture=https://ada.test/a.png", "website=https://ada.test/home", "gender=female", "birthdate=0000-12-10", "zoneinfo=Europe/London", "locale=en-GB",
        ];
        profile.EnumerateObject().Where(claim => claim.Name is not ("sub" or "updated_at")).Select(claim => $"{claim.Name}={claim.Value.GetString()}").ShouldBe(texts, ignoreOrder: true);
        profile.GetProperty("updated_at").GetInt64().ShouldBeInRange(Site.Clock.GetUtcNow().ToUnixTimeSeconds() - 60, Site.Clock.GetUtcNow().ToUnixTimeSeconds());

        var phone = await Claims(user, client, secret, "openid phone");
        Names(phone).ShouldBe(["phone_number", "phone_number_verified", "sub"], ignoreOrder: true);
        Text(phone, "phone_number").ShouldBe("+442079460000");
        phone.GetProperty("phone_number_verified").GetBoolean().ShouldBeFalse();

        var address = await Claims(user, client, secret, "openid address");
        Names(address).ShouldBe(["address", "sub"], ignoreOrder: true);
        var parts = address.GetProperty("address");
        Text(parts, "formatted").ShouldBe("St James's Square\n12\nSW1Y 4JH London\nEngland\nUnited Kingdom");
        Text(parts, "street_address").ShouldBe("St James's Square\n12");
        (Text(parts, "locality"), Text(parts, "region"), Text(parts, "postal_code"), Text(parts, "country")).ShouldBe(("London", "England", "SW1Y 4JH", "United Kingdom"));

        Names(await Claims(user, client, secret, "openid email")).ShouldBe(["email", "email_verified", "sub"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_id_token_has_none_of_them()
    {
        var user = await AddUser();
        await Submit(await SignedIn(user), "/account/profile", Everything);
        var (client, secret) = await AddClient(scopes: ["openid", "profile", "email", "address", "phone"]);

        var claims = Jwt(Text(await Tokens(user, client, secret), "id_token")).Claims.Select(claim => claim.Type);

        claims.Except(["iss", "sub", "aud", "exp", "iat", "sid", "nonce", "at_hash", "auth_time", "acr", "amr"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_person_does_not_say_is_left_out_and_can_be_taken_back()
    {
        var user = await AddUser("ada@example.test");
        var (client, secret) = await AddClient(scopes: ["openid", "profile", "email", "address", "phone"]);
        var token = Text(await Tokens(user, client, secret), "access_token");
        string[] bare = ["sub", "name", "updated_at", "email", "email_verified"];

        Names(await Json(await UserInfo(token))).ShouldBe(bare, ignoreOrder: true);
        await Submit(await SignedIn(user), "/account/profile", Everything);
        Names(await Json(await UserInfo(token))).ShouldContain("address");
        await Submit(await SignedIn(user), "/account/profile", ("Input.Name", "Ada"));
        Names(await Json(await UserInfo(token))).ShouldBe(bare, ignoreOrder: true);
    }

    [Fact]
    public async Task The_consent_page_says_in_words_that_the_app_will_know_them()
    {
        var (client, _) = await AddClient(scopes: ["openid", "address", "phone"]);
        var browser = await SignedIn(await AddUser());

        var page = await browser.GetStringAsync((await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location, Ct);

        page.ShouldContain("See your postal address");
        page.ShouldContain("See your phone number");
    }

    [Theory]
    [InlineData("Website", "http://ada.test")]
    [InlineData("Picture", "javascript:alert(1)")]
    [InlineData("Profile", "https://user@ada.test/")]
    [InlineData("Birthdate", "31.12.1990")]
    [InlineData("Birthdate", "1990-02-30")]
    [InlineData("Zoneinfo", "Middle/Earth")]
    [InlineData("Zoneinfo", "../../etc/passwd")]
    [InlineData("Locale", "english please")]
    [InlineData("PhoneNumber", "007")]
    [InlineData("PhoneNumber", "+44 call me")]
    [InlineData("Nickname", null)]
    [InlineData("StreetAddress", null)]
    public async Task The_page_says_what_is_not_right_and_keeps_the_rest(string field, string? value)
    {
        var user = await AddUser();
        var browser = await SignedIn(user);

        var answer = await Submit(browser, "/account/profile", ("Input.Name", "Grace"), ("Input.Gender", "typed before"), ($"Input.{field}", value ?? new string('x', 600)));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var page = await answer.Content.ReadAsStringAsync(Ct);
        page.ShouldContain("field-validation-error");
        page.ShouldContain("typed before");
        var kept = await Site.InDatabase(db => db.Users.SingleAsync(row => row.Id == user.Id, Ct));
        (kept.Name, kept.Profile).ShouldBe(("Ada Example", new PersonProfile()));
    }

    [Fact]
    public async Task What_cannot_be_seen_is_not_kept()
    {
        var user = await AddUser();

        await Submit(await SignedIn(user), "/account/profile", ("Input.Name", "Ada"), ("Input.Nickname", "  A\u202Eda\t B  "), ("Input.Locality", " \u200B "));

        var kept = await Site.InDatabase(db => db.Users.SingleAsync(row => row.Id == user.Id, Ct));
        kept.Profile.Nickname.ShouldBe("Ada B");
        kept.Profile.Address.ShouldBeNull();
    }

    private async Task<JsonElement> Claims(User user, Client client, string secret, string scope) =>
        await Json(await UserInfo(Text(await Tokens(user, client, secret, ("scope", scope)), "access_token")));

    private static string[] Names(JsonElement claims) => [.. claims.EnumerateObject().Select(claim => claim.Name)];
}
