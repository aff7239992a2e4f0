using System.Net;
using Signet.Infrastructure.Data;
using Signet.Tests.Features.RegisterClient;

namespace Signet.Tests.Attacks;

/// <summary>An app that wants to learn what people are called in the sector of another one (OpenID Connect Core §8.1).</summary>
public sealed class OthersSectorTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    private const string Others = "https://app.test/cb", Mine = "https://mine.test/cb", Scheme = "com.example.mine://app.test/cb";
    private static readonly string[] Grants = ["authorization_code", "refresh_token"];

    [Fact]
    public async Task Tokens_of_before_do_not_bring_the_subjects_of_a_sector_that_the_app_moves_to()
    {
        var user = await AddUser();
        var theirs = await SubjectAtOthers(user);
        var made = await Registered(new { redirect_uris = new[] { Mine }, grant_types = Grants, subject_type = "pairwise", token_endpoint_auth_method = "none" });
        var app = await Stored(made);
        var tokens = await Tokens(user, app, null, ("scope", "openid offline_access"));
        Jwt(Text(tokens, "id_token")).Subject.ShouldNotBe(theirs);

        (await Manage(made, HttpMethod.Put, new { client_id = app.Id, redirect_uris = new[] { Others }, grant_types = Grants, subject_type = "pairwise", token_endpoint_auth_method = "none" })).StatusCode.ShouldBe(HttpStatusCode.OK);

        await ShouldBeRefused(await Refresh(app, null, Text(tokens, "refresh_token")), "invalid_grant");
        (await UserInfo(Text(tokens, "access_token"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task What_stands_for_a_host_in_a_scheme_of_the_apps_own_is_no_sector()
    {
        var user = await AddUser();
        var theirs = await SubjectAtOthers(user);
        var app = await Stored(await Registered(new { redirect_uris = new[] { Scheme }, subject_type = "pairwise", application_type = "native", token_endpoint_auth_method = "none" }));

        Jwt(Text(await Tokens(user, app, null, ("scope", "openid")), "id_token")).Subject.ShouldNotBe(theirs);

        await ShouldBeRefused(await Register(new { redirect_uris = new[] { Others, Scheme }, subject_type = "pairwise", application_type = "native", token_endpoint_auth_method = "none" }), "invalid_client_metadata");
    }

    [Fact]
    public async Task A_device_is_in_no_sector_of_an_address_that_it_never_comes_back_to()
    {
        string[] both = [.. Grants, "urn:ietf:params:oauth:grant-type:device_code"];

        await ShouldBeRefused(await Register(new { redirect_uris = new[] { Others }, grant_types = both, subject_type = "pairwise", token_endpoint_auth_method = "none" }), "invalid_client_metadata");
        await Registered(new { grant_types = both[2..], subject_type = "pairwise", token_endpoint_auth_method = "none" });
        await Registered(new { redirect_uris = new[] { Others }, grant_types = both, token_endpoint_auth_method = "none" });
    }

    private async Task<string> SubjectAtOthers(User user)
    {
        var (client, secret) = await AddClient(redirectUris: [Others], change: client => client.Settings = new() { SubjectType = "pairwise" });
        return Jwt(Text(await Tokens(user, client, secret, ("scope", "openid")), "id_token")).Subject;
    }
}
