namespace Signet.Features;

/// <summary>Lines that work for one app as they stand, to paste into a shell or a project.</summary>
internal sealed record AppExamples(string Issuer, string ClientId, string? Secret, bool IsPublic, string[] GrantTypes, string? RedirectUri, string[] Scopes)
{
    private const string Unknown = "YOUR_CLIENT_SECRET";

    public sealed record Example(string Title, string Hint, string Code);

    public static AppExamples Of(ShowApp.App app, string issuer, Secret? secret) => new(
        issuer, app.Id, secret?.Text, app.IsPublic, app.GrantTypes, app.RedirectUris.FirstOrDefault(), app.Scopes)
    {
        NeedsLibrary = !app.IsPublic && !app.AuthenticationMethods.Any(ClientAuthenticationMethods.ShowingSecret.Contains)
            || app.Settings is { MustPush: true } or { MustSignRequests: true } or { DpopBoundAccessTokens: true } or { TlsClientCertificateBoundAccessTokens: true },
    };

    /// <summary>True where an app needs a library and its key for every request: lines to paste would only be refused.</summary>
    public bool NeedsLibrary { get; private init; }

    public IEnumerable<Example> All()
    {
        if (NeedsLibrary)
            yield break;
        if (GrantTypes.Contains(Infrastructure.OAuth.GrantTypes.ClientCredentials))
        {
            yield return new("curl: a token for the app itself", "client_credentials, RFC 6749 section 4.4", ClientCredentials());
            yield return new("JavaScript: a token for the app itself", "Node.js 18 and later, nothing to install", FetchToken());
        }

        if (GrantTypes.Contains(Infrastructure.OAuth.GrantTypes.DeviceCode))
            yield return new("curl: connect a device", "Device authorization, RFC 8628. Open the printed address, allow it, and press Enter.", DeviceCode());
        if (!GrantTypes.Contains(Infrastructure.OAuth.GrantTypes.AuthorizationCode) || RedirectUri is null)
            yield break;
        yield return new("curl: sign a person in", "Authorization code with PKCE. Open the printed address, sign in, and copy the code out of the address you are sent to.", AuthorizationCode());
        if (!IsPublic)
            yield return new("ASP.NET Core", "dotnet add package Microsoft.AspNetCore.Authentication.OpenIdConnect", AspNetCore());
        yield return new("JavaScript", "npm install oauth4webapi", JavaScript());
    }

    private string Secretly => Secret ?? Unknown;

    private string ScopeList => string.Join(' ', Scopes);

    // Single quotes for the shell, and the form encoding that RFC 6749 §2.3.1 asks for in a Basic header.
    private string BasicCredentials => Quote($"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(Secretly)}");

    private string Credentials => IsPublic ? $"-d client_id={Quote(ClientId)}" : $"-u {BasicCredentials}";

    private string ClientCredentials() => string.Join(" \\\n  ", new[]
    {
        $"curl {Issuer}/oauth/token",
        $"-u {BasicCredentials}",
        "-d grant_type=client_credentials",
    }.Concat(MachineScopes is "" ? [] : [$"--data-urlencode {Quote($"scope={MachineScopes}")}"]));

    private string MachineScopes => string.Join(' ', Scopes.Except(Infrastructure.OAuth.Scopes.AboutPeople));

    private string AuthorizationCode() => $$"""
        verifier=$(openssl rand -hex 32)
        challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
        echo '{{Issuer}}/oauth/authorize?response_type=code&client_id={{Uri.EscapeDataString(ClientId)}}&redirect_uri={{Uri.EscapeDataString(RedirectUri!)}}&scope={{Uri.EscapeDataString(ScopeList)}}&state='$(openssl rand -hex 16)"&code_challenge=$challenge&code_challenge_method=S256"
        read -rp 'code: ' code
        curl {{Issuer}}/oauth/token \
          {{Credentials}} \
          -d grant_type=authorization_code \
          --data-urlencode {{Quote($"redirect_uri={RedirectUri}")}} \
          --data-urlencode "code=$code" -d "code_verifier=$verifier"
        """;

    private string DeviceCode() => $$"""
        answer=$(curl -s {{Issuer}}/oauth/device {{Credentials}} \
          --data-urlencode {{Quote($"scope={ScopeList}")}})
        echo "$answer"
        read -rp 'Open verification_uri_complete, allow it, and press Enter. '
        curl {{Issuer}}/oauth/token {{Credentials}} \
          --data-urlencode grant_type={{Infrastructure.OAuth.GrantTypes.DeviceCode}} \
          --data-urlencode "device_code=$(echo "$answer" | sed 's/.*"device_code":"\([^"]*\)".*/\1/')"
        """;

    private string AspNetCore() => $$"""
        builder.Services
            .AddAuthentication(options =>
            {
                options.DefaultScheme = "Cookies";
                options.DefaultChallengeScheme = "Signet";
            })
            .AddCookie("Cookies")
            .AddOpenIdConnect("Signet", options =>
            {
                options.Authority = {{Literal(Issuer)}};{{(Issuer.StartsWith("http:", StringComparison.Ordinal) ? "\n        options.RequireHttpsMetadata = false; // Development only" : "")}}
                options.ClientId = {{Literal(ClientId)}};
                options.ClientSecret = {{Literal(Secretly)}}; // better from user secrets or the environment
                options.CallbackPath = {{Literal(new Uri(RedirectUri!).AbsolutePath)}};
                options.ResponseType = "code";
                options.UsePkce = true;
                options.SaveTokens = true;
                options.MapInboundClaims = false;
                options.Scope.Clear();
                foreach (var scope in {{Literal(ScopeList)}}.Split(' '))
                    options.Scope.Add(scope);
            });
        """;

    private string JavaScript() => $$"""
        import * as oauth from "oauth4webapi";

        const issuer = new URL({{Literal(Issuer)}});
        const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer{{InsecurelyInDevelopment(", { ", " }")}}));
        const client = { client_id: {{Literal(ClientId)}} };
        const authentication = {{(IsPublic ? "oauth.None()" : $"oauth.ClientSecretBasic({Literal(Secretly)})")}};
        const redirectUri = {{Literal(RedirectUri!)}};

        // 1. Keep verifier and state with the person's session, and send the person to url.
        const verifier = oauth.generateRandomCodeVerifier();
        const state = oauth.generateRandomState();
        const url = new URL(server.authorization_endpoint);
        url.search = new URLSearchParams({
          response_type: "code", client_id: client.client_id, redirect_uri: redirectUri, scope: {{Literal(ScopeList)}}, state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
        });

        // 2. The person comes back to callbackUrl.
        const parameters = oauth.validateAuthResponse(server, client, callbackUrl, state);
        const answer = await oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, redirectUri, verifier{{InsecurelyInDevelopment(", { ", " }")}});
        const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer);
        """;

    // The libraries refuse plain HTTP unless they are told, and Development has no other.
    private string InsecurelyInDevelopment(string before, string after) =>
        Issuer.StartsWith("http:", StringComparison.Ordinal) ? $"{before}[oauth.allowInsecureRequests]: true{after}" : "";

    private string FetchToken() => $$"""
        const answer = await fetch({{Literal(Issuer + "/oauth/token")}}, {
          method: "POST",
          headers: { authorization: "Basic " + btoa({{Literal($"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(Secretly)}")}}) },
          body: new URLSearchParams({ grant_type: "client_credentials"{{(MachineScopes is "" ? "" : $", scope: {Literal(MachineScopes)}")}} }),
        });
        const { access_token } = await answer.json();
        """;

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    // The same for C# and JavaScript: what is quoted here is printable ASCII.
    private static string Literal(string text) => $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
