using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Which ids may be addresses of documents: OAuth Client ID Metadata Document §3.</summary>
public sealed class ClientIdsTests
{
    [Theory]
    [InlineData("https://app.test/client.json", true)]
    [InlineData("https://app.test:8443/a/b?c=d", true)]
    [InlineData("https://app.test/", false)]
    [InlineData("https://app.test", false)]
    [InlineData("http://app.test/client.json", false)]
    [InlineData("https://app.test/client.json#x", false)]
    [InlineData("https://user@app.test/client.json", false)]
    [InlineData("https://app.test/a/../client.json", false)]
    [InlineData("https://app.test/a/./client.json", false)]
    [InlineData("https://app.test/a/%2e%2e/client.json", false)]
    [InlineData("https://app.test\\@evil.test/x", false)]
    [InlineData("https://0x7f.1/client.json", false)]
    [InlineData("https://APP.test/client.json", false)]
    [InlineData("https:///client.json", false)]
    public void Only_an_https_address_with_a_path_can_be_a_document(string id, bool isOne) => ClientIds.IsDocument(id).ShouldBe(isOne);
}
