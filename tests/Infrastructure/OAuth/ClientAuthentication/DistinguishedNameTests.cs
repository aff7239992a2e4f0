using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Subject names as text, RFC 4514.</summary>
public sealed class DistinguishedNameTests
{
    [Theory]
    [InlineData("CN=shop,O=Example,C=DE")]
    [InlineData("cn=shop, o=Example, c=DE")]
    [InlineData("2.5.4.3=shop,O=Example,C=DE")]
    [InlineData(@"CN=\73hop,O=Example,C=DE")]
    public void The_same_name_in_any_spelling_is_the_same(string name) => DistinguishedName.Parse(name)!.Is(Subject()).ShouldBeTrue();

    [Theory]
    [InlineData("CN=Shop,O=Example,C=DE")]
    [InlineData("C=DE,O=Example,CN=shop")]
    [InlineData("CN=shop,O=Example")]
    [InlineData("O=Example,C=DE")]
    [InlineData("CN=shop,O=Example,C=DE,DC=test")]
    [InlineData("OU=shop,O=Example,C=DE")]
    [InlineData(@"CN=shop\,O=Example,C=DE")]
    [InlineData(@"CN=shop\ ,O=Example,C=DE")]
    public void Another_name_is_another(string name) => DistinguishedName.Parse(name)!.Is(Subject()).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("shop")]
    [InlineData("CN=")]
    [InlineData("CN=shop,")]
    [InlineData("CN=shop,,C=DE")]
    [InlineData("=shop")]
    [InlineData("WHAT=shop")]
    [InlineData("CN=shop+OU=x,C=DE")]
    [InlineData("CN=#0401aa")]
    [InlineData("CN=\"shop\"")]
    [InlineData(@"CN=shop\")]
    [InlineData(@"CN=shop\q")]
    public void What_is_no_name_is_not_read(string text) => DistinguishedName.Parse(text).ShouldBeNull();

    [Fact] // §4
    public void Special_characters_are_escaped()
    {
        var subject = Name(("2.5.4.3", "James \"Jim\" Smith, III", UniversalTagNumber.UTF8String), ("2.5.4.10", "Grün+Söhne ", UniversalTagNumber.UTF8String));

        DistinguishedName.Parse(@"O=Gr\C3\BCn\+Söhne\ ,CN=James \""Jim\"" Smith\, III")!.Is(subject).ShouldBeTrue();
    }

    [Theory] // whatever it is, reading it ends in a name or in nothing
    [InlineData("CN=\ud800,C=DE")]
    [InlineData("CN=a\0b")]
    [InlineData("CN=\\ff\\fe")]
    public void Odd_text_is_no_accident(string text) => DistinguishedName.Parse(text)?.Is(Subject()).ShouldBeFalse();

    // As authorities write it: the least specific part first, and each part in another type of string.
    private static X500DistinguishedName Subject() =>
        Name(("2.5.4.6", "DE", UniversalTagNumber.PrintableString), ("2.5.4.10", "Example", UniversalTagNumber.PrintableString), ("2.5.4.3", "shop", UniversalTagNumber.UTF8String));

    private static X500DistinguishedName Name(params (string Type, string Value, UniversalTagNumber Kind)[] parts)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            foreach (var (type, value, kind) in parts)
            {
                using (der.PushSetOf())
                using (der.PushSequence())
                {
                    der.WriteObjectIdentifier(type);
                    der.WriteCharacterString(kind, value);
                }
            }
        }

        return new X500DistinguishedName(der.Encode());
    }
}
