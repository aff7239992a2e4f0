using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Validation.AspNetCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Clients;

/// <summary>An API on OpenIddict's validation as it comes from NuGet: it checks JWTs by the keys that it discovers, or asks for each token.</summary>
[Collection(ClientsSite.Collection)]
public sealed class OpenIddictValidationTests(ClientsSite site) : ClientsTest(site)
{
    private readonly Uri address = FreeAddress();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_api_takes_the_tokens_that_are_for_it_and_good(bool asks, bool isOpaque)
    {
        var (_, api, apiSecret) = await AddApi(Audience);
        await Start(address, services => AddServices(services, asks ? (api.Id, apiSecret) : null), MapNotes);

        await ShouldTakeWhatIsForIt(address, asks, isOpaque ? TokenFormat.Opaque : TokenFormat.Jwt);
    }

    private void AddServices(IServiceCollection services, (string Id, string Secret)? asker)
    {
        services.AddAuthentication(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme);
        services.AddAuthorizationBuilder().AddPolicy("notes.read", policy => policy.RequireClaim("oi_scp", "notes.read")); // OpenIddict's name for one scope of the token
        services.AddOpenIddict().AddValidation(openIddict =>
        {
            openIddict.SetIssuer(Live.Authority);
            openIddict.AddAudiences(Audience);
            if (asker is var (id, secret))
                openIddict.UseIntrospection().SetClientId(id).SetClientSecret(secret);
            openIddict.UseAspNetCore();
            openIddict.UseSystemNetHttp().ConfigureHttpClientHandler(handler => handler.ServerCertificateCustomValidationCallback = Live.Trusts);
        });
    }
}
