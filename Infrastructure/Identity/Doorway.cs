using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// The one place where a sign-in may become a session. Every door (password, external provider, second step, sign-up, set-up)
/// ends here, and nothing else signs anyone in.
/// </summary>
internal sealed class Doorway(
    AppDbContext db, IHttpContextAccessor accessor, IDataProtectionProvider protection,
    IOptions<SignetOptions> options, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
{
    private const int LongestAgent = 256;
    private const string StampClaim = "stamp";
    private const string ProviderClaim = "provider";
    private const string PersistentClaim = "persistent";
    private const string SteppingUpClaim = "stepping_up";
    public const string RememberedCookie = "__Host-signet.remembered";
    private static readonly TimeSpan PendingFor = TimeSpan.FromMinutes(10);

    private HttpContext Http => accessor.HttpContext ?? throw new InvalidOperationException("People sign in over HTTP only.");

    /// <summary>How a passed factor can end.</summary>
    public enum Admission { SignedIn, NeedsSecondFactor, NeedsEnrolment, NeedsConfirmation, Disabled }

    /// <summary>Someone who has passed the first factor and waits for the second; in a session that goes on with it, or for a new one.</summary>
    public sealed record Pending(Guid UserId, string[] Methods, string? Provider, bool IsPersistent, DateTimeOffset Since, Guid? SteppingUp);

    /// <summary>After a first factor: signs in, or says what is still missing and remembers for ten minutes that the first was passed.</summary>
    /// <param name="isToConfirm">True where a person who is signed in proves again who they are: a remembered browser is no proof then.</param>
    public async Task<Admission> PassFirstFactor(User user, string method, string? provider, bool isPersistent, CancellationToken ct, bool isToConfirm = false)
    {
        if (user.DisabledAt is not null)
            return Admission.Disabled;
        if (user.TwoFactorEnabled && (isToConfirm || !IsRemembered(user)))
        {
            await Wait(user, [method], provider, isPersistent, null);
            return Admission.NeedsSecondFactor;
        }

        if (!user.TwoFactorEnabled && await MustEnrol(user, ct))
        {
            await Wait(user, [method], provider, isPersistent, null);
            return Admission.NeedsEnrolment;
        }

        return await SignIn(user, [method], provider, isPersistent, ct) ? Admission.SignedIn : Admission.Disabled;
    }

    /// <summary>After a second factor, or after enrolling one: the pending sign-in becomes a session.</summary>
    public async Task<Admission> PassSecondFactor(User user, Pending pending, string method, bool rememberBrowser, CancellationToken ct)
    {
        if (user.DisabledAt is not null || user.Id != pending.UserId)
            return Admission.Disabled;
        await Http.SignOutAsync(Schemes.Pending);
        string[] methods = [.. pending.Methods.Union([method, AuthenticationMethods.Multiple])];
        var isIn = pending.SteppingUp is { } session
            ? await GoOnWithTwoFactors(session, methods, ct)
            : await SignIn(user, methods, pending.Provider, pending.IsPersistent, ct);
        if (!isIn)
            return Admission.Disabled;
        if (rememberBrowser)
            Remember(user);
        return Admission.SignedIn;
    }

    /// <summary>A signed-in person is to pass the second factor too, or to enrol one, in the session that they have (RFC 9470 §5).</summary>
    public async Task<Admission> StepUp(Session session, CancellationToken ct)
    {
        var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == session.UserId, ct);
        // To enrol a factor changes how a person signs in: an unlocked screen is not enough for it.
        if (!user.TwoFactorEnabled && time.GetUtcNow() - session.AuthenticatedAt > RecentSignInAttribute.Recent)
            return Admission.NeedsConfirmation;
        await Wait(user, session.Methods, session.Provider, isPersistent: false, session.Id);
        return user.TwoFactorEnabled ? Admission.NeedsSecondFactor : Admission.NeedsEnrolment;
    }

    // Only in the browser that has this session now. When the person signed in stays as it was: they proved one thing more, not all again.
    private async Task<bool> GoOnWithTwoFactors(Guid sessionId, string[] methods, CancellationToken ct)
    {
        if (Http.User.FindFirstValue(Claims.SessionId) != sessionId.ToString() || !await db.Sessions.AnyAsync(session => session.Id == sessionId && session.EndedAt == null, ct))
            return false;
        await Strengthen(sessionId, methods);
        return true;
    }

    /// <summary>Who waits at the second step in this browser, or null. Dead as soon as password or second factor change.</summary>
    public async Task<Pending?> WhoWaits(CancellationToken ct)
    {
        if ((await Http.AuthenticateAsync(Schemes.Pending)) is not { Succeeded: true, Principal: { } principal, Properties.IssuedUtc: { } since })
            return null;
        if (!Guid.TryParse(principal.FindFirstValue(Claims.Subject), out var id))
            return null;
        var stamp = principal.FindFirstValue(StampClaim);
        if (!await db.Users.AnyAsync(user => user.Id == id && user.SecurityStamp == stamp && user.DisabledAt == null, ct))
            return null;
        return new Pending(
            id, [.. principal.FindAll(Claims.Methods).Select(claim => claim.Value)],
            principal.FindFirstValue(ProviderClaim), principal.HasClaim(PersistentClaim, "1"), since,
            Guid.TryParse(principal.FindFirstValue(SteppingUpClaim), out var session) ? session : null);
    }

    public async Task<bool> MustEnrol(User user, CancellationToken ct) =>
        options.Value.RequireTwoFactor is not RequireTwoFactor.Nobody
        && options.Value.DemandsTwoFactor(await db.UserRoles.AnyAsync(role => role.UserId == user.Id && role.RoleId == Roles.AdminId, ct));

    /// <summary>After re-authentication of a signed-in person: the session gets a new key, and the old one is dead (ASVS 7.2.4). What lives from the session stays.</summary>
    public Task Renew(Guid sessionId, string[] methods) => Rekey(new SessionRenewal(sessionId, time.GetUtcNow(), methods));

    /// <summary>After a further step was set up and shown to work: the session has it too, but nobody has proved again who they are.</summary>
    public Task Strengthen(Guid sessionId, string[] methods) => Rekey(new SessionRenewal(sessionId, null, methods));

    /// <summary>After a change of what the account is protected by: a new key for the session in which it happened.</summary>
    public Task Rekey(Guid sessionId) => Rekey(new SessionRenewal(sessionId, null, null));

    private Task Rekey(SessionRenewal renewal)
    {
        var properties = new AuthenticationProperties();
        properties.Parameters[nameof(SessionRenewal)] = renewal;
        return Http.SignInAsync(Schemes.Session, new ClaimsPrincipal(new ClaimsIdentity(Schemes.Session)), properties);
    }

    // False when the account changed or was shut while the person was signing in: whatever ended its sessions ends this one too.
    private async Task<bool> SignIn(User user, string[] methods, string? provider, bool isPersistent, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            KeyHash = [],
            UserId = user.Id,
            AuthenticatedAt = now,
            Methods = methods,
            Provider = provider,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + lifetimes.Value.SessionIdle,
            EndsAt = now + lifetimes.Value.SessionAbsolute,
            IpAddress = Http.Connection.RemoteIpAddress?.ToString(),
            UserAgent = Http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? DisplayName.Shorten(agent, LongestAgent) : null,
        };
        var properties = new AuthenticationProperties { IsPersistent = isPersistent, ExpiresUtc = session.EndsAt, AllowRefresh = false };
        properties.Parameters[nameof(Session)] = session;
        var identity = new ClaimsIdentity(Schemes.Session, Claims.Name, Claims.Role);
        identity.AddClaim(new Claim(Claims.Subject, user.Id.ToString()));
        identity.AddClaim(new Claim(Claims.Name, user.Name));
        var principal = new ClaimsPrincipal(identity);
        await Http.SignInAsync(Schemes.Session, principal, properties);
        var stands = await db.Users.Where(u => u.Id == user.Id && u.SecurityStamp == user.SecurityStamp && u.DisabledAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.LastSignInAt, now), ct) == 1;
        if (stands)
            Http.User = principal; // the forms of this very answer belong to the person
        else
            await db.Sessions.Where(s => s.Id == session.Id).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), CancellationToken.None);
        return stands;
    }

    private Task Wait(User user, string[] methods, string? provider, bool isPersistent, Guid? steppingUp)
    {
        var identity = new ClaimsIdentity(Schemes.Pending);
        identity.AddClaim(new Claim(Claims.Subject, user.Id.ToString()));
        identity.AddClaim(new Claim(StampClaim, user.SecurityStamp ?? ""));
        identity.AddClaims(methods.Select(method => new Claim(Claims.Methods, method)));
        if (steppingUp is { } session)
            identity.AddClaim(new Claim(SteppingUpClaim, session.ToString()));
        if (provider is not null)
            identity.AddClaim(new Claim(ProviderClaim, provider));
        if (isPersistent)
            identity.AddClaim(new Claim(PersistentClaim, "1"));
        return Http.SignInAsync(Schemes.Pending, new ClaimsPrincipal(identity), new AuthenticationProperties { ExpiresUtc = time.GetUtcNow() + PendingFor, IssuedUtc = time.GetUtcNow() });
    }

    private IDataProtector Remembered => protection.CreateProtector("remembered-browser");

    private void Remember(User user) => Http.Response.Cookies.Append(
        RememberedCookie,
        Remembered.Protect($"{user.Id}|{user.SecurityStamp}|{(time.GetUtcNow() + lifetimes.Value.RememberedBrowser).ToUnixTimeSeconds()}"),
        new CookieOptions { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true, MaxAge = lifetimes.Value.RememberedBrowser });

    private bool IsRemembered(User user)
    {
        if (Http.Request.Cookies[RememberedCookie] is not { Length: > 0 and < 2048 } cookie)
            return false;
        try
        {
            return Remembered.Unprotect(cookie).Split('|') is [var id, var stamp, var until]
                && id == user.Id.ToString() && stamp == user.SecurityStamp
                && long.Parse(until, System.Globalization.CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds();
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}

/// <summary>A new key for a session that lives on; with a time and methods when the person proved again who they are.</summary>
internal sealed record SessionRenewal(Guid SessionId, DateTimeOffset? AuthenticatedAt, string[]? Methods);

internal static class AdmissionPages
{
    /// <summary>Where a signed-in person does what is missing (<see cref="Doorway.StepUp"/>).</summary>
    public static string Page(this Doorway.Admission missing) => missing switch
    {
        Doorway.Admission.NeedsConfirmation => "/login/confirm",
        Doorway.Admission.NeedsEnrolment => "/login/2fa/enrol",
        _ => "/login/2fa",
    };
}
