using Signet.Infrastructure.Jobs;
using Signet.Infrastructure.Mail;
using Signet.Infrastructure.OAuth.Dpop;
using Signet.Infrastructure.Outbound;
using Signet.Infrastructure.Telemetry;

namespace Signet.Infrastructure;

/// <summary>Every service of the product, by concern. The web server and the command line are built from the same ones.</summary>
internal static class Composition
{
    public static IServiceCollection AddSignet(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment) => services
        .AddSingleton(TimeProvider.System)
        .AddSettings(environment)
        .AddDatabase(configuration, environment.ContentRootPath)
        .AddPeople()
        .AddExternalProviders(configuration)
        .AddOAuth()
        .AddTokens()
        .AddOutbound()
        .AddSlices()
        .AddPages(configuration)
        .AddProgramsCors()
        .AddTelemetry(configuration)
        .AddMail()
        .AddJobs(configuration)
        .AddDraining()
        .AddScoped<AuditTrail>();

    private static IServiceCollection AddOAuth(this IServiceCollection services) => services
        .AddSingleton<ClientDirectory>()
        .AddSingleton<ClientDocuments>()
        .AddSingleton<FetchAllowance>()
        .AddSingleton<FailedSecrets>()
        .AddSingleton<LastUse>()
        .AddHostedService(provider => provider.GetRequiredService<LastUse>())
        .AddClientAuthentication()
        .AddSingleton<Audiences>()
        .AddSingleton<Subjects>()
        .AddSingleton<UserCodeGuesses>()
        .AddSingleton<AskingAllowance>()
        .AddSingleton<RegistrationAllowance>()
        .AddScoped<Logos>()
        .AddScoped<InitialTokens>()
        .AddSingleton<SoftwareStatements>()
        .AddScoped<PendingAuthorizations>()
        .AddScoped<Once>()
        .AddSingleton<DpopNonces>()
        .AddScoped<DpopProofs>()
        .AddScoped<HolderOfKey>()
        .AddSingleton<ClientSettingsRules>()
        .AddScoped<ClientRules>()
        .AddScoped<ApiRules>();

    private static IServiceCollection AddClientAuthentication(this IServiceCollection services) => services
        .AddSingleton<ClientAuthentication>()
        .AddSingleton<ClientSecretProof>()
        .AddSingleton<ClientAssertion>()
        .AddSingleton<PrivateKeyJwt>()
        .AddSingleton<ClientSecretJwt>()
        .AddSingleton<TlsClientAuth>()
        .AddSingleton<SelfSignedTlsClientAuth>();

    private static IServiceCollection AddOutbound(this IServiceCollection services) => services
        .AddSingleton<OutboundClient>()
        .AddSingleton<RemoteKeys>()
        .AddSingleton<EncryptedResponses>();

    private static IServiceCollection AddTokens(this IServiceCollection services) => services
        .AddSingleton<KeyFiles>()
        .AddSingleton<KeyRing>()
        .AddSingleton<Standings>()
        .AddSingleton<TokenWriter>()
        .AddSingleton<AuthorizationCodes>()
        .AddScoped<KeyRotation>()
        .AddScoped<TokenReader>()
        .AddScoped<PresentedToken>()
        .AddScoped<LogoutNotices>()
        .AddScoped<Revocations>();
}
