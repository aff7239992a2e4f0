using System.Text.RegularExpressions;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// Which <c>client_id</c>s there are: those of registered clients, and addresses of documents (OAuth Client ID Metadata Document §3).
/// None of them can equal a user's <c>sub</c>, which is a UUID (RFC 9700 §4.15).
/// </summary>
internal static partial class ClientIds
{
    public const int Longest = 512;
    public const int RandomLength = 22;
    public const string Sentence = "The id must have 1 to 128 characters out of A–Z, a–z, 0–9, '.', '_', '~' and '-', and must not look like a UUID.";

    public static bool IsValid(string id) => Characters().IsMatch(id) && !Guid.TryParse(id, out _);

    /// <summary>Whether the id is an address whose document may describe the client: https with a path, and no fragment, user or dot segment in it.</summary>
    public static bool IsDocument(string id) =>
        id.Length <= Longest && id.StartsWith("https://", StringComparison.Ordinal) && RedirectUri.Objection(id, ClientKind.Web) is null && new Uri(id).AbsolutePath != "/";

    /// <summary>Who answers for a document: the host of its address, with the port where it is an unusual one.</summary>
    public static string HostOf(string documentId) => new Uri(documentId).Authority;

    [GeneratedRegex(@"^[A-Za-z0-9._~-]{1,128}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Characters();
}

/// <summary>Client secrets at rest, and which of one's own making are taken.</summary>
internal static class ClientSecretRules
{
    public const string Sentence = "A secret of your own must have 8 to 256 printable ASCII characters; leave it out to get a random one.";
    private const int HintLength = 4;

    public static bool IsGoodEnough(Secret secret) =>
        secret.Text.Length is >= 8 and <= 256 && secret.Text.All(character => character is >= ' ' and <= '~') && !string.IsNullOrWhiteSpace(secret.Text);

    public static ClientSecret Row(string clientId, Secret secret, DateTimeOffset now, DateTimeOffset? expiresAt, byte[]? kept = null) => new()
    {
        Id = Guid.CreateVersion7(now),
        ClientId = clientId,
        Hash = secret.Hash(),
        Sealed = kept,
        Hint = secret.Text.Length >= 5 * HintLength ? secret.Text[^HintLength..] : "", // of a short one it would tell too much
        CreatedAt = now,
        ExpiresAt = expiresAt,
    };
}
