using Signet.Tests.Features.RegisterClient;

namespace Signet.Tests.Attacks;

/// <summary>What strangers try who may register apps: to be led to, to fill the database, to make Signet ask others, and to be more than they are.</summary>
public sealed class SelfRegisteredTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    [Theory] // half a character: no text, and no 500
    [InlineData("""{"iss":"\ud800"}""")]
    [InlineData("""{"iss":"https://vouch.test","client_name":"\ud800"}""")]
    [InlineData("""{"iss":"https://vouch.test","\ud800":1,"\udc00":2}""")]
    public async Task A_software_statement_with_half_a_character_is_none(string payload) =>
        await ShouldBeRefused(await Register(new { redirect_uris = Callback, software_statement = Open.Voucher.SignText(payload) }), "invalid_software_statement");
}
