using System.Net;
using System.Security.Claims;

namespace Signet.Infrastructure.Identity;

/// <summary>Who asks: the signed-in person, the owner of a bearer token, the console, or a job. Handlers inject it; no form can bind it.</summary>
internal sealed class Caller(IHttpContextAccessor accessor)
{
    private readonly ClaimsPrincipal? principal = accessor.HttpContext?.User;
    private readonly bool isWeb = accessor.HttpContext is not null;

    /// <summary>The person, where there is one.</summary>
    public Guid? UserId => Guid.TryParse(principal?.FindFirstValue(Claims.Subject), out var id) ? id : null;
    public Guid? SessionId => Guid.TryParse(principal?.FindFirstValue(Claims.SessionId), out var id) ? id : null;

    /// <summary>When the person last proved who they are, in this session.</summary>
    public DateTimeOffset? AuthenticatedAt => long.TryParse(principal?.FindFirstValue(Claims.AuthenticatedAt), out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>How (<c>amr</c>).</summary>
    public string[] Methods => principal?.FindAll(Claims.Methods).Select(claim => claim.Value).ToArray() ?? [];

    /// <summary>When the person last proved who they are with everything that the account has: where two-step sign-in is on, with both steps.</summary>
    public DateTimeOffset? ProvenAt => principal?.HasClaim(Claims.HasTwoFactor, "1") == true && !Methods.Contains(AuthenticationMethods.Multiple)
        ? DateTimeOffset.MinValue
        : AuthenticatedAt;
    public string? ClientId => principal?.FindFirstValue(Claims.ClientId);

    /// <summary>True for administrators, and for the console: who can run commands here can read the database too.</summary>
    public bool IsAdmin => !isWeb || principal?.IsInRole(Roles.Admin) == true;

    public string Actor => this switch
    {
        { isWeb: false } => "console",
        { UserId: { } user } => $"user:{user}",
        { ClientId: { } client } => $"client:{client}",
        _ => "anonymous",
    };

    public IPAddress? RemoteAddress => accessor.HttpContext?.Connection.RemoteIpAddress;
    public string? IpAddress => RemoteAddress?.ToString();

    /// <summary>The person, on pages that only signed-in people reach.</summary>
    public Guid RequireUserId => UserId ?? throw new InvalidOperationException("No person is signed in here.");
}

/// <summary>The claims of a principal here, named as in tokens.</summary>
internal static class Claims
{
    public const string Subject = "sub";
    public const string SessionId = "sid";
    public const string Name = "name";
    public const string Email = "email";
    public const string Role = "role";
    public const string Methods = "amr";
    public const string AuthenticatedAt = "auth_time";

    /// <summary>Ours: present where the account has two-step sign-in on.</summary>
    public const string HasTwoFactor = "two_factor";
    public const string ClientId = "client_id";
    public const string Scope = "scope";
}
