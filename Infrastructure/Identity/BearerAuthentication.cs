using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// Access tokens and personal tokens at Signet's own API (RFC 6750 §2.1, header only). The audience must be the issuer.
/// Administrators' rights need the scope <c>admin</c> besides the role.
/// </summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> monitor, ILoggerFactory loggers, UrlEncoder encoder,
    TokenReader tokens, AppDbContext db, IOptions<SignetOptions> options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(monitor, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerToken.From(Request) is not { } presented)
            return AuthenticateResult.NoResult();
        if (await tokens.Read(presented, Context.RequestAborted) is not { } token || !token.Audiences.Contains(options.Value.Issuer))
            return AuthenticateResult.Fail("invalid_token");

        var identity = new ClaimsIdentity(Schemes.Bearer, Claims.Name, Claims.Role);
        identity.AddClaims(token.Scopes.Select(scope => new Claim(Claims.Scope, scope)));
        if (token.ClientId is { } client)
            identity.AddClaim(new Claim(Claims.ClientId, client));
        if (token.UserId is { } user)
        {
            identity.AddClaim(new Claim(Claims.Subject, user.ToString()));
            if (token.Scopes.Contains(Scopes.Admin) && await IsAdmin(user))
                identity.AddClaim(new Claim(Claims.Role, Roles.Admin));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Schemes.Bearer));
    }

    // Where administrators owe a second step, one without it administers nothing, by no door.
    private Task<bool> IsAdmin(Guid id)
    {
        var owesTwoFactor = options.Value.DemandsTwoFactor(isAdmin: true);
        return db.UserRoles.AnyAsync(role => role.UserId == id && role.RoleId == Roles.AdminId
            && db.Users.Any(user => user.Id == id && (user.TwoFactorEnabled || !owesTwoFactor)), Context.RequestAborted);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => new OAuthRefusal(OAuthError.InvalidToken).ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => new OAuthRefusal(OAuthError.InsufficientScope).ExecuteAsync(Context);
}

/// <summary>Where a bearer token may stand in a request.</summary>
internal static class BearerToken
{
    /// <summary>The token of the one Authorization header (RFC 6750 §2.1); never from the query, where it would be logged.</summary>
    public static Secret? From(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length > 7
            ? new Secret(header[7..].Trim())
            : null;
}
