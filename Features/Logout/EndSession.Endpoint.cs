using System.Diagnostics;

namespace Signet.Features;

internal static partial class EndSession
{
    public static IServiceCollection AddLogout(this IServiceCollection services) => services.AddScoped<LogoutWishes>().AddSingleton<Farewells>();

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/oauth/logout", Get).AllowAnonymous();
        // A cross-site POST brings no session cookie (SameSite); the GET that it leads to does, and the ID token is not in its address.
        app.MapPost("/oauth/logout", Post).AllowAnonymous().DisableAntiforgery();
    }

    private static async Task Get(HttpContext http, IMediator mediator, LogoutWishes wishes, Farewells farewells)
    {
        switch (await mediator.Send(new Request(Parameters.From(http.Request.Query)), http.RequestAborted))
        {
            case Result.Refused refused:
                http.Refuse(StatusCodes.Status400BadRequest, refused.Explanation);
                break;
            case Result.Asks asks:
                http.SeeOther($"/logout?{wishes.Seal(asks.Wish)}");
                break;
            case Result.SignedOut { Farewell: var farewell }:
                http.SeeOther(farewells.Next(farewell));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static async Task Post(HttpContext http, LogoutWishes wishes)
    {
        if (!http.Request.HasFormContentType)
        {
            http.Refuse(StatusCodes.Status415UnsupportedMediaType, "The app sent its request in a form that we do not read.");
            return;
        }

        var (wish, objection) = await wishes.Read(Parameters.From(await http.Request.ReadFormAsync(http.RequestAborted)), http.RequestAborted);
        if (wish is null)
            http.Refuse(StatusCodes.Status400BadRequest, objection!);
        else
            http.SeeOther($"/oauth/logout?{wishes.Seal(wish)}");
    }
}
