using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace Signet.Infrastructure.Identity;

/// <summary>Users, their cookies, and who may go where.</summary>
internal static class People
{
    /// <summary>OWASP's figure for PBKDF2 with HMAC-SHA-512 (Password Storage Cheat Sheet).</summary>
    private const int HashIterations = 210_000;

    public static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.AddIdentityCore<User>(identity =>
            {
                identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
                identity.User.RequireUniqueEmail = true;
                identity.User.AllowedUserNameCharacters = ""; // the user name is the e-mail address, in any script
                // Length and a list of common passwords say more than character classes (NIST SP 800-63B §3.1.1.2); see PasswordPolicy.
                identity.Password = new PasswordOptions { RequiredLength = 1, RequiredUniqueChars = 1, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false };
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<AppDbContext>();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = HashIterations);

        services.AddDataProtection().SetApplicationName("signet").PersistKeysToDbContext<AppDbContext>();
        services.AddHttpContextAccessor().AddScoped<Caller>().AddScoped<Administrators>().AddScoped<Doorway>().AddScoped<Attempts>();
        services.AddSingleton<HashingRoom>().AddScoped<PasswordCheck>().AddScoped<SecondFactor>().AddScoped<RecoveryCodes>()
            .AddSingleton<TimedSeal>().AddSingleton<Authenticator>();

        services.AddAuthentication(Schemes.Session)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(Schemes.Session, null)
            .AddCookie(Schemes.Pending, cookie => Harden(cookie, "__Host-signet.pending"))
            .AddCookie(Schemes.External, cookie => Harden(cookie, "__Host-signet.external"))
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(Schemes.Bearer, null);

        services.AddAuthorizationBuilder()
            // Whoever forgets to say who may reach a page has said: the signed-in.
            .SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder(Schemes.Session).RequireAuthenticatedUser().Build())
            .AddPolicy(Policies.Admin, policy => policy.AddAuthenticationSchemes(Schemes.Session).RequireAuthenticatedUser().RequireRole(Roles.Admin));
        return services;
    }

    private static void Harden(CookieAuthenticationOptions cookie, string name)
    {
        cookie.Cookie.Name = name;
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        cookie.Cookie.Path = "/";
        cookie.ExpireTimeSpan = TimeSpan.FromMinutes(10);
        cookie.SlidingExpiration = false;
    }
}
