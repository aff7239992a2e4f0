using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Diagnostics;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// Sessions of people. The cookie is a random key of 256 bits, the database keeps its hash. Every request reads the row,
/// so a session that was ended anywhere, or whose user was disabled, is dead everywhere at once.
/// </summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> monitor, ILoggerFactory loggers, UrlEncoder encoder,
    AppDbContext db, Revocations revocations, IOptions<SignetOptions> options, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
    : SignInAuthenticationHandler<AuthenticationSchemeOptions>(monitor, loggers, encoder)
{
    public const string Cookie = "__Host-signet.session";
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    private string? Key => Request.Cookies[Cookie] is { Length: OpaqueValue.SecretLength } key ? key : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // The page of an exception shows nobody's name: it must render without a database too.
        if (Key is not { } key || Context.Features.Get<IExceptionHandlerFeature>() is not null)
            return AuthenticateResult.NoResult();
        var hash = new Secret(key).Hash();
        var now = time.GetUtcNow();
        var found = await (
            from session in db.Sessions.AsNoTracking()
            where session.KeyHash == hash && session.EndedAt == null && session.ExpiresAt > now && session.EndsAt > now
            join user in db.Users on session.UserId equals user.Id
            where user.DisabledAt == null
            select new
            {
                Session = session,
                user.Name,
                user.Email,
                user.TwoFactorEnabled,
                IsAdmin = db.UserRoles.Any(role => role.UserId == user.Id && role.RoleId == Roles.AdminId),
            }).FirstOrDefaultAsync(Context.RequestAborted);
        // The policy, or the person's role, may have changed since: the sign-in page leads to enrolment then.
        if (found is null || (!found.TwoFactorEnabled && options.Value.DemandsTwoFactor(found.IsAdmin)))
            return AuthenticateResult.NoResult();
        if (now - found.Session.LastSeenAt > SeenEvery)
            await Touch(found.Session, now);
        return AuthenticateResult.Success(new AuthenticationTicket(Principal(found.Session, found.Name, found.Email, found.IsAdmin, found.TwoFactorEnabled), Scheme.Name));
    }

    /// <summary>Stores the session in <paramref name="properties"/> under a new key. Only <see cref="Doorway"/> calls this.</summary>
    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        if (properties?.GetParameter<SessionRenewal>(nameof(SessionRenewal)) is { } renewal)
        {
            await Renew(renewal);
            return;
        }

        var session = properties?.GetParameter<Session>(nameof(Session)) ?? throw new InvalidOperationException("Only the doorway makes sessions.");
        await End("replaced by another sign-in");
        var key = OpaqueValue.Random(OpaqueValue.SecretLength);
        session.KeyHash = new Secret(key).Hash();
        db.Sessions.Add(session);
        await db.SaveChangesAsync(Context.RequestAborted);
        Response.Cookies.Append(Cookie, key, Options(properties.IsPersistent ? session.EndsAt : null));
    }

    // A session that was ended in the meantime is not woken by it.
    private async Task Renew(SessionRenewal renewal)
    {
        var key = OpaqueValue.Random(OpaqueValue.SecretLength);
        var hash = new Secret(key).Hash();
        var renewed = await db.Sessions.Where(session => session.Id == renewal.SessionId && session.EndedAt == null).ExecuteUpdateAsync(set => set
            .SetProperty(session => session.KeyHash, hash)
            .SetProperty(session => session.AuthenticatedAt, session => renewal.AuthenticatedAt ?? session.AuthenticatedAt), Context.RequestAborted) == 1;
        if (!renewed)
            return;
        if (renewal.Methods is { } methods)
            await db.Sessions.Where(session => session.Id == renewal.SessionId).ExecuteUpdateAsync(set => set.SetProperty(session => session.Methods, methods), Context.RequestAborted);
        Response.Cookies.Append(Cookie, key, Options(null));
    }

    /// <summary>Ends the session and every grant that lives from it.</summary>
    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        await End("signed out");
        Response.Cookies.Delete(Cookie, Options(null));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var here = Request.Method == HttpMethods.Get ? Request.Path + Request.QueryString : "/";
        Response.Redirect("/login?returnUrl=" + Uri.EscapeDataString(here));
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden; // the status page puts it in words
        return Task.CompletedTask;
    }

    private async Task End(string reason)
    {
        if (Key is not { } key)
            return;
        var hash = new Secret(key).Hash();
        await revocations.OfSessions(db.Sessions.Where(session => session.KeyHash == hash), reason, CancellationToken.None);
    }

    private Task Touch(Session session, DateTimeOffset now)
    {
        var idle = now + lifetimes.Value.SessionIdle;
        var expires = idle < session.EndsAt ? idle : session.EndsAt;
        return db.Sessions.Where(s => s.Id == session.Id && s.EndedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LastSeenAt, now).SetProperty(s => s.ExpiresAt, expires), Context.RequestAborted);
    }

    private static ClaimsPrincipal Principal(Session session, string name, string? email, bool isAdmin, bool hasTwoFactor)
    {
        var identity = new ClaimsIdentity(Schemes.Session, Claims.Name, Claims.Role);
        identity.AddClaim(new Claim(Claims.Subject, session.UserId.ToString()));
        identity.AddClaim(new Claim(Claims.SessionId, session.Id.ToString()));
        identity.AddClaim(new Claim(Claims.Name, name));
        identity.AddClaim(new Claim(Claims.Email, email ?? ""));
        identity.AddClaim(new Claim(Claims.AuthenticatedAt, session.AuthenticatedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        identity.AddClaims(session.Methods.Select(method => new Claim(Claims.Methods, method)));
        if (hasTwoFactor)
            identity.AddClaim(new Claim(Claims.HasTwoFactor, "1"));
        if (isAdmin)
            identity.AddClaim(new Claim(Claims.Role, Roles.Admin));
        return new ClaimsPrincipal(identity);
    }

    private static new CookieOptions Options(DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        Secure = true,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
        Expires = expires,
    };
}
