using Signet.Infrastructure.Jose;

namespace Signet.Features;

internal static partial class EditAppProtocol
{
    /// <summary>How a member of the settings is shown and read.</summary>
    internal enum Kind { Text, Lines, Number, Flag, Choice, Json }

    /// <param name="Member">The name on the wire, and of the form's field.</param>
    internal sealed record Field(string Member, string Label, Kind Kind, string Hint = "", params string[] Choices);

    internal sealed record Section(string Title, string About, params Field[] Fields);

    private const string Signing = "Empty for the default, RS256.";

    /// <summary>The profile that stands above all of them, and what each demands.</summary>
    internal static readonly Field Profile = new("security_profile", "Security profile", Kind.Choice, "Choosing one switches on what it demands, and keeps it on. Leaving one leaves on what it switched on.", "", "fapi_2_0_security", "fapi_2_0_message_signing");

    internal static readonly SecurityProfile[] Profiles = [SecurityProfile.OAuth21, SecurityProfile.Fapi2Security, SecurityProfile.Fapi2MessageSigning];

    /// <summary>Every other setting of an app, in the words of a person, in the order of the page.</summary>
    internal static readonly Section[] Sections =
    [
        new("Keys and authentication", "How the app proves itself without a shared secret, and what its tokens are bound to.",
            new("jwks_uri", "Address of its key set", Kind.Text, "https; for private_key_jwt and encryption. The keys may change there without telling anybody here."),
            new("jwks", "Its key set", Kind.Json, "A JSON object with the list keys, public halves alone; instead of the address."),
            new("token_endpoint_auth_signing_alg", "Assertions are signed by", Kind.Choice, "Empty for any of them.", [.. SigningAlgorithms.All, ClientSecretJwt.Algorithm]),
            new("tls_client_auth_subject_dn", "Certificate: subject", Kind.Text, "RFC 4514, for example CN=notes,O=Example. For tls_client_auth exactly one of these five."),
            new("tls_client_auth_san_dns", "Certificate: DNS name", Kind.Text),
            new("tls_client_auth_san_uri", "Certificate: URI", Kind.Text),
            new("tls_client_auth_san_ip", "Certificate: IP address", Kind.Text),
            new("tls_client_auth_san_email", "Certificate: e-mail address", Kind.Text),
            new("dpop_bound_access_tokens", "Access tokens are bound to a DPoP key, always", Kind.Flag, "A stolen token is worth nothing without the key (RFC 9449)."),
            new("tls_client_certificate_bound_access_tokens", "Access tokens are bound to the client certificate", Kind.Flag, "RFC 8705 section 3.")),
        new("Authorization requests", "What the app sends people here with.",
            new("response_types", "Response types", Kind.Lines, "One on each line: code, or code id_token. Empty for code alone."),
            new("response_modes", "Response modes", Kind.Lines, "One on each line, for example query or jwt; how answers may travel back. Empty for all."),
            new("require_pushed_authorization_requests", "Requests are pushed first, always", Kind.Flag, "RFC 9126: nobody can change a request on its way through the browser."),
            new("pkce_optional", "Requests may come without PKCE", Kind.Flag, "For an app with a secret or a key that cannot do it; a stolen code is then kept from it by the app's own checks alone."),
            new("require_signed_request_object", "Requests are signed, always", Kind.Flag, "RFC 9101."),
            new("request_object_signing_alg", "Requests are signed by", Kind.Choice, "Empty for any of them.", SigningAlgorithms.All),
            new("request_uris", "Addresses of request objects", Kind.Lines, "https, one on each line. No other address is fetched."),
            new("authorization_details_types", "Types of authorization details", Kind.Lines, "One on each line, as the APIs know them (RFC 9396)."),
            new("default_max_age", "Sign-in is at most this old, in seconds", Kind.Number),
            new("require_auth_time", "ID tokens always say when the person signed in", Kind.Flag),
            new("default_acr_values", "Wanted assurance", Kind.Lines, "aal1 is one step, aal2 two; used where a request names none.")),
        new("Answers", "How what the app gets is signed and encrypted.",
            new("id_token_signed_response_alg", "ID tokens are signed by", Kind.Choice, Signing, SigningAlgorithms.All),
            new("id_token_encrypted_response_alg", "ID tokens are encrypted by", Kind.Choice, "Empty for not at all.", Jwe.Algorithms),
            new("id_token_encrypted_response_enc", "… with", Kind.Choice, "", Jwe.A256Gcm),
            new("userinfo_signed_response_alg", "UserInfo is signed by", Kind.Choice, "Empty for plain JSON.", SigningAlgorithms.All),
            new("userinfo_encrypted_response_alg", "UserInfo is encrypted by", Kind.Choice, "Empty for not at all.", Jwe.Algorithms),
            new("userinfo_encrypted_response_enc", "… with", Kind.Choice, "", Jwe.A256Gcm),
            new("authorization_signed_response_alg", "Authorization responses (JARM) are signed by", Kind.Choice, Signing, SigningAlgorithms.All),
            new("authorization_encrypted_response_alg", "Authorization responses are encrypted by", Kind.Choice, "Empty for not at all.", Jwe.Algorithms),
            new("authorization_encrypted_response_enc", "… with", Kind.Choice, "", Jwe.A256Gcm),
            new("introspection_signed_response_alg", "Introspection is signed by", Kind.Choice, Signing + " Used where the app asks for a JWT (RFC 9701).", SigningAlgorithms.All),
            new("introspection_encrypted_response_alg", "Introspection is encrypted by", Kind.Choice, "Empty for not at all.", Jwe.Algorithms),
            new("introspection_encrypted_response_enc", "… with", Kind.Choice, "", Jwe.A256Gcm)),
        new("People's identity", "What the app knows people as.",
            new("subject_type", "Subject", Kind.Choice, "Public: everywhere the same. Pairwise: another for each sector, so that apps cannot compare.", "public", "pairwise"),
            new("sector_identifier_uri", "Sector identifier", Kind.Text, "https; a JSON list of all redirect URIs of the apps that share their subjects.")),
        new("Signing out", "Where the app hears that a person signed out.",
            new("backchannel_logout_uri", "Back-channel address", Kind.Text, "https; gets a signed logout token from this server."),
            new("backchannel_logout_session_required", "The logout token names the session", Kind.Flag),
            new("frontchannel_logout_uri", "Front-channel address", Kind.Text, "https; loaded in the person's browser."),
            new("frontchannel_logout_session_required", "The address gets iss and sid", Kind.Flag)),
        new("Approval elsewhere", "For apps that ask people without a browser (CIBA).",
            new("backchannel_token_delivery_mode", "The app learns of the decision", Kind.Choice, "Poll: it asks again and again. Ping: it is told at its address.", "poll", "ping"),
            new("backchannel_client_notification_endpoint", "Its address", Kind.Text, "https; for ping."),
            new("backchannel_authentication_request_signing_alg", "Its requests are signed by", Kind.Choice, "Empty for requests without a signature.", SigningAlgorithms.All)),
        new("Trust", "Whom the app may speak for; for administrators to say.",
            new("token_exchange", "Tokens it may exchange", Kind.Json, "A JSON list of rules: subject_client, audiences, allows_impersonation (RFC 8693)."),
            new("trusted_issuers", "Issuers whose assertions count", Kind.Json, "A JSON list: issuer, and jwks or jwks_uri (RFC 7523).")),
        new("About the app", "What is said of it, and to whom.",
            new("policy_uri", "Privacy policy", Kind.Text, "https; people find it where they decide."),
            new("tos_uri", "Terms of service", Kind.Text, "https; people find them where they decide."),
            new("logo_uri", "Logo", Kind.Text, "https; a PNG, JPEG, WebP or GIF picture. This server fetches it once the app is vouched for, and shows its own copy to people where they decide."),
            new("initiate_login_uri", "Address that begins a sign-in", Kind.Text, "https."),
            new("contacts", "Contacts", Kind.Lines, "E-mail addresses, one on each line."),
            new("software_id", "Software id", Kind.Text),
            new("software_version", "Software version", Kind.Text)),
    ];
}
