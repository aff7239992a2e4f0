// An API that Signet protects: it takes access tokens that were issued for it, and asks for one scope to read and one to write.
var builder = WebApplication.CreateBuilder(args);

builder.Services.AddAuthentication().AddJwtBearer(jwt =>
{
    jwt.Authority = builder.Configuration["Signet:Authority"];
    jwt.Audience = builder.Configuration["Signet:Audience"];
    jwt.RequireHttpsMetadata = !builder.Environment.IsDevelopment();
    jwt.MapInboundClaims = false;
    // RFC 9728 §5.1: a 401 says where an app that knows nothing yet learns how to get a token
    jwt.Challenge = $"Bearer resource_metadata=\"{builder.Configuration["Signet:Authority"]}/.well-known/oauth-protected-resource/{builder.Configuration["Signet:ClientId"]}\"";
    jwt.TokenValidationParameters.ValidTypes = ["at+jwt"]; // RFC 9068 §4: an ID token is no access token
    jwt.Events = new()
    {
        OnTokenValidated = context =>
        {
            // RFC 9449 §7.2, RFC 8705 §3: a token that is bound to a key is worth nothing without the proof, which this API does not ask for
            if (context.Principal!.HasClaim(claim => claim.Type == "cnf"))
                context.Fail("This API takes bearer tokens alone.");
            return Task.CompletedTask;
        },
    };
});
builder.Services.AddAuthorizationBuilder()
    .AddPolicy("notes.read", policy => policy.RequireAssertion(context => HasScope(context.User, "notes.read")))
    .AddPolicy("notes.write", policy => policy.RequireAssertion(context => HasScope(context.User, "notes.write")));

var app = builder.Build();
var notes = new System.Collections.Concurrent.ConcurrentQueue<string>(["Buy sealing wax"]);
app.MapGet("/notes", () => notes).RequireAuthorization("notes.read");
app.MapPost("/notes", (Note note) =>
{
    notes.Enqueue(note.Text);
    return Results.Created("/notes", note);
}).RequireAuthorization("notes.write");
app.Run();

static bool HasScope(System.Security.Claims.ClaimsPrincipal caller, string scope) =>
    caller.FindFirst("scope")?.Value.Split(' ').Contains(scope) == true;

internal sealed record Note(string Text);
