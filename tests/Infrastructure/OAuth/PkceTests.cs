using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>RFC 7636.</summary>
public sealed class PkceTests
{
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    [Fact] // appendix B
    public void Makes_the_challenge_of_the_specification() => Pkce.Challenge(Verifier).ShouldBe(Challenge);

    [Theory]
    [InlineData(Verifier, true)]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK", false)]
    [InlineData(Challenge, false)] // S256 redeemed as plain
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Opens_with_its_own_verifier_alone(string? verifier, bool opens) => Pkce.Matches(verifier, Challenge).ShouldBe(opens);

    [Theory]
    [InlineData(42, false)]
    [InlineData(43, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Takes_verifiers_of_43_to_128_characters(int length, bool isOne) => Pkce.IsVerifier(new string('a', length)).ShouldBe(isOne);

    [Theory]
    [InlineData(Challenge, true)]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", false)]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", false)]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Takes_challenges_of_32_bytes(string? challenge, bool isOne) => Pkce.IsChallenge(challenge).ShouldBe(isOne);
}
