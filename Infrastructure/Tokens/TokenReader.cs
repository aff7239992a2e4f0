using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

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
    public string Subject => UserId?.ToString() ?? ClientId!;
}

/// <summary>Reads access tokens of every kind and says whether they are good now: signature, type, issuer, time, and <see cref="Standing"/> in the database.</summary>
internal sealed partial class TokenReader(
    AppDbContext db, KeyRing keys, Standings standings, LastUse lastUse, IOptions<SignetOptions> options, TimeProvider time, ILogger<TokenReader> log)
{
    private const int Longest = 8192;
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = Longest };

    /// <summary>The token, or null for one that is unknown, malformed, expired or revoked.</summary>
    public async Task<LiveToken?> Read(Secret token, CancellationToken ct)
    {
        var text = token.Text;
        if (text.Length is 0 or > Longest)
            return null;
        var read = text switch
        {
            _ when text.StartsWith(OpaqueValue.AccessToken, StringComparison.Ordinal) => await ReadOpaque(token, OpaqueValue.AccessToken, TokenKind.Access, ct),
            _ when text.StartsWith(OpaqueValue.PersonalToken, StringComparison.Ordinal) => await ReadOpaque(token, OpaqueValue.PersonalToken, TokenKind.Personal, ct),
            _ when text.Count(character => character == '.') == 2 => await ReadJwt(text, ct),
            _ => null,
        };
        if (read is null)
            return null;
        var standing = await standings.Of(db, read.ClientId, read.UserId, read.GrantId, read.SessionId, read.RowId is null ? read.Id : null);
        if (standings.Objection(standing, read.Epoch, read.ClientId, read.UserId, read.GrantId, read.SessionId) is { } objection)
        {
            NotGood(read.Id, objection);
            return null;
        }

        if (read.RowId is { } row)
            lastUse.OfToken(row);
        if (read.GrantId is { } grant)
            lastUse.OfGrant(grant);
        return read with { UserEmail = standing.UserEmail };
    }

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
            SessionId = found.SessionId,
            Scopes = found.Row.Scopes,
            Audiences = found.Row.Audiences,
            IssuedAt = found.Row.CreatedAt,
            ExpiresAt = found.Row.ExpiresAt,
            AuthenticatedAt = found.AuthenticatedAt,
            Methods = found.Methods ?? [],
            Epoch = found.Row.Epoch,
        };
    }

    private async Task<LiveToken?> ReadJwt(string text, CancellationToken ct)
    {
        if (await ReadSigned(text, TokenWriter.AccessTokenType, KeyRing.AccessTokenAlgorithm, mayBeExpired: false, ct) is not { } jwt)
            return null;
        return !jwt.TryGetPayloadValue<long>("epoch", out var epoch) || !jwt.TryGetPayloadValue<string>("client_id", out var clientId) ? null : new LiveToken
        {
            Id = jwt.Id,
            ClientId = clientId,
            UserId = Optional(jwt, "grant_id") is null ? null : Guid.Parse(jwt.Subject),
            GrantId = Optional(jwt, "grant_id"),
            SessionId = Optional(jwt, "sid"),
            Scopes = jwt.TryGetPayloadValue<string>("scope", out var scope) ? scope.Split(' ') : [],
            Audiences = [.. jwt.Audiences],
            IssuedAt = new DateTimeOffset(jwt.IssuedAt, TimeSpan.Zero),
            ExpiresAt = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero),
            AuthenticatedAt = jwt.TryGetPayloadValue<long>("auth_time", out var at) ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
            Methods = jwt.TryGetPayloadValue<string[]>("amr", out var methods) ? methods : [],
            Epoch = epoch,
        };
    }

    /// <summary>
    /// A JWT of ours of exactly this type and algorithm, verified with the key that its <c>kid</c> names among our own;
    /// null otherwise. Keys and algorithms are never taken from the token (RFC 8725 §3.1).
    /// </summary>
    public async Task<JsonWebToken?> ReadSigned(string text, string type, string algorithm, bool mayBeExpired, CancellationToken ct)
    {
        if (text.Length > Longest)
            return null;
        var published = await keys.Published(ct);
        var result = await Handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidIssuer = options.Value.Issuer,
            ValidTypes = [type],
            ValidAlgorithms = [algorithm],
            ValidateAudience = false, // each reader knows its own audience
            RequireSignedTokens = true,
            TryAllIssuerSigningKeys = false,
            IssuerSigningKeyResolver = (_, _, kid, _) => published.Where(key => key.Id == kid && key.Algorithm == algorithm).Select(key => key.PublicKey),
            LifetimeValidator = (_, expires, _, _) => expires is { } end && (mayBeExpired || end > time.GetUtcNow().UtcDateTime),
        });
        // RFC 7515 §4.1.11: what a header calls critical must be understood, and no extension is here.
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } && !jwt.TryGetHeaderValue<object>("crit", out _) ? jwt : null;
    }

    private static Guid? Optional(JsonWebToken jwt, string claim) =>
        jwt.TryGetPayloadValue<string>(claim, out var text) && Guid.TryParse(text, out var id) ? id : null;

    [LoggerMessage(5, LogLevel.Information, "token {Jti} is not good: {Objection}")]
    private partial void NotGood(string jti, string objection);
}
