using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Signet.Infrastructure.Jose;

namespace Signet.Features;

/// <summary>A registration on the wire, both ways (RFC 7591 §3, RFC 7592 §3).</summary>
internal static class RegistrationDocument
{
    private const long LongestBody = 64 * 1024; // what it holds is kept, and may be anybody's

    /// <summary>The JSON object of a body; null for anything else, and for text that is not Unicode.</summary>
    public static async Task<JsonElement?> Read(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasJsonContentType() || request.ContentLength > LongestBody)
            return null;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LongestBody;
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false }, ct);
            return json.RootElement.ValueKind == JsonValueKind.Object && Jws.IsUnicode(json.RootElement) ? json.RootElement.Clone() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>All that is registered, and what only this answer tells.</summary>
    /// <param name="secret">The one that was just made; nobody can look up an older one.</param>
    public static JsonObject Of(Client app, SignetOptions options, Secret registrationToken, Secret? secret)
    {
        var document = new JsonObject
        {
            ["client_id"] = app.Id,
            ["client_id_issued_at"] = app.CreatedAt.ToUnixTimeSeconds(),
            ["registration_client_uri"] = options.Url($"/oauth/register/{app.Id}"),
            ["registration_access_token"] = registrationToken.Text,
            ["client_name"] = app.Name,
            ["application_type"] = ApplicationType(app),
            ["redirect_uris"] = List(app.RedirectUris),
            ["grant_types"] = List(app.GrantTypes),
            ["response_types"] = List(app.Settings.ResponseTypes ?? (app.GrantTypes.Contains(GrantTypes.AuthorizationCode) ? ["code"] : [])),
            ["token_endpoint_auth_method"] = app.AuthenticationMethods[0],
            ["scope"] = string.Join(' ', app.Scopes),
        };
        if (secret is not null)
            (document["client_secret"], document["client_secret_expires_at"]) = (secret.Text, 0);
        else if (app.HasSecret)
            document["client_secret_expires_at"] = 0;
        if (app.PostLogoutRedirectUris is not [])
            document["post_logout_redirect_uris"] = List(app.PostLogoutRedirectUris);
        if (app.HomepageUri is { } homepage)
            document["client_uri"] = homepage;
        if (app.Registration?.SoftwareStatement is { } statement)
            document["software_statement"] = statement;
        foreach (var (name, value) in app.Settings.ToMembers().Where(member => !document.ContainsKey(member.Key)))
            document[name] = JsonSerializer.SerializeToNode(value);
        return document;
    }

    public static string ApplicationType(Client app) => app.Kind == ClientKind.Native ? "native" : "web";

    /// <summary>The objection that is told, in the codes of RFC 7591 §3.2.2.</summary>
    public static OAuthError Error(ValidationException invalid)
    {
        var failure = invalid.Errors.OrderByDescending(failure => Member(failure.PropertyName) == "redirect_uris").First();
        var error = Member(failure.PropertyName) == "redirect_uris" ? OAuthError.InvalidRedirectUri : OAuthError.InvalidClientMetadata;
        return error.Saying(Ascii(failure.ErrorMessage));
    }

    public static IResult Answer(HttpContext http, JsonObject document, int status)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        return Results.Text(document.ToJsonString(), "application/json", Encoding.UTF8, status);
    }

    private static string Member(string property) => AppDocument.Names.GetValueOrDefault(property, property);

    private static JsonArray List(string[] texts) => [.. texts.Select(text => JsonValue.Create(text))];

    // RFC 6749 §5.2, which RFC 7591 follows: what a caller sent comes back without anything that a log or a page could take for its own.
    private static string Ascii(string text) => string.Concat(text.Replace("…", "...", StringComparison.Ordinal).Select(character => character switch
    {
        '“' or '”' or '"' => '\'',
        '\\' => '/',
        >= ' ' and <= '~' => character,
        _ => '?',
    }));
}
