namespace Signet.Features;

internal static partial class FirstStart
{
    /// <summary>
    /// Says on the console where to go. Straight to standard output, once the server listens: a setup code and the demo's
    /// secrets have no business in a log.
    /// </summary>
    public static async Task Announce(WebApplication app)
    {
        using var scope = app.Services.CreateScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var issuer = app.Services.GetRequiredService<IOptions<SignetOptions>>().Value;
        var lines = new List<string>();
        if (await mediator.Send(new Request()) is Result.NeedsAdministrator needed)
        {
            lines.Add($"Make the first administrator (works once, until {needed.Until.ToLocalTime():t}):");
            lines.Add($"  {issuer.Url($"/setup?code={needed.Code.Text}")}");
        }

        if (app.Environment.IsDevelopment())
        {
            lines.InsertRange(0, lines is [] ? [$"Signet serves {issuer.Issuer}"] : [$"Signet serves {issuer.Issuer}", ""]);
            if (await mediator.Send(new MakeDemo.Request()) is { } demo)
                lines.AddRange(["", .. MakeDemo.Lines(demo, issuer.Issuer)]);
        }

        if (lines.Count > 0)
            app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine(string.Join(Environment.NewLine, [
                "", .. lines.Select(line => line.Length == 0 ? line : $"  {line}"), "",
            ])));
    }
}
