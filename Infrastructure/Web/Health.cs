namespace Signet.Infrastructure.Web;

/// <summary>Probes: alive is that the process answers; ready is that it is not about to end, the database answers and there are keys to sign with.</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "alive" })).AllowAnonymous();
        app.MapGet("/health/ready", Ready).AllowAnonymous();
    }

    private static async Task<IResult> Ready(AppDbContext db, KeyRing keys, Draining draining, HttpContext http)
    {
        var problems = new List<string>();
        if (draining.HasBegun)
            problems.Add("the node is about to end");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            await db.Installations.AnyAsync(patience.Token);
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            problems.Add(exception is OperationCanceledException ? "the database does not answer in time" : "the database does not answer");
        }

        try
        {
            await keys.Signer(KeyRing.AccessTokenAlgorithm, patience.Token);
            await keys.Signer(KeyRing.IdTokenAlgorithm, patience.Token);
        }
        catch (Exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            problems.Add("there is no signing key");
        }

        return problems is []
            ? Results.Json(new { status = "ready" })
            : Results.Json(new { status = "not ready", problems }, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
