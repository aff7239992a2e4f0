using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Infrastructure.Web;

/// <summary>Which answers a script of another site may read: those for programs that carry no cookie, and never <c>/oauth/authorize</c> (RFC 9700 §2.6).</summary>
internal static class Cors
{
    public const string Programs = "programs";

    public static IServiceCollection AddProgramsCors(this IServiceCollection services) => services.AddCors(cors => cors.AddPolicy(Programs, policy => policy
        .AllowAnyOrigin().AllowAnyHeader().WithMethods("GET", "POST", "PUT", "DELETE").WithExposedHeaders("WWW-Authenticate", "Retry-After", DpopProofs.NonceHeader).SetPreflightMaxAge(TimeSpan.FromHours(1))));
}
