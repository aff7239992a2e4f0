using System.Text.Json;
using Microsoft.AspNetCore.Identity;

namespace Signet.Features;

/// <summary>
/// A user, an app and an API to try things with, made once, in Development only. Every password and secret is random; only
/// hashes are in the database, so the data directory keeps the values in a file that nobody else can read.
/// </summary>
internal static partial class MakeDemo
{
    public const string Audience = "https://api.localhost/demo";
    private const string Action = "demo data made";
    private const string File = "demo.json";

    public sealed record Request : IRequest<Demo?>, IAudited<Demo?>
    {
        public AuditEntry? Audit(Demo? result) => result is { IsNew: true } ? new AuditEntry(Action, "system") : null;
    }

    /// <summary>What opens the demo; its file holds the same.</summary>
    public sealed record Demo(string Email, string Password, string ClientId, string ClientSecret, string Audience, string ApiId, string ApiSecret)
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public bool IsNew { get; init; }

        public override string ToString() => $"Demo {ClientId}";
    }

    public sealed class Handler(
        AppDbContext db, IHostEnvironment environment, IConfiguration configuration, IPasswordHasher<User> hasher, TimeProvider time)
        : IRequestHandler<Request, Demo?>
    {
        private static readonly JsonSerializerOptions Written = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

        private readonly string directory = Database.DataDirectory(configuration, environment.ContentRootPath);

        public async Task<Demo?> Handle(Request request, CancellationToken ct)
        {
            if (!environment.IsDevelopment())
                return null;
            return await db.AuditEvents.AnyAsync(made => made.Action == Action, ct) ? await Known(ct) : await Make(ct);
        }

        private async Task<Demo?> Make(CancellationToken ct)
        {
            var demo = new Demo(
                "demo@signet.localhost", OpaqueValue.Random(20), "demo", OpaqueValue.New(OpaqueValue.ClientSecret).Text,
                Audience, "demo-api", OpaqueValue.New(OpaqueValue.ClientSecret).Text)
            {
                IsNew = true,
            };
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (!await db.InsertIfAbsent(App(demo), ct) || !await db.InsertIfAbsent(Api(demo), ct) || !await db.InsertIfAbsent(Person(demo), ct))
                return null; // another process makes it, or the operator has things of these names
            var api = new Resource { Id = Guid.CreateVersion7(time.GetUtcNow()), Audience = Audience, Name = "Demo notes", ClientId = demo.ApiId, CreatedAt = time.GetUtcNow() };
            api.Scopes.Add(new ResourceScope { ResourceId = api.Id, Name = "notes.read", Description = "Read your notes" });
            api.Scopes.Add(new ResourceScope { ResourceId = api.Id, Name = "notes.write", Description = "Write notes for you" });
            db.Resources.Add(api);
            db.ClientSecrets.AddRange(SecretOf(demo.ClientId, demo.ClientSecret), SecretOf(demo.ApiId, demo.ApiSecret));
            await db.SaveChangesAsync(ct);
            await Keep(File, JsonSerializer.Serialize(demo, Written));
            await transaction.CommitAsync(ct);
            return demo;
        }

        /// <summary>What the file says, while the app still has that secret.</summary>
        private async Task<Demo?> Known(CancellationToken ct)
        {
            var path = Path.Combine(directory, File);
            if (!System.IO.File.Exists(path))
                return null;
            await using var file = System.IO.File.OpenRead(path);
            if (await JsonSerializer.DeserializeAsync<Demo>(file, Written, ct) is not { ClientSecret: { } secret } demo)
                return null;
            var hash = new Secret(secret).Hash();
            return await db.ClientSecrets.AnyAsync(known => known.ClientId == demo.ClientId && known.Hash == hash, ct) ? demo : null;
        }

        private async Task Keep(string name, string text)
        {
            var path = Path.Combine(Directory.CreateDirectory(directory).FullName, name);
            System.IO.File.Delete(path); // what was there may be readable for others
            var mine = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                mine.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var file = new StreamWriter(path, mine);
            await file.WriteAsync(text);
        }

        private Client App(Demo demo) => new()
        {
            Id = demo.ClientId,
            Name = "Demo app",
            Kind = ClientKind.Web,
            AuthenticationMethods = ["client_secret_basic", "client_secret_post"],
            GrantTypes = ["authorization_code", "refresh_token", "client_credentials"],
            RedirectUris = ["http://127.0.0.1:5090/signin-oidc", "http://localhost:5090/signin-oidc"],
            Scopes = [Scopes.OpenId, Scopes.Profile, Scopes.Email, Scopes.OfflineAccess, "notes.read", "notes.write"],
            CreatedAt = time.GetUtcNow(),
            UpdatedAt = time.GetUtcNow(),
            TokenEpoch = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };

        private Client Api(Demo demo) => new()
        {
            Id = demo.ApiId,
            Name = "Demo notes",
            Kind = ClientKind.Api,
            AuthenticationMethods = ["client_secret_basic", "client_secret_post"],
            GrantTypes = [],
            CreatedAt = time.GetUtcNow(),
            UpdatedAt = time.GetUtcNow(),
            TokenEpoch = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };

        private User Person(Demo demo)
        {
            var user = PersonDetails.NewUser("Demo", demo.Email, time.GetUtcNow());
            user.EmailConfirmed = true;
            user.PasswordHash = hasher.HashPassword(user, demo.Password);
            return user;
        }

        private ClientSecret SecretOf(string clientId, string secret) => new()
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            ClientId = clientId,
            Hash = new Secret(secret).Hash(),
            Hint = secret[^4..],
            CreatedAt = time.GetUtcNow(),
        };
    }

    /// <summary>For the console: who signs in, and a line to paste before the README's.</summary>
    public static IEnumerable<string> Lines(Demo demo, string issuer) =>
    [
        "Demo user, app and API (Development only; also in demo.json in the data directory):",
        $"  {demo.Email}  password {demo.Password}",
        $"  export SIGNET={issuer} CLIENT_ID={demo.ClientId} CLIENT_SECRET={demo.ClientSecret}",
        $"  export API={demo.Audience} API_ID={demo.ApiId} API_SECRET={demo.ApiSecret}",
    ];
}
