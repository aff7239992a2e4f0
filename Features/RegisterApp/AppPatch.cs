using System.Text.Json;

namespace Signet.Features;

/// <summary>Which members of an app a program may change, and how (RFC 7396).</summary>
internal static class AppPatch
{
    private static readonly Dictionary<string, Func<EditApp.Request, JsonElement, EditApp.Request>> Changes = new()
    {
        ["client_name"] = (app, value) => app with { Name = value.GetString() },
        ["client_uri"] = (app, value) => app with { HomepageUri = value.GetString() },
        ["redirect_uris"] = (app, value) => app with { RedirectUris = value.Deserialize<string[]>() ?? [] },
        ["post_logout_redirect_uris"] = (app, value) => app with { PostLogoutRedirectUris = value.Deserialize<string[]>() ?? [] },
        ["scope"] = (app, value) => app with { Scopes = AppDocument.Split(value.GetString()) ?? [] },
        ["grant_types"] = (app, value) => app with { GrantTypes = value.Deserialize<string[]>() ?? [] },
        ["token_endpoint_auth_method"] = (app, value) => app with { AuthenticationMethod = value.GetString() },
        ["token_format"] = (app, value) => app with { TokenFormat = new AppDocument { TokenFormat = value.GetString() }.FormatOr(default) },
        ["refresh_token_rotation"] = (app, value) => app with { RefreshRotation = new AppDocument { RefreshTokenRotation = value.GetString() }.RotationOr(default) },
        ["access_token_lifetime"] = (app, value) => app with { AccessTokenLifetime = AppDocument.Seconds(value.Deserialize<long?>()) },
        ["refresh_token_lifetime"] = (app, value) => app with { RefreshTokenLifetime = AppDocument.Seconds(value.Deserialize<long?>()) },
    };

    /// <summary>The whole app with the changes made, or null and the sentence that says why not.</summary>
    public static EditApp.Request? Apply(ShowApp.App app, Dictionary<string, JsonElement> patch, out string? problem)
    {
        problem = null;
        var request = EditApp.Request.Of(app);
        foreach (var (name, value) in patch)
        {
            if (!Changes.TryGetValue(name, out var change) && !ClientSettings.Members.Contains(name))
            {
                problem = $"Only these members can be changed: {string.Join(", ", Changes.Keys.Concat(ClientSettings.Members))}.";
                return null;
            }

            try
            {
                request = change is null ? request with { Settings = request.Settings!.With([new(name, value)]) } : change(request, value);
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                problem = $"{name} is of the wrong type.";
                return null;
            }
        }

        return request;
    }
}
