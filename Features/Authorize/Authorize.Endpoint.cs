namespace Signet.Features;

internal static partial class Authorize
{
    public static IServiceCollection AddAuthorize(this IServiceCollection services) => services
        .AddSingleton<Interaction>()
        .AddSingleton<Responder>()
        .AddSingleton<RequestObjects>()
        .AddSingleton<Examination>()
        .AddScoped<PushedRequests>()
        .AddScoped<Reader>()
        .Configure<Microsoft.AspNetCore.Mvc.MvcOptions>(mvc => mvc.Filters.Add<ReturnToApp>());

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/oauth/authorize", Get).AllowAnonymous();
        // A cross-site POST brings no session cookie (SameSite); the same request as a GET does. 303, never 307 (RFC 9700 §4.12).
        app.MapPost("/oauth/authorize", Post).AllowAnonymous().DisableAntiforgery();
    }

    private const int LongestQuery = 8 * 1024; // what a request line and a return URL around it can carry

    private static async Task Get(HttpContext http, IMediator mediator, Responder responder)
    {
        var result = await mediator.Send(new Request(Parameters.From(http.Request.Query)), http.RequestAborted);
        await responder.Send(http, result);
    }

    private static async Task Post(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
        {
            http.Refuse(StatusCodes.Status415UnsupportedMediaType, "The app sent its request in a form that we do not read.");
            return;
        }

        var query = QueryString.Create(await http.Request.ReadFormAsync(http.RequestAborted));
        if (query.Value!.Length > LongestQuery)
        {
            http.Refuse(StatusCodes.Status413PayloadTooLarge, "The app sent a request that is too long.");
            return;
        }

        http.SeeOther("/oauth/authorize" + query);
    }
}
