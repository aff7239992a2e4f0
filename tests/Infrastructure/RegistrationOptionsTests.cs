using Signet.Infrastructure;

namespace Signet.Tests.Infrastructure;

/// <summary>What may be set about apps that register themselves, and what a bad value is told.</summary>
public sealed class RegistrationOptionsTests
{
    [Fact]
    public void Have_nothing_wrong_by_themselves() => new RegistrationOptions().Objections().ShouldBeEmpty();

    [Fact]
    public void Name_the_setting_that_is_wrong()
    {
        var key = new AppKey().Jwks.GetRawText();
        (RegistrationOptions Options, string Sentence)[] wrong =
        [
            (new() { MostUnusedApps = -1 }, "Signet:Registration:MostUnusedApps is -1"),
            (new() { UnusedAppsKeptFor = TimeSpan.Zero }, "Signet:Registration:UnusedAppsKeptFor is 00:00:00"),
            (new() { RequireSoftwareStatement = true }, "names no issuer"),
            (new() { SoftwareStatements = [new() { Jwks = key }] }, "Signet:Registration:SoftwareStatements:0 needs Issuer"),
            (new() { SoftwareStatements = [new() { Issuer = "a" }] }, "needs Issuer, and Jwks or JwksUri"),
            (new() { SoftwareStatements = [new() { Issuer = "a", Jwks = key, JwksUri = "https://vouch.test/jwks" }] }, "needs Issuer, and Jwks or JwksUri"),
            (new() { SoftwareStatements = [new() { Issuer = "a", JwksUri = "http://vouch.test/jwks" }] }, "must be an https address"),
            (new() { SoftwareStatements = [new() { Issuer = "a", Jwks = "{" }] }, "Jwks is not JSON"),
            (new() { SoftwareStatements = [new() { Issuer = "a", Jwks = """{"keys":[]}""" }] }, "must have 1 to 20 keys"),
        ];

        foreach (var (options, sentence) in wrong)
            options.Objections().ShouldContain(objection => objection.Contains(sentence, StringComparison.Ordinal), sentence);
    }
}
