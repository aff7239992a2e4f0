using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Redirect URIs: RFC 9700 §2.1, RFC 8252 §7, and what has been used against other servers.</summary>
public sealed class RedirectUriTests
{
    private const string Registered = "https://rp.test/cb";

    [Theory]
    [InlineData("https://app.example.com/callback")]
    [InlineData("https://app.example.com")]
    [InlineData("https://app.example.com:8443/cb?tenant=1")]
    [InlineData("https://xn--e1afmkfd.example/cb")]
    [InlineData("http://localhost:3000/cb")]
    [InlineData("http://127.0.0.1/cb")]
    [InlineData("http://[::1]:8080/cb")]
    public void Takes_what_a_web_app_may_have(string uri) => RedirectUri.Objection(uri, ClientKind.Web).ShouldBeNull();

    [Theory]
    [InlineData("com.example.app:/cb")]
    [InlineData("com.example.app://cb")]
    [InlineData("http://127.0.0.1/cb")]
    public void Takes_what_a_native_app_may_have(string uri) => RedirectUri.Objection(uri, ClientKind.Native).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("/cb")]
    [InlineData("//evil.test/cb")]
    [InlineData("rp.test/cb")]
    [InlineData("http://rp.test/cb")]
    [InlineData("http://127.0.0.1.evil.test/cb")]
    [InlineData("http://localhost.evil.test/cb")]
    [InlineData("https://rp.test/*")]
    [InlineData("https://*.rp.test/cb")]
    [InlineData("https://rp.test/cb#x")]
    [InlineData("https://rp.test/cb#")]
    [InlineData("https://user@rp.test/cb")]
    [InlineData("https://rp.test:pw@evil.test/cb")]
    [InlineData("https://rp.test\\@evil.test/cb")]
    [InlineData("https://rp.test%40evil.test/cb")]
    [InlineData("https://rp.test%2eevil.test/cb")]
    [InlineData("https://rp.test/cb/../x")]
    [InlineData("https://rp.test/cb/..%2f..%2fevil")]
    [InlineData("https://rp.test/cb%2f..%2fx")]
    [InlineData("https://rp.test/cb/%2e%2e/x")]
    [InlineData("https://rp.test/cb%252f..%252fevil")]
    [InlineData("https://rp.test/cb/..;/evil")]
    [InlineData("https://rp.test/cb/.;x/evil")]
    [InlineData("HTTPS://rp.test/cb")]
    [InlineData("https://RP.test/cb")]
    [InlineData("https://rp.test./cb")]
    [InlineData("https://аpp.test/cb")]
    [InlineData("https://rp。test/cb")]
    [InlineData("https://rp.test/c\u0301b")]
    [InlineData("https://rp.test/cb\t")]
    [InlineData("https://rp.test/c\r\nb")]
    [InlineData("https://rp.test/c\0b")]
    [InlineData(" https://rp.test/cb")]
    [InlineData("https://rp.test/cb ")]
    [InlineData("https:/rp.test/cb")]
    [InlineData("https:rp.test/cb")]
    [InlineData("https:///cb")]
    [InlineData("https://rp.test:0/cb")]
    [InlineData("https://rp.test:99999/cb")]
    [InlineData("javascript:alert(1)")]
    [InlineData("javascript://rp.test/%0aalert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("vbscript:msgbox(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("com.example.app:/cb")]
    public void Refuses_the_rest_at_registration(string uri) => RedirectUri.Objection(uri, ClientKind.Web).ShouldNotBeNull();

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("vbscript:msgbox(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("myapp:/cb")]
    [InlineData("myapp://cb")]
    public void Refuses_schemes_that_are_nobodys_for_native_apps_too(string uri) => RedirectUri.Objection(uri, ClientKind.Native).ShouldNotBeNull();

    [Fact]
    public void Refuses_16_KiB_at_registration_and_in_a_request()
    {
        var huge = Registered + new string('a', 16 * 1024);

        RedirectUri.Objection(huge, ClientKind.Web).ShouldNotBeNull();
        RedirectUri.Matches(Registered, huge).ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://rp.test/CB")]
    [InlineData("HTTPS://rp.test/cb")]
    [InlineData("https://RP.TEST/cb")]
    [InlineData("https://rp.test/cb/")]
    [InlineData("https://rp.test/cb;x")]
    [InlineData("https://rp.test/cb?x=1")]
    [InlineData("https://rp.test/cb#")]
    [InlineData("https://rp.test:443/cb")]
    [InlineData("https://rp.test./cb")]
    [InlineData("https://rp.test.evil.test/cb")]
    [InlineData("https://rpxtest/cb")]
    [InlineData("https://sub.rp.test/cb")]
    [InlineData("https://rp.test@evil.test/cb")]
    [InlineData("https://rp.test/cb/../cb")]
    [InlineData("https://rp.test/%63b")]
    [InlineData("https://rp.test/cb ")]
    [InlineData("https://rp.test/cb+")]
    [InlineData("https://rp.test/cb%20")]
    [InlineData("http://rp.test/cb")]
    [InlineData("//rp.test/cb")]
    [InlineData("")]
    public void Matches_character_by_character(string requested) => RedirectUri.Matches(Registered, requested).ShouldBeFalse();

    [Theory] // RFC 8252 §7.3
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true)]
    [InlineData("http://127.0.0.1:3000/cb", "http://127.0.0.1/cb", true)]
    [InlineData("http://[::1]/cb", "http://[::1]:51004/cb", true)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51004/other", false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:70000/cb", false)]
    [InlineData("http://127.0.0.1/cb", "http://[::1]/cb", false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.test/cb", false)]
    [InlineData("http://localhost/cb", "http://localhost:51004/cb", false)]
    [InlineData("https://rp.test/cb", "https://rp.test:51004/cb", false)]
    public void Lets_a_loopback_address_have_any_port(string registered, string requested, bool matches) =>
        RedirectUri.Matches(registered, requested).ShouldBe(matches);
}
