using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// Access tokens and personal tokens at Signet's own API, as <see cref="PresentedToken"/> accepts them.
/// Administrators' rights need the scope <c>admin</c> besides the role.
/// </summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> monitor, ILoggerFactory loggers, UrlEncoder encoder,
    PresentedToken presented, AppDbContext db, IOptions<SignetOptions> options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(monitor, loggers, encoder)
{
    private OAuthError refusal = OAuthError.InvalidToken;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var result = await presented.Read(Request, Context.RequestAborted);
        if (result is PresentedToken.Result.Refused refused)
        {
            refusal = refused.Error;
            return AuthenticateResult.Fail(refusal.Code);
        }

        if (result is not PresentedToken.Result.Accepted { Token: var token })
            return AuthenticateResult.NoResult();
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

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => new OAuthRefusal(refusal).ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => new OAuthRefusal(OAuthError.InsufficientScope).ExecuteAsync(Context);
}
