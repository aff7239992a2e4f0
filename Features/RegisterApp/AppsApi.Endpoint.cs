using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signet.Features;

/// <summary>Apps for programs: the same requests as the pages send, as JSON at <c>/api/v1/apps</c> under a bearer token.</summary>
internal static class AppsApi
{
    private const int Attempts = 3;
    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Map(IEndpointRouteBuilder app)
    {
        var apps = app.MapGroup("/api/v1/apps").AddEndpointFilter(Objections);
        var read = apps.MapGroup("").RequireAuthorization(policy => policy.AddAuthenticationSchemes(Schemes.Bearer).RequireAuthenticatedUser().RequireClaim(Claims.Scope, Scopes.AppsRead, Scopes.AppsWrite));
        read.MapGet("", List);
        read.MapGet("/{id:app}", Show);
        var write = apps.MapGroup("").RequireAuthorization(policy => policy.AddAuthenticationSchemes(Schemes.Bearer).RequireAuthenticatedUser().RequireClaim(Claims.Scope, Scopes.AppsWrite));
        write.MapPost("", Register);
        write.MapPatch("/{id:app}", Edit);
        write.MapDelete("/{id:app}", Remove);
        write.MapPost("/{id:app}/disable", (string id, IMediator mediator, CancellationToken ct) => Switch(id, enable: false, mediator, ct));
        write.MapPost("/{id:app}/enable", (string id, IMediator mediator, CancellationToken ct) => Switch(id, enable: true, mediator, ct));
        write.MapPost("/{id:app}/verify", (string id, IMediator mediator, CancellationToken ct) => Verify(id, withdraw: false, mediator, ct));
        write.MapPost("/{id:app}/unverify", (string id, IMediator mediator, CancellationToken ct) => Verify(id, withdraw: true, mediator, ct));
        write.MapPost("/{id:app}/secrets", AddSecret);
        write.MapDelete("/{id:app}/secrets/{secretId:guid}", RevokeSecret);
    }

    private static async Task<IResult> List(IMediator mediator, CancellationToken ct, string? find = null, int page = 1, int size = 25, bool all = false)
    {
        var list = await mediator.Send(new ListApps.Request { Find = find, Page = page, Size = size, OfEveryone = all }, ct);
        return Results.Json(new
        {
            apps = list.Apps.Select(app => new
            {
                client_id = app.Id,
                client_name = app.Name,
                kind = AppDocument.KindName(app.Kind),
                owner = app.OwnerEmail,
                client_id_issued_at = app.CreatedAt.ToUnixTimeSeconds(),
                disabled = app.DisabledAt is not null,
                unverified = app.IsUnverified,
            }),
            total = list.Total,
            page = list.Page,
            pages = list.Pages,
        }, Json);
    }

    private static async Task<IResult> Show(string id, IMediator mediator, CancellationToken ct) =>
        await Find(id, mediator, ct) is { } app ? Results.Json(AppDocument.Of(app), Json) : ApiProblem.NotFound();

    private static async Task<IResult> Register(HttpRequest http, IMediator mediator, CancellationToken ct)
    {
        var (body, refusal) = await JsonBody.Read<AppDocument>(http, ct);
        if (body is null)
            return refusal!;
        if (body.HasReadOnlyMembers)
            return JsonBody.Malformed("client_id_issued_at, client_secret_expires_at, disabled, verified and secrets are for Signet to say; leave them out.");
        var result = await mediator.Send(new RegisterApp.Request
        {
            Id = body.ClientId,
            Secret = body.ClientSecret is { } own ? new Secret(own) : null,
            Name = body.ClientName,
            Kind = body.KindOrNull,
            AuthenticationMethod = body.TokenEndpointAuthMethod,
            GrantTypes = body.GrantTypes,
            RedirectUris = body.RedirectUris ?? [],
            PostLogoutRedirectUris = body.PostLogoutRedirectUris ?? [],
            Scopes = AppDocument.Split(body.Scope),
            TokenFormat = body.FormatOr(default),
            RefreshRotation = body.RotationOr(default),
            AccessTokenLifetime = AppDocument.Seconds(body.AccessTokenLifetime),
            RefreshTokenLifetime = AppDocument.Seconds(body.RefreshTokenLifetime),
            HomepageUri = body.ClientUri,
            Settings = body.SettingsOr(new()),
            OwnerEmail = body.Owner,
            SkipsConsent = body.SkipConsent == true,
        }, ct);
        return result switch
        {
            RegisterApp.Result.Registered registered => Created(http, AppDocument.Of((await Find(registered.Id, mediator, ct))!), registered.Secret),
            RegisterApp.Result.NotAllowed => ApiProblem.Of(403, "Forbidden", "Registering apps is for administrators here."),
            RegisterApp.Result.IdTaken => ApiProblem.Of(409, "Conflict", "Another app has this client_id; choose another or leave it out."),
            RegisterApp.Result.TooMany many => ApiProblem.Of(409, "Conflict", $"You have {many.Most} apps, which is the most; remove one first."),
            _ => throw new UnreachableException(),
        };
    }

