namespace Signet.Features;

/// <summary>The picture of an app, for people who are signed in, from what was kept of it.</summary>
internal static class ShowLogo
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/apps/{id:app}/logo", Get);

    private static async Task<IResult> Get(string id, HttpContext http, AppDbContext db)
    {
        var logo = await (
            from picture in db.ClientLogos.AsNoTracking()
            join client in db.Clients on picture.ClientId equals client.Id
            where client.Id == id && (client.Origin == ClientOrigin.Managed || client.VerifiedAt != null)
            select picture).FirstOrDefaultAsync(http.RequestAborted);
        if (logo is null)
            return Results.NotFound();
        http.Response.Headers.CacheControl = "private, max-age=300";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return Results.Bytes(logo.Picture, logo.MediaType);
    }
}
