using Microsoft.Extensions.Configuration;
using Signet.Infrastructure.Identity;
using Signet.Infrastructure.Web;

namespace Signet.Tests.Infrastructure.Identity;

/// <summary>The settings of external providers.</summary>
public sealed class ExternalProvidersTests
{
    [Theory]
    [InlineData("Peer", "", "id", "secret", "'Peer' needs an Authority")]
    [InlineData("Peer", "https://peer.test", "", "secret", "each entry needs Name, ClientId and ClientSecret")]
    [InlineData("Peer", "https://peer.test", "id", "", "each entry needs Name, ClientId and ClientSecret")]
    [InlineData("", "https://peer.test", "id", "secret", "each entry needs Name, ClientId and ClientSecret")]
    [InlineData("Peer", "http://peer.test", "id", "secret", "must be an https address")]
    [InlineData("Peer", "ftp://localhost", "id", "secret", "must be an https address")]
    [InlineData("Peer", "https://peer.test/?tenant=1", "id", "secret", "must be an https address")]
    [InlineData("Peer", "peer.test", "id", "secret", "must be an https address")]
    [InlineData("Failed", "https://peer.test", "id", "secret", "'Failed' cannot be a Name")]
    [InlineData("同僚", "https://peer.test", "id", "secret", "'同僚' cannot be a Name")]
    [InlineData("google", "", "id", "secret", "two entries have the name 'google'")]
    public void Refuses_a_bad_setting(string name, string authority, string clientId, string clientSecret, string says)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ExternalProviders:0:Name"] = name,
            ["ExternalProviders:0:Authority"] = authority,
            ["ExternalProviders:0:ClientId"] = clientId,
            ["ExternalProviders:0:ClientSecret"] = clientSecret,
            ["ExternalProviders:1:Name"] = "Google",
            ["ExternalProviders:1:ClientId"] = "id",
            ["ExternalProviders:1:ClientSecret"] = "secret",
        }).Build();

        Should.Throw<InvalidSetting>(() => ExternalProviders.Read(configuration)).Message.ShouldContain(says);
    }
}