    private static IResult Created(HttpRequest http, AppDocument app, Secret? secret)
    {
        http.HttpContext.Response.Headers.Location = $"/api/v1/apps/{app.ClientId}";
        return Results.Json(secret is null ? app : app with { ClientSecret = secret.Text, ClientSecretExpiresAt = 0 }, Json, statusCode: 201);
    }

    /// <summary>RFC 7396: what is not sent stays, null is the default. Tries again when somebody else changes the app in between.</summary>
    private static async Task<IResult> Edit(string id, HttpRequest http, IMediator mediator, CancellationToken ct)
    {
        var (patch, refusal) = await JsonBody.Read<Dictionary<string, JsonElement>>(http, ct);
        if (patch is null)
            return refusal!;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await Find(id, mediator, ct) is not { } app)
                return ApiProblem.NotFound();
            if (AppPatch.Apply(app, patch, out var problem) is not { } request)
                return JsonBody.Malformed(problem!);
            switch (await mediator.Send(request, ct))
            {
                case EditApp.Result.Changed:
                    return await Show(id, mediator, ct);
                case EditApp.Result.NotFound:
                    return ApiProblem.NotFound();
            }
        }

        return ApiProblem.Of(409, "Conflict", "Others are changing this app at the same time; try again.");
    }

    private static async Task<IResult> Remove(string id, IMediator mediator, CancellationToken ct) =>
        await mediator.Send(new RemoveApp.Request { Id = id }, ct) is RemoveApp.Result.Removed ? Results.NoContent() : ApiProblem.NotFound();

    private static async Task<IResult> Switch(string id, bool enable, IMediator mediator, CancellationToken ct) =>
        await mediator.Send(new DisableApp.Request { Id = id, Enable = enable }, ct) is DisableApp.Result.NotFound ? ApiProblem.NotFound() : Results.NoContent();

    private static async Task<IResult> Verify(string id, bool withdraw, IMediator mediator, CancellationToken ct) =>
        await mediator.Send(new VerifyApp.Request { Id = id, Withdraw = withdraw }, ct) switch
        {
            VerifyApp.Result.NotFound => ApiProblem.NotFound(),
            VerifyApp.Result.Conflict => ApiProblem.Of(409, "Conflict", "The app is being changed by others at the same time; look at it again."),
            _ => Results.NoContent(),
        };

    private static async Task<IResult> AddSecret(string id, HttpRequest http, IMediator mediator, CancellationToken ct)
    {
        var (body, refusal) = http.ContentLength is null or 0 && http.ContentType is null ? (new NewSecret(), null) : await JsonBody.Read<NewSecret>(http, ct);
        if (body is null)
            return refusal!;
        return await mediator.Send(new AddAppSecret.Request { AppId = id, ExpiresAt = body.ExpiresAt, ReplacesOldest = body.ReplaceOldest }, ct) switch
        {
            AddAppSecret.Result.Added added => Results.Json(new { id = added.SecretId, client_secret = added.Secret.Text, expires_at = added.ExpiresAt }, Json, statusCode: 201),
            AddAppSecret.Result.TooMany => ApiProblem.Of(409, "Conflict", "There are two live secrets already; revoke one, or send replace_oldest."),
            AddAppSecret.Result.NeedsNone => ApiProblem.Of(409, "Conflict", "This app has no secrets: it is public, or proves itself with a key or a certificate."),
            _ => ApiProblem.NotFound(),
        };
    }

    private static async Task<IResult> RevokeSecret(string id, Guid secretId, IMediator mediator, CancellationToken ct) =>
        await mediator.Send(new RevokeAppSecret.Request(id, secretId), ct) is RevokeAppSecret.Result.Revoked ? Results.NoContent() : ApiProblem.NotFound();

    private static async Task<ShowApp.App?> Find(string id, IMediator mediator, CancellationToken ct) =>
        await mediator.Send(new ShowApp.Request(id), ct) is ShowApp.Result.Found found ? found.App : null;

    private static async ValueTask<object?> Objections(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ValidationException invalid)
        {
            var errors = invalid.Errors.GroupBy(error => AppDocument.Names.GetValueOrDefault(error.PropertyName, error.PropertyName))
                .ToDictionary(field => field.Key, field => field.Select(error => error.ErrorMessage).ToArray());
            var code = errors.ContainsKey("redirect_uris") ? "invalid_redirect_uri" : "invalid_client_metadata";
            return ApiProblem.Of(400, "Invalid metadata", "Correct the members in errors and send the request again.", code, errors);
        }
    }

    private sealed record NewSecret
    {
        [JsonPropertyName("expires_at")] public DateTimeOffset? ExpiresAt { get; init; }
        [JsonPropertyName("replace_oldest")] public bool ReplaceOldest { get; init; }
    }
}
