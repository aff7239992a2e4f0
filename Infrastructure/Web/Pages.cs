using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Signet.Infrastructure.Web;

/// <summary>The web server and its pages: limits, proxies, antiforgery, and Razor pages that live beside their slices.</summary>
internal static class WebPages
{
    private const int LargestBody = 256 * 1024;

    public static IServiceCollection AddPages(this IServiceCollection services, IConfiguration configuration)
    {
        // Built in place, static files would also answer every unknown GET, and then an unknown POST were 405 here and 404 once published.
        configuration["DisableStaticAssetNotFoundRuntimeFallback"] = "true";
        services.AddRazorPages(options => options.Conventions.ConfigureFilter(new InvalidInputFilter()).ConfigureFilter(new KnownFormFilter()))
            .WithRazorPagesAtContentRoot(); // a page's name is its path; its URL is what its @page line says
        services.Configure<RouteOptions>(routes => routes.ConstraintMap["app"] = typeof(AppSegment));
        services.Configure<RazorViewEngineOptions>(options => options.PageViewLocationFormats.Add("/Pages/Shared/{0}.cshtml"));
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "__Host-signet.antiforgery";
            antiforgery.Cookie.Path = "/";
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // plain HTTP exists in Development alone, and Always refuses to make forms there
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.SuppressXFrameOptionsHeader = true; // every answer has it already
        });
        services.Configure<Microsoft.AspNetCore.Mvc.CookieTempDataProviderOptions>(tempData =>
        {
            tempData.Cookie.Name = "__Host-signet.notice";
            tempData.Cookie.Path = "/";
            tempData.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            tempData.Cookie.SameSite = SameSiteMode.Lax;
        });
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.MaxRequestLineSize = 16 * 1024;
            // Asked for, and whose it is decides what the client registered. Kestrel:Endpoints:…:ClientCertificateMode says otherwise for one endpoint.
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            });
        });
        services.Configure<FormOptions>(form =>
        {
            form.ValueCountLimit = 512;
            form.KeyLengthLimit = 256;
            form.ValueLengthLimit = 64 * 1024;
            form.BufferBodyLengthLimit = LargestBody;
        });
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null; // however many proxies stand in a row: the first address that is none of them is the caller's
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in configuration.GetSection("ForwardedHeaders:KnownProxies").Get<string[]>() ?? [])
            {
                if (IPAddress.TryParse(proxy, out var address))
                    forwarded.KnownProxies.Add(address);
                else if (System.Net.IPNetwork.TryParse(proxy, out var network))
                    forwarded.KnownIPNetworks.Add(network);
                else
                    throw new InvalidSetting($"ForwardedHeaders:KnownProxies has '{proxy}'; it must be an IP address or a network such as 10.0.0.0/8.");
            }

            if (forwarded.KnownProxies.Count > 0 || forwarded.KnownIPNetworks.Count > 0)
                return;
            forwarded.ForwardedHeaders = ForwardedHeaders.None;
            if (configuration["ForwardedHeaders:ClientCertificateHeader"] is { Length: > 0 })
                throw new InvalidSetting("ForwardedHeaders:ClientCertificateHeader is set, but ForwardedHeaders:KnownProxies names nobody who may send it.");
        });
        services.AddExceptionHandler<Faults>().AddProblemDetails();
        return services;
    }
}

/// <summary>A setting that Signet cannot start with; the message is the one line that the operator sees.</summary>
internal sealed class InvalidSetting(string message) : Exception(message);
