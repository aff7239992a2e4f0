using System.Net;
using System.Text.Json;
using Signet.Infrastructure.Data;
using Signet.Tests.Infrastructure.OAuth;

namespace Signet.Tests.Features.Discovery;

/// <summary>
/// The metadata is true: everything that it advertises works, and what the field knows and it does not advertise is refused. Every
/// member has a row here, so a new member means a new row.
/// </summary>
public sealed partial class MetadataTests(PostgresSite site) : AssertionTest(site)
{
    private static readonly (string Members, Func<MetadataTests, Task> Check)[] Rows =
    [
        ("issuer", test => test.The_issuer_is_the_address_of_the_document_and_nothing_more()),
        (Addresses, test => test.Every_address_answers()),
        ("response_types_supported", test => test.Response_types()),
        ("response_modes_supported", test => test.Response_modes()),
        ("code_challenge_methods_supported", test => test.Challenges()),
        ("prompt_values_supported", test => test.Prompts()),
        ("display_values_supported ui_locales_supported", test => test.Displays_and_languages()),
        ("authorization_response_iss_parameter_supported require_pushed_authorization_requests require_signed_request_object", test => test.A_plain_request_is_answered_with_who_answers()),
        ("request_parameter_supported request_object_signing_alg_values_supported", test => test.Signed_requests()),
        ("request_uri_parameter_supported require_request_uri_registration", test => test.What_reaches_out_or_is_switched_on()),
        ("protected_resources", test => test.Documents_of_APIs()),
        ("scopes_supported", test => test.Scopes_of_Signet_and_of_APIs()),
        ("authorization_details_types_supported", test => test.Details()),
        ("acr_values_supported", test => test.Assurances()),
        ("claims_supported claims_parameter_supported claim_types_supported", test => test.Claims_of_a_person()),
        ("subject_types_supported", test => test.Subject_types()),
        ("id_token_signing_alg_values_supported userinfo_signing_alg_values_supported introspection_signing_alg_values_supported authorization_signing_alg_values_supported", test => test.Signatures_of_answers()),
        ("id_token_encryption_alg_values_supported userinfo_encryption_alg_values_supported introspection_encryption_alg_values_supported authorization_encryption_alg_values_supported", test => test.Encryption_of_answers()),
        ("id_token_encryption_enc_values_supported userinfo_encryption_enc_values_supported introspection_encryption_enc_values_supported authorization_encryption_enc_values_supported", test => test.Encryption_with()),
        ("grant_types_supported", test => test.Grants()),
        ("token_endpoint_auth_methods_supported introspection_endpoint_auth_methods_supported revocation_endpoint_auth_methods_supported", test => test.Ways_of_authentication()),
        ("token_endpoint_auth_signing_alg_values_supported introspection_endpoint_auth_signing_alg_values_supported revocation_endpoint_auth_signing_alg_values_supported", test => test.Signatures_of_assertions()),
        ("dpop_signing_alg_values_supported", test => test.Signatures_of_proofs()),
        ("tls_client_certificate_bound_access_tokens", test => test.Tokens_of_a_certificate()),
        ("backchannel_token_delivery_modes_supported backchannel_user_code_parameter_supported", test => test.Delivery_modes()),
        ("backchannel_authentication_request_signing_alg_values_supported", test => test.Signatures_of_approval_requests()),
        ("backchannel_logout_supported backchannel_logout_session_supported frontchannel_logout_supported frontchannel_logout_session_supported", test => test.Signing_out()),
    ];

    private const string Url = "/api/v1/apps";

    /// <summary>What the field signs with (RFC 7518 §3.1, RFC 8037, RFC 8812), whether it is spoken here or not.</summary>
    private static readonly string[] Algorithms = ["ES256", "RS256", "PS256", "EdDSA", "HS256", "HS384", "HS512", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512", "ES256K", "Ed448", "none"];

    private JsonElement document;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Read();
    }

    public static TheoryData<string> Members => [.. Rows.Select(row => row.Members)];

    [Theory]
    [MemberData(nameof(Members))]
    public Task What_it_advertises_works_and_nothing_else_does(string members) => Rows.Single(row => row.Members == members).Check(this);

    [Fact]
    public async Task Every_member_is_checked_and_nothing_is_checked_that_is_not_there()
    {
        await AddApiWithDetails(); // a list that is empty is left out

        document.EnumerateObject().Select(member => member.Name).ShouldBe(Rows.SelectMany(row => row.Members.Split(' ')), ignoreOrder: true);
    }

    private async Task Read() => document = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

    private string[] Texts(string member) => [.. document.GetProperty(member).EnumerateArray().Select(text => text.GetString()!)];

    private bool Flag(string member) => document.GetProperty(member).GetBoolean();

    /// <summary>Goes through what the field knows: what is advertised works, and the rest is refused. An unknown value fails.</summary>
    private Task Walk(string member, string[] known, Func<string, Task> works, Func<string, Task> isRefused) => Walk([member], known, works, isRefused);

    /// <summary>The same for members that say the same.</summary>
    private async Task Walk(string[] members, string[] known, Func<string, Task> works, Func<string, Task> isRefused)
    {
        var listed = Texts(members[0]);
        listed.ShouldNotBeEmpty();
        listed.ShouldBeUnique();
        foreach (var member in members)
            Texts(member).ShouldBe(listed, member);
        listed.Except(known).ShouldBeEmpty();
        foreach (var value in known)
            await (listed.Contains(value) ? works(value) : isRefused(value));
    }

    private HttpClient? administrator;

    /// <summary>Registers an app over the API.</summary>
    private async Task<HttpResponseMessage> Register(string members)
    {
        administrator ??= await Program(await AddUser(isAdmin: true), "apps.write admin");
        return await administrator.PostAsync(Url, new StringContent($$"""{"client_name":"A","redirect_uris":["https://app.test/cb"],{{members}}}""", System.Text.Encoding.UTF8, "application/json"), Ct);
    }

    private async Task CanBeRegistered(string members)
    {
        var response = await Register(members);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Ct));
    }

    private async Task CannotBeRegistered(string member, string members)
    {
        var response = await Register(members);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, members);
        (await Json(response)).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(members);
    }

    /// <summary>Where the browser is sent with a request of the app's, for a person who is signed in and has nothing to decide.</summary>
    private async Task<string> Location(Client client, params (string Name, string? Value)[] changes) =>
        (await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, changes), Ct)).Headers.Location?.OriginalString ?? "";

    private Task<(Client Client, string Secret)> AddFirstParty(Func<ClientSettings, ClientSettings>? with = null, string[]? grants = null, string[]? scopes = null) =>
        AddClient(grants: grants, scopes: scopes, skipsConsent: true, change: client => client.Settings = with is null ? client.Settings : with(client.Settings));
}
