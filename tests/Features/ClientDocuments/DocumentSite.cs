using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Signet.Tests.Features.ClientDocuments;

/// <summary>The product where apps may be described by documents, and a server of somebody else's that has some.</summary>
public sealed class DocumentSite : OutsideSite
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Signet:Registration:Documents", "On");
        builder.UseSetting("Signet:Registration:DocumentHosts:0", $"localhost:{Outside.Port}");
        builder.UseSetting("Signet:Registration:DocumentHosts:1", "nobody.test");
        builder.ConfigureTestServices(services => services.AddTransient<IStartupFilter, FromEverywhere>());
    }

    /// <summary>Each request comes from an address of its own where the test names none, so that no test uses up what another may ask for.</summary>
    private sealed class FromEverywhere : IStartupFilter
    {
        private static int last;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, rest) =>
            {
                http.Connection.RemoteIpAddress ??= new IPAddress([10, 9, .. BitConverter.GetBytes((ushort)Interlocked.Increment(ref last))]);
                return rest(http);
            });
            next(app);
        };
    }
}
