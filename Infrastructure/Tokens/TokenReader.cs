using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Tokens;

/// <summary>An access token or personal token that is good right now.</summary>
internal sealed record LiveToken
{
    /// <summary>The <c>jti</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The row, for opaque and personal tokens; null for a JWT.</summary>
    public Guid? RowId { get; init; }
    public bool IsPersonal { get; init; }
    public string? ClientId { get; init; }
    public Guid? UserId { get; init; }
    /// <summary>The user's e-mail address, as of now.</summary>
    public string? UserEmail { get; init; }
    public Guid? GrantId { get; init; }
    public Guid? SessionId { get; init; }
    public required string[] Scopes { get; init; }
    public required string[] Audiences { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? AuthenticatedAt { get; init; }
    public string[] Methods { get; init; } = [];
    public required long Epoch { get; init; }

    /// <summary>The <c>sub</c>, as the token's client knows it.</summary>
    public required string Subject { get; init; }

    /// <summary>Whose key must come along; null for a bearer token.</summary>
    public Confirmation? Confirmation { get; init; }

    /// <summary>The <c>authorization_details</c> (RFC 9396), as JSON.</summary>
    public string? Details { get; init; }

    /// <summary>Who acts for the subject (<c>act</c>), as JSON.</summary>
    public string? Actor { get; init; }

    /// <summary>The <c>jti</c> of every token that it was exchanged from: it ends with each.</summary>
    public string[] ExchangedFrom { get; init; } = [];

    /// <summary>What a token says that is exchanged from this one.</summary>
    public string[] WithItsLineage => [.. ExchangedFrom, Id];

    /// <summary>The app that the token speaks for; null where a person is behind it.</summary>
    public string? SubjectClient => UserId is null && GrantId is null ? Subject : null;

    /// <summary>The apps that the token goes back to, beside the one that holds it (RFC 8693 §4.1): it ends with each.</summary>
    public string[] Lineage => Tokens.Lineage.Of(ClientId, SubjectClient, Actor);
}

/// <summary>Reads access tokens of every kind and says whether they are good now: signature, type, issuer, time, and <see cref="Standing"/> in the database.</summary>
internal sealed partial class TokenReader(
    AppDbContext db, KeyRing keys, Standings standings, ClientDirectory directory, Subjects subjects, LastUse lastUse, IOptions<SignetOptions> options, TimeProvider time, ILogger<TokenReader> log)
{
    private const int Longest = 8 * 1024;
    private const int LongestWithDetails = 16 * 1024; // what the longest authorization_details come to

    /// <summary>The token, or null for one that is unknown, malformed, expired or revoked.</summary>
    public async Task<LiveToken?> Read(Secret token, CancellationToken ct)
    {
        var text = token.Text;
        if (text.Length is 0 or > LongestWithDetails)
            return null;
        var read = text switch
        {
            _ when text.StartsWith(OpaqueValue.AccessToken, StringComparison.Ordinal) => await ReadOpaque(token, OpaqueValue.AccessToken, TokenKind.Access, ct),
            _ when text.StartsWith(OpaqueValue.PersonalToken, StringComparison.Ordinal) => await ReadOpaque(token, OpaqueValue.PersonalToken, TokenKind.Personal, ct),
            _ => await ReadJwt(text, ct),
        };
        if (read is null)
            return null;
        var standing = await standings.Of(db, read.ClientId, read.UserId, read.GrantId, read.SessionId, read.RowId is null ? read.Id : null);
        if (await Lineage.Epoch(db, read.Lineage, ct) is not { } lineage)
        {
            NotGood(read.Id, "an app that it goes back to is disabled or was removed");
            return null;
        }

        if (await Lineage.IsRevoked(db, read.ExchangedFrom, ct))
        {
            NotGood(read.Id, "a token that it was exchanged from was revoked");
            return null;
        }

        if (standings.Objection(standing, read.Epoch - lineage, read.ClientId, read.UserId, read.GrantId, read.SessionId) is { } objection)
        {
            NotGood(read.Id, objection);
            return null;
        }

        // A token that names no session cannot end with one.
        if (read is { GrantId: not null, SessionId: null } && !standing.GrantIsOffline)
        {
            NotGood(read.Id, "it does not name the session that it hangs on");
            return null;
        }

        if (standing.UserId is { } person && read.Subject != person.ToString() && !await IsSubject(read, person, ct))
        {
            NotGood(read.Id, "its subject is another person");
            return null;
        }

        if (read.RowId is { } row)
            lastUse.OfToken(row);
        if (read.GrantId is { } grant)
            lastUse.OfGrant(grant);
        return read with { UserId = standing.UserId, UserEmail = standing.UserEmail };
    }

    private async Task<bool> IsSubject(LiveToken token, Guid person, CancellationToken ct) =>
        token.ClientId is { } id && await directory.Find(id, ct) is { } client && await subjects.Of(client, person, ct) == token.Subject;

    private async Task<LiveToken?> ReadOpaque(Secret token, string prefix, TokenKind kind, CancellationToken ct)
    {
        if (OpaqueValue.Open(prefix, token.Text) is null)
            return null;
        var hash = token.Hash();
        var now = time.GetUtcNow();
        var found = await (
            from row in db.Tokens.AsNoTracking()
            where row.Hash == hash && row.Kind == kind && row.RevokedAt == null && row.ExpiresAt > now
            from grant in db.Grants.Where(grant => grant.Id == row.GrantId).DefaultIfEmpty()
            select new
            {
                Row = row,
                SessionId = grant == null ? (Guid?)null : grant.SessionId,
                AuthenticatedAt = grant == null ? (DateTimeOffset?)null : grant.AuthenticatedAt,
                Methods = grant == null ? null : grant.Methods,
            }).FirstOrDefaultAsync(ct);
        return found is null ? null : new LiveToken
        {
            Id = found.Row.Id.ToString(),
            RowId = found.Row.Id,
            IsPersonal = kind == TokenKind.Personal,
            ClientId = found.Row.ClientId,
            UserId = found.Row.UserId,
            GrantId = found.Row.GrantId,
            SessionId = found.SessionId == Guid.Empty ? null : found.SessionId,
            Scopes = found.Row.Scopes,
            Audiences = found.Row.Audiences,
            IssuedAt = found.Row.CreatedAt,
            ExpiresAt = found.Row.ExpiresAt,
            AuthenticatedAt = found.Methods is [] ? null : found.AuthenticatedAt,
            Methods = found.Methods ?? [],
            Epoch = found.Row.Epoch,
            Subject = found.Row.Subject ?? found.Row.UserId?.ToString() ?? found.Row.ClientId!,
            Confirmation = Confirmation.Parse(found.Row.Confirmation),
            Details = found.Row.Details,
            Actor = found.Row.Actor,
            ExchangedFrom = found.Row.ExchangedFrom ?? [],
        };
    }

    private async Task<LiveToken?> ReadJwt(string text, CancellationToken ct)
    {
        if (await ReadSigned(text, TokenWriter.AccessTokenType, [KeyRing.AccessTokenAlgorithm], mayBeExpired: false, ct) is not { } jwt)
            return null;
        if (jwt["jti"] is not { } id || jwt["sub"] is not { } subject || jwt["client_id"] is not { } clientId || jwt.Time("iat") is not { } issued
            || !jwt.Payload.TryGetProperty("epoch", out var counter) || counter.ValueKind != JsonValueKind.Number || !counter.TryGetInt64(out var epoch))
            return null;
        // A token speaks for an app, whose id is never a UUID, or it names its grant: without it nothing that ends it would end the token.
        var (grantId, sessionId) = (Id(jwt["grant_id"]), Id(jwt["sid"]));
        if (grantId is null && (sessionId is not null || !ClientIds.IsValid(subject)))
            return null;
        return new LiveToken
        {
            Id = id,
            ClientId = clientId,
            GrantId = grantId,
            SessionId = sessionId,
            Scopes = jwt["scope"]?.Split(' ') ?? [],
            Audiences = jwt.Audiences,
            IssuedAt = issued,
            ExpiresAt = jwt.Time("exp")!.Value,
            AuthenticatedAt = jwt.Time("auth_time"),
            Methods = jwt.Texts("amr"),
            Epoch = epoch,
            Subject = subject,
            Confirmation = jwt.Payload.TryGetProperty("cnf", out var cnf) ? Confirmation.Of(cnf) : null,
            Details = jwt.Payload.TryGetProperty("authorization_details", out var details) ? details.GetRawText() : null,
            Actor = jwt.Payload.TryGetProperty("act", out var actor) ? actor.GetRawText() : null,
            ExchangedFrom = jwt.Texts("exchanged_from"),
        };
    }

    /// <summary>
    /// A JWT of ours of exactly this type and one of these algorithms, verified with the key that its <c>kid</c> names among our
    /// own; null otherwise. Keys and algorithms are never taken from the token (RFC 8725 §3.1).
    /// </summary>
    public async ValueTask<Jws?> ReadSigned(string text, string type, string[] algorithms, bool mayBeExpired, CancellationToken ct)
    {
        if (Jws.Read(text, LongestWithDetails) is not { KeyId: { } kid } jwt || !string.Equals(jwt.Type, type, StringComparison.OrdinalIgnoreCase))
            return null;
        if (text.Length > Longest && !jwt.Payload.TryGetProperty("authorization_details", out _))
            return null;
        foreach (var key in await keys.Published(ct))
        {
            if (key.Id == kid && key.Algorithm == jwt.Algorithm)
            {
                return jwt.IsSignedBy(key.PublicKey, algorithms) && jwt["iss"] == options.Value.Issuer
                    && jwt.Time("exp") is { } end && (mayBeExpired || end > time.GetUtcNow()) && jwt.HasBegun(time.GetUtcNow()) ? jwt : null;
            }
        }

        return null;
    }

    private static Guid? Id(string? text) => Guid.TryParse(text, out var id) ? id : null;

    [LoggerMessage(5, LogLevel.Information, "token {Jti} is not good: {Objection}")]
    private partial void NotGood(string jti, string objection);
}
