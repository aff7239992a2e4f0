using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class RegisterApp
{
    public static Command Command(CommandHost host)
    {
        var name = new Option<string>("--name") { Description = "What people see.", Required = true };
        var id = new Option<string?>("--id") { Description = "The client_id; otherwise a random one." };
        var secret = new Option<string?>("--secret") { Description = "A secret of one's own; otherwise one is made." };
        var type = new Option<string?>("--type") { Description = "Whether the app can keep a secret." };
        type.AcceptOnlyFromAmong("confidential", "public");
        var method = new Option<string?>("--auth-method") { Description = "How the app proves itself; otherwise its secret, shown in the header or the body." };
        method.AcceptOnlyFromAmong(ClientAuthenticationMethods.All);
        var jwksUri = new Option<string?>("--jwks-uri") { Description = "Where the app publishes its keys, for private_key_jwt and self_signed_tls_client_auth." };
        var owner = new Option<string?>("--owner") { Description = "The e-mail address of the user whose app it is; otherwise the installation's." };
        var grants = new Option<string[]>("--grant") { Description = "A grant type; may be repeated." };
        var redirects = new Option<string[]>("--redirect-uri") { Description = "A redirect URI; may be repeated." };
        var afterSignOut = new Option<string[]>("--post-logout-redirect-uri") { Description = "Where people may be sent after they sign out; may be repeated." };
        var scopes = new Option<string[]>("--scope") { Description = "A scope, or several with spaces between; may be repeated." };
        var format = new Option<string?>("--token-format") { Description = "What access tokens look like." };
        format.AcceptOnlyFromAmong("jwt", "opaque");
        var skips = new Option<bool>("--skip-consent") { Description = "A first-party app: people are not asked." };
        var command = new Command("add", "Register an app; its secret is printed once.") { name, id, secret, type, method, jwksUri, owner, grants, redirects, afterSignOut, scopes, format, skips };
        command.SetAction((parsed, _) => host.Send(parsed, new Request
        {
            Name = parsed.GetValue(name),
            Id = parsed.GetValue(id),
            Secret = parsed.GetValue(secret) is { } own ? new Secret(own) : null,
            IsPublic = parsed.GetValue(type) is { } given ? given == "public" : null,
            AuthenticationMethod = parsed.GetValue(method),
            Settings = new() { JwksUri = parsed.GetValue(jwksUri) },
            OwnerEmail = parsed.GetValue(owner),
            GrantTypes = CommandHost.Words(parsed.GetValue(grants)),
            RedirectUris = CommandHost.Words(parsed.GetValue(redirects)) ?? [],
            PostLogoutRedirectUris = CommandHost.Words(parsed.GetValue(afterSignOut)) ?? [],
            Scopes = CommandHost.Words(parsed.GetValue(scopes)),
            TokenFormat = parsed.GetValue(format) == "opaque" ? TokenFormat.Opaque : TokenFormat.Jwt,
            SkipsConsent = parsed.GetValue(skips),
        }, Answer));
        return command;
    }

    private static Answer Answer(Result result) => result switch
    {
        Result.Registered { Secret: null } app => new(new { ClientId = app.Id }, $"Registered {app.Name}: client_id {app.Id}, an app without a secret."),
        Result.Registered app => new(
            new { ClientId = app.Id, ClientSecret = app.Secret.Text },
            [
                $"Registered {app.Name}: client_id {app.Id}, client_secret {app.Secret.Text} (shown this once).",
                .. app.HasWeakSecret ? ["This secret is short: one that Signet makes has 256 bits."] : Array.Empty<string>(),
            ]),
        Result.IdTaken => Infrastructure.Answer.Refused("there is an app with this id already."),
        Result.NotAllowed => Infrastructure.Answer.Refused("registering apps is not allowed here."),
        Result.TooMany many => Infrastructure.Answer.Refused($"this user has {many.Most} apps already."),
        _ => throw new UnreachableException(),
    };
}
