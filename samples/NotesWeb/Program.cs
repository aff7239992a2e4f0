// A web app that signs people in at Signet and calls the notes API for them, with Microsoft's OpenID Connect handler as it is.
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
    .AddCookie()
    .AddOpenIdConnect(oidc =>
    {
        oidc.Authority = builder.Configuration["Signet:Authority"];
        oidc.ClientId = builder.Configuration["Signet:ClientId"];
        oidc.ClientSecret = builder.Configuration["Signet:ClientSecret"];
        oidc.RequireHttpsMetadata = !builder.Environment.IsDevelopment();
        oidc.ResponseType = "code"; // with PKCE, which the handler adds
        oidc.ResponseMode = "query";
        oidc.Resource = builder.Configuration["Api:Audience"];
        oidc.Scope.Add("email");
        oidc.Scope.Add("notes.read");
        oidc.SaveTokens = true;
        oidc.MapInboundClaims = false;
    });
builder.Services.AddHttpClient("notes", http => http.BaseAddress = new Uri(builder.Configuration["Api:Address"]!));

var app = builder.Build();

app.MapGet("/", (HttpContext http) => Html(http.User.Identity?.IsAuthenticated == true
    ? $"""
       <h1>Signed in</h1>
       <table>{string.Concat(http.User.Claims.Select(claim => $"<tr><th>{Encode(claim.Type)}</th><td>{Encode(claim.Value)}</td></tr>"))}</table>
       <p><a href="/notes">My notes</a></p>
       <form method="post" action="/signout"><button>Sign out</button></form>
       """
    : """<h1>Notes</h1><p><a href="/signin">Sign in with Signet</a></p>"""));

app.MapGet("/signin", () => Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [OpenIdConnectDefaults.AuthenticationScheme]));

app.MapPost("/signout", () => Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [CookieAuthenticationDefaults.AuthenticationScheme]));

app.MapGet("/notes", async (HttpContext http, IHttpClientFactory clients) =>
{
    if (await http.GetTokenAsync("access_token") is not { } token)
        return Results.Redirect("/signin");
    using var request = new HttpRequestMessage(HttpMethod.Get, "/notes") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    using var response = await clients.CreateClient("notes").SendAsync(request);
    if (!response.IsSuccessStatusCode)
        return Html($"<h1>The notes API says {(int)response.StatusCode}</h1>");
    var notes = await response.Content.ReadFromJsonAsync<string[]>() ?? [];
    return Html($"<h1>My notes</h1><ul>{string.Concat(notes.Select(note => $"<li>{Encode(note)}</li>"))}</ul>");
});

app.Run();

static string Encode(string text) => HtmlEncoder.Default.Encode(text);

static IResult Html(string body) => Results.Content($"<!doctype html><html lang=\"en\"><title>Notes</title><meta name=\"viewport\" content=\"width=device-width\"><body>{body}</body></html>", "text/html");
