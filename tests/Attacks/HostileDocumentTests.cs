using Microsoft.AspNetCore.Http;
using Signet.Tests.Features.ClientDocuments;

namespace Signet.Tests.Attacks;

/// <summary>What the owner of a web server tries who may describe apps there.</summary>
public sealed class HostileDocumentTests(DocumentSite site) : DocumentTest(site), IClassFixture<DocumentSite>
{
    [Theory] // half a character: no text, and no 500
    [InlineData("""{"client_id":"\ud800"}""")]
    [InlineData("""{"\ud800":1,"\udc00":2}""")]
    [InlineData("""{"client_id":"ID","client_name":"\ud800","redirect_uris":["https://app.test/cb"]}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.test/\ud800"]}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.test/cb"],"software_id":"\udc00"}""")]
    public async Task A_document_with_half_a_character_is_none(string document)
    {
        var path = $"/half/{Guid.NewGuid():N}";
        Outside.Answer(path, http =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(document.Replace("ID", Outside.Url(path), StringComparison.Ordinal));
        });

        await ShouldBeRefusedHere(Named(Outside.Url(path)), "no document about it could be read");
        await ShouldBeRefused(await Push(Named(Outside.Url(path)), null), "invalid_client", 401);
    }

    [Fact] // RFC 9700 §4.11.2
    public async Task A_document_leads_nobody_to_its_address_who_is_not_signed_in()
    {
        var app = Publish();

        var answer = await Site.Browser().GetAsync(AuthorizeUrl(app, ("scope", "admin")), Ct);

        answer.Headers.Location!.OriginalString.ShouldStartWith("/login?");
        (await Kept(app)).ShouldBeNull();
    }
}
