using System.Text.Json;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What somebody else vouches for about an app's software (RFC 7591 §2.3): a JWT of an issuer that the settings name. What it
/// says wins over what the app says of itself.
/// </summary>
internal sealed class SoftwareStatements(RemoteKeys keys, IOptions<SignetOptions> options, TimeProvider time)
{
    private const int Longest = 32 * 1024;
    private const string Member = "software_statement";
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private static readonly string[] NotMetadata = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", Member];

    public abstract record Outcome
    {
        /// <summary>The metadata as it counts, and the statement as it was sent.</summary>
        public sealed record Read(Dictionary<string, JsonElement> Metadata, string? Statement) : Outcome;
        public sealed record Refused(OAuthError Error) : Outcome;
    }

    private sealed record Subject(Jws Statement, string Issuer, DateTimeOffset Now);

    /// <summary>What a statement must say of itself, in order. Times and audience are for its issuer to choose (RFC 7591 §2.3).</summary>
    private static readonly Rule<Subject>[] Rules =
    [
        new("it is for this server", it => !it.Statement.Payload.TryGetProperty("aud", out _) || it.Statement.Audiences.Any(audience => audience == it.Issuer || audience == $"{it.Issuer}/oauth/register")
            ? null : Error("Its aud must have the issuer of this server, or be left out")),
        new("it has not expired", it => !it.Statement.Payload.TryGetProperty("exp", out _) || it.Statement.Time("exp") > it.Now ? null : Error("It has expired")),
        new("it has begun", it => it.Statement.HasBegun(it.Now + Skew) ? null : Error("Its nbf must be a time that has come")),
        new("it was made", it => !it.Statement.Payload.TryGetProperty("iat", out _) || it.Statement.Time("iat") <= it.Now + Skew ? null : Error("Its iat must be a time that has come")),
    ];

    public async ValueTask<Outcome> Read(JsonElement document, CancellationToken ct)
    {
        var plain = document.EnumerateObject().Where(member => member.Name != Member && member.Value.ValueKind != JsonValueKind.Null).ToDictionary(member => member.Name, member => member.Value);
        if (!document.TryGetProperty(Member, out var member) || member.ValueKind == JsonValueKind.Null)
        {
            return options.Value.Registration.RequireSoftwareStatement
                ? new Outcome.Refused(OAuthError.InvalidSoftwareStatement.Saying("A software statement of an issuer that this server trusts is needed (software_statement)."))
                : new Outcome.Read(plain, null);
        }

        if (member.ValueKind != JsonValueKind.String || Jws.Read(member.GetString(), Longest) is not { } jws)
            return Refuse("It is not a signed JWT");
        // Asked first: who sends rubbish shall not make us fetch anything.
        if (options.Value.Registration.SoftwareStatements.FirstOrDefault(issuer => issuer.Issuer == jws["iss"]) is not { } trusted)
            return new Outcome.Refused(OAuthError.UnapprovedSoftwareStatement);
        if (!SigningAlgorithms.All.Contains(jws.Algorithm))
            return Refuse($"Its alg must be one of {string.Join(", ", SigningAlgorithms.All)}");
        if (!(await keys.For(jws, trusted.Keys, trusted.JwksUri, ct)).Any(key => jws.IsSignedBy(key, SigningAlgorithms.All)))
            return Refuse("It is not signed with a key of its issuer");
        if (Rules.FirstObjection(new(jws, options.Value.Issuer, time.GetUtcNow())) is { } objection)
            return new Outcome.Refused(objection);
        foreach (var claim in jws.Payload.EnumerateObject().Where(claim => !NotMetadata.Contains(claim.Name) && claim.Value.ValueKind != JsonValueKind.Null))
            plain[claim.Name] = claim.Value;
        return new Outcome.Read(plain, member.GetString());
    }

    private static OAuthError Error(string sentence) => OAuthError.InvalidSoftwareStatement.Saying($"The software statement is not good: {sentence}.");

    private static Outcome.Refused Refuse(string sentence) => new(Error(sentence));
}
