using Signet.Features;
using Signet.Infrastructure.Jobs;

return await CommandLine.Run(args, Serve, AddServices, Commands.All);

static async Task<int> Serve(string[] args)
{
    var app = Build(args);
    await app.Prepare();
    Timetable.Schedule(app.Services);
    await FirstStart.Announce(app);
    await app.RunAsync();
    return 0;
}

// What the server and the commands are made of.
static void AddServices(WebApplicationBuilder builder) =>
    builder.Services.AddSignet(builder.Configuration, builder.Environment).AddAuthorize().AddLogout().AddGrants();

static WebApplication Build(string[] args)
{
    var builder = WebApplication.CreateBuilder(ContentRoot.Options(args));
    AddServices(builder);
    builder.UseDevelopmentPorts();
    var app = builder.Build();

    app.UseDraining();
    app.UseForwardedCertificates();
    app.UseForwardedHeaders();
    app.UseIssuerHost();
    app.UseSecurityHeaders();
    if (app.Environment.IsDevelopment())
        app.UsePlainHttpCookies();
    else
        app.UseHttpsOnly();
    app.UseFaults();
    app.UseErrorPages();
    app.UseCleanInput();
    app.UseRouting();
    app.UseCors();
    app.UseAuthentication(); // also answers the callbacks of external providers, which have no endpoint
    app.UseRoutingRefusals();
    app.UseAuthorization();

    app.MapStaticAssets().AllowAnonymous();
    app.MapRazorPages();
    app.MapHealth();

    Discovery.Map(app);
    ProtectedResources.Map(app);
    Jwks.Map(app);
    Authorize.Map(app);
    PushAuthorization.Map(app);
    AskForDeviceCode.Map(app);
    AskForApproval.Map(app);
    IssueToken.Map(app);
    RegisterClient.Map(app);
    ManageRegistration.Map(app);
    UserInfo.Map(app);
    IntrospectToken.Map(app);
    RevokeToken.Map(app);
    EndSession.Map(app);
    app.MapJobsDashboard();
    ShowLogo.Map(app);
    AppsApi.Map(app);
    InitialTokensApi.Map(app);
    return app;
}
