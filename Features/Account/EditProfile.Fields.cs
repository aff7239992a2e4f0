namespace Signet.Features;

internal static partial class EditProfile
{
    /// <param name="Name">The property of the request.</param>
    internal sealed record Field(string Name, string Label, Func<Request, string?> Value, int Longest, string Autocomplete, string Hint = "")
    {
        public bool HasLines { get; init; }
    }

    internal sealed record Section(string Title, string About, params Field[] Fields);

    private const int LongestAddress = 500;
    private const int LongestText = 64;

    /// <summary>Everything that a person may leave empty, in the order of the page.</summary>
    internal static readonly Section[] Sections =
    [
        new("About you", "For apps that you allow to see your profile.",
            new("GivenName", "First name", it => it.GivenName, LongestText, "given-name"),
            new("MiddleName", "Middle name", it => it.MiddleName, LongestText, "additional-name"),
            new("FamilyName", "Last name", it => it.FamilyName, LongestText, "family-name"),
            new("Nickname", "Nickname", it => it.Nickname, LongestText, "nickname"),
            new("PreferredUsername", "Preferred user name", it => it.PreferredUsername, LongestText, "off", "What you would like to be called in an app. You sign in with your e-mail address all the same."),
            new("Profile", "Profile page", it => it.Profile, LongestAddress, "off", "https."),
            new("Picture", "Picture", it => it.Picture, LongestAddress, "photo", "The https address of an image."),
            new("Website", "Website", it => it.Website, LongestAddress, "url", "https."),
            new("Gender", "Gender", it => it.Gender, LongestText, "sex", "In your own words."),
            new("Birthdate", "Birthday", it => it.Birthdate, LongestText, "bday", "Such as 1990-12-31, 0000-12-31 without the year, or 1990."),
            new("Zoneinfo", "Time zone", it => it.Zoneinfo, LongestText, "off", "Such as Europe/Paris."),
            new("Locale", "Language", it => it.Locale, LongestText, "language", "Such as en or pt-BR.")),
        new("Phone", "For apps that you allow to see your phone number.",
            new Field("PhoneNumber", "Phone number", it => it.PhoneNumber, LongestText, "tel", "With the country: +33 1 23 45 67 89.")),
        new("Address", "For apps that you allow to see your postal address.",
            new("StreetAddress", "Street", it => it.StreetAddress, 4 * LongestText, "street-address") { HasLines = true },
            new("PostalCode", "Postal code", it => it.PostalCode, LongestText, "postal-code"),
            new("Locality", "City", it => it.Locality, LongestText, "address-level2"),
            new("Region", "Region", it => it.Region, LongestText, "address-level1"),
            new("Country", "Country", it => it.Country, LongestText, "country-name")),
    ];

    private static IEnumerable<Field> Fields => Sections.SelectMany(section => section.Fields);
}
