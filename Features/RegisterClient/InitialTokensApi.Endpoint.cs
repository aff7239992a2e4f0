using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Signet.Features;

/// <summary>Registration tokens for programs, at <c>/api/v1/registration-tokens</c> under a bearer token that may manage apps.</summary>
internal static class InitialTokensApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var tokens = app.MapGroup("/api/v1/registration-tokens").AddEndpointFilter(Objections);
        tokens.MapGet("", List).RequireAuthorization(policy => policy.AddAuthenticationSchemes(Schemes.Bearer).RequireAuthenticatedUser().RequireClaim(Claims.Scope, Scopes.AppsRead, Scopes.AppsWrite));
        var write = tokens.MapGroup("").RequireAuthorization(policy => policy.AddAuthenticationSchemes(Schemes.Bearer).RequireAuthenticatedUser().RequireClaim(Claims.Scope, Scopes.AppsWrite));
        write.MapPost("", Issue);
        write.MapDelete("/{id:guid}", Revoke);
    }

    private static async Task<IResult> List(IMediator mediator, CancellationToken ct)
    {
        var list = await mediator.Send(new ListInitialTokens.Request(), ct);
        return Results.Json(new
        {
            tokens = list.Tokens.Select(token => new
            {
                id = token.Id,
                name = token.Name,
                scope = string.Join(' ', token.Scopes),
                owner = token.OwnerEmail,
                uses = token.Uses,
                max_uses = token.MostUses,
                created_at = token.CreatedAt,
                expires_at = token.ExpiresAt,
                last_used_at = token.LastUsedAt,
            }),
        });
    }

    private static async Task<IResult> Issue(HttpRequest http, IMediator mediator, CancellationToken ct)
    {
        var (body, refusal) = await JsonBody.Read<NewToken>(http, ct);
        if (body is null)
            return refusal!;
        return await mediator.Send(new IssueInitialToken.Request
        {
            Name = body.Name,
            Scopes = AppDocument.Split(body.Scope) ?? [],
            Uses = body.MaxUses,
            Days = body.ExpiresInDays,
            ForInstallation = body.ForInstallation,
        }, ct) switch
        {
            IssueInitialToken.Result.Issued issued => Results.Json(new { id = issued.Id, token = issued.Secret.Text, expires_at = issued.ExpiresAt }, statusCode: StatusCodes.Status201Created),
            IssueInitialToken.Result.NotAllowed => ApiProblem.Of(403, "Forbidden", "Registering apps is for administrators here."),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<IResult> Revoke(Guid id, IMediator mediator, CancellationToken ct) =>
        await mediator.Send(new RevokeInitialToken.Request(id), ct) is RevokeInitialToken.Result.Revoked ? Results.NoContent() : ApiProblem.NotFound();

    private static readonly Dictionary<string, string> Names = new()
    {
        ["Name"] = "name",
        ["Scopes"] = "scope",
        ["Uses"] = "max_uses",
        ["Days"] = "expires_in_days",
        ["ForInstallation"] = "for_installation",
    };

    private static async ValueTask<object?> Objections(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ValidationException invalid)
        {
            var errors = invalid.Errors.GroupBy(error => Names.GetValueOrDefault(error.PropertyName, error.PropertyName))
                .ToDictionary(field => field.Key, field => field.Select(error => error.ErrorMessage).ToArray());
            return ApiProblem.Of(400, "Invalid token", "Correct the members in errors and send the request again.", "invalid_request", errors);
        }
    }

    private sealed record NewToken
    {
        [JsonPropertyName("name")] public string? Name { get; init; }
        [JsonPropertyName("scope")] public string? Scope { get; init; }
        [JsonPropertyName("max_uses")] public int? MaxUses { get; init; }
        [JsonPropertyName("expires_in_days")] public int? ExpiresInDays { get; init; } = 30;
        [JsonPropertyName("for_installation")] public bool ForInstallation { get; init; }
    }
}
