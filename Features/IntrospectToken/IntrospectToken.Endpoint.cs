using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Signet.Features;

internal static partial class IntrospectToken
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/oauth/introspect", Post).AllowAnonymous().DisableAntiforgery();

    private const string JwtMediaType = "application/" + TokenWriter.IntrospectionType;

    /// <summary>Answers those only who prove who they are (RFC 7662 §2.1): a public client cannot.</summary>
    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, IMediator mediator, TokenWriter writer, TimeProvider time, CancellationToken ct)
    {
        var (request, refusal) = await ClientRequest.Read(http, clients, ct);
        if (request is null)
            return refusal!;
        var (asker, parameters) = request;
        if (asker.IsPublic)
            return new OAuthRefusal(OAuthError.InvalidClient.Saying("Only a client that proves who it is may introspect."));
        if (parameters["token"] is not { } token)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("The parameter token is missing."));

        var result = await mediator.Send(new Request(asker, new Secret(token)), ct);
        var mustSign = asker.Settings.MustSignAnswers || WantsJwt(http.Request);
        return result switch
        {
            Result.Active active when mustSign => await Signed(active.Answer, IntrospectTokenJson.Default.Answer),
            Result.Active active => Results.Json(active.Answer, IntrospectTokenJson.Default.Answer),
            Result.Inactive when mustSign => await Signed(new NoAnswer(), IntrospectTokenJson.Default.NoAnswer),
            Result.Inactive => Results.Json(new NoAnswer(), IntrospectTokenJson.Default.NoAnswer),
            _ => throw new UnreachableException(),
        };

        async Task<IResult> Signed<T>(T answer, JsonTypeInfo<T> type) =>
            Results.Text(await writer.Introspection(asker, time.GetUtcNow(), JsonSerializer.SerializeToElement(answer, type), ct), JwtMediaType);
    }

    /// <summary>A signed answer is for who asks for it (RFC 9701 §4).</summary>
    private static bool WantsJwt(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(JwtMediaType, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);
}
