using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Clients;

/// <summary>Registers the apps of the matrix and lets a library of Node's be all of them (tests/Peers/clients).</summary>
public abstract class NodeClientsTest(ClientsSite site) : SliceTest(site)
{
    private const string Audience = "https://api.test/notes";
    private const string RedirectUri = "https://app.test/cb";
    protected const string Secret = "secret", Key = "key", Public = "public";
    protected static readonly string[] Kinds = [Secret, Key, Public];
    private static readonly string[] Scopes = ["openid", "profile", "email", "offline_access", "notes.read"];
    private static readonly string[] Cells = ["code", "refresh", "client credentials", "device", "introspection", "revocation"];

    /// <summary>How the app is registered to ask and to hold its tokens.</summary>
    public sealed record Mode(string Name, bool IsPushed, bool IsBound)
    {
        public static readonly Mode[] All = [new("plain", false, false), new("PAR", true, false), new("DPoP", false, true), new("PAR+DPoP", true, true)];
    }

    /// <summary>Runs the whole matrix in one process, and lists the cells that failed.</summary>
    protected async Task ShouldSucceed(string library, bool demandsNonces, (Mode Mode, string Kind)[] matrix)
    {
        var (_, api, secret) = await AddApi(Audience);
        var people = new JsonArray();
        foreach (var _ in Kinds) // a person may type in ten codes of devices in ten minutes
            people.Add(new JsonObject { ["email"] = (await AddUser()).Email, ["password"] = Password });
        var apps = new JsonArray();
        foreach (var (mode, kind) in matrix)
            apps.Add(await AddApp(mode, kind));

        var told = await Run(library, new JsonObject
        {
            ["issuer"] = site.Address.GetLeftPart(UriPartial.Authority),
            ["demandsNonces"] = demandsNonces,
            ["people"] = people,
            ["apps"] = apps,
            ["api"] = new JsonObject { ["metadata"] = new JsonObject { ["client_id"] = api.Id }, ["secret"] = secret, ["audience"] = Audience },
        });

        var expected = from one in matrix from cell in Cells where one.Kind != Public || cell != "client credentials" select $"{NameOf(one.Mode, one.Kind)}: {cell}";
        told.Select(line => $"{line.App}: {line.Cell}").ShouldBe(expected, ignoreOrder: true);
        told.Where(line => line.Error is not null).Select(line => $"{line.App}: {line.Cell}: {line.Error}").ShouldBeEmpty();
    }

    private static string NameOf(Mode mode, string kind) => $"{mode.Name}, {kind}";

    private async Task<JsonObject> AddApp(Mode mode, string kind)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var settings = new ClientSettings
        {
            RequirePushedAuthorizationRequests = mode.IsPushed,
            DpopBoundAccessTokens = mode.IsBound,
            Jwks = kind == Key ? JsonSerializer.SerializeToElement(new JsonObject { ["keys"] = new JsonArray(Jwk(key, isPrivate: false)) }) : null,
            // one algorithm for each kind, and once a signed answer at introspection (RFC 9701)
            IdTokenSignedResponseAlg = kind switch { Secret => "RS256", Key => "ES256", _ => "EdDSA" },
            UserinfoSignedResponseAlg = kind == Key ? "PS256" : null,
            IntrospectionSignedResponseAlg = kind == Key ? "ES256" : null,
        };
        var (client, secret) = await AddClient(
            grants: [.. (string[])["authorization_code", "refresh_token", GrantTypes.DeviceCode], .. kind == Public ? (string[])[] : ["client_credentials"]],
            redirectUris: [RedirectUri], scopes: Scopes, isPublic: kind == Public, change: client =>
            {
                client.Settings = settings;
                if (kind == Key)
                    client.AuthenticationMethods = ["private_key_jwt"];
            });
        return new()
        {
            ["name"] = NameOf(mode, kind),
            ["isPushed"] = mode.IsPushed,
            ["isBound"] = mode.IsBound,
            ["isConfidential"] = kind != Public,
            ["secret"] = kind == Secret ? secret : null,
            ["key"] = kind == Key ? Jwk(key, isPrivate: true) : null,
            ["metadata"] = Metadata(client),
        };
    }

    /// <summary>What the app knows of its own registration.</summary>
    private static JsonObject Metadata(Client client)
    {
        var metadata = JsonNode.Parse(client.Settings.ToString())!.AsObject();
        metadata["client_id"] = client.Id;
        metadata["redirect_uris"] = new JsonArray(RedirectUri);
        return metadata;
    }

    private static JsonObject Jwk(ECDsa key, bool isPrivate)
    {
        var parameters = key.ExportParameters(includePrivateParameters: true);
        var (x, y) = (Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y));
        var jwk = JsonSerializer.SerializeToNode(new { kty = "EC", crv = "P-256", alg = "ES256", use = "sig", kid = "app-key", x, y })!.AsObject();
        if (isPrivate)
            jwk["d"] = Base64Url.EncodeToString(parameters.D);
        return jwk;
    }

    private async Task<Line[]> Run(string library, JsonObject question)
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["run.mjs", library])
        {
            WorkingDirectory = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../tests/Peers/clients")),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NODE_EXTRA_CA_CERTS"] = site.CertificateFile },
        })!;
        await node.StandardInput.WriteAsync(question.ToJsonString().AsMemory(), Ct);
        node.StandardInput.Close();
        var complaint = node.StandardError.ReadToEndAsync(Ct);
        var output = await node.StandardOutput.ReadToEndAsync(Ct);
        await node.WaitForExitAsync(Ct);
        node.ExitCode.ShouldBe(0, $"{await complaint}\n{output}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<Line>(line, JsonSerializerOptions.Web)!)];
    }

    private sealed record Line(string App, string Cell, string? Error);
}
