using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests;

/// <summary>Verbs that make what the authorization and token endpoints would have made.</summary>
public abstract partial class SliceTest
{
    /// <summary>An authorization of the user for the client, with a session, and its refresh token.</summary>
    internal async Task<(Grant Grant, string Refresh)> AddGrant(User user, Client client, string[]? scopes = null, string[]? audiences = null, bool isOffline = false)
    {
        var now = site.Clock.GetUtcNow();
        var refresh = RefreshSecret.New();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            KeyHash = new Secret(OpaqueValue.Random(OpaqueValue.SecretLength)).Hash(),
            UserId = user.Id,
            AuthenticatedAt = now,
            Methods = ["pwd"],
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now.AddHours(12),
            EndsAt = now.AddDays(14),
        };
        var grant = new Grant
        {
            Id = Guid.CreateVersion7(now),
            CodeHash = new Secret(OpaqueValue.Random(43)).Hash(),
            ClientId = client.Id,
            UserId = user.Id,
            SessionId = session.Id,
            IsOffline = isOffline,
            Scopes = scopes ?? ["openid", "notes.read"],
            Audiences = audiences ?? ["https://api.test/notes"],
            AuthenticatedAt = now,
            Methods = ["pwd", "otp", "mfa"],
            Epoch = await EpochOf(client.Id, user.Id),
            CreatedAt = now,
            ExpiresAt = now.AddDays(90),
            RefreshHandle = refresh.HandleBytes,
            RefreshHash = refresh.Hash(),
            RefreshExpiresAt = now.AddDays(14),
        };
        await site.InDatabase(db =>
        {
            db.AddRange(session, grant);
            return db.SaveChangesAsync(Ct);
        });
        return (grant, refresh.Seal().Text);
    }

    /// <summary>A self-contained access token; of the grant, or of the client itself.</summary>
    internal async Task<string> IssueJwt(Client client, Grant? grant = null, string[]? audiences = null, TimeSpan? lifetime = null) =>
        await site.Services.GetRequiredService<TokenWriter>().Jwt(await Content(client, grant, audiences, lifetime), Ct);

    internal async Task<string> IssueOpaque(Client client, Grant? grant = null, string[]? audiences = null, TimeSpan? lifetime = null)
    {
        var (secret, row) = TokenWriter.Opaque(await Content(client, grant, audiences, lifetime));
        await site.InDatabase(db =>
        {
            db.Add(row);
            return db.SaveChangesAsync(Ct);
        });
        return secret.Text;
    }

    internal async Task<(Token Row, string Text)> AddPersonalToken(User user, string[]? audiences = null, TimeSpan? lifetime = null, string name = "backup script")
    {
        var now = site.Clock.GetUtcNow();
        var secret = OpaqueValue.New(OpaqueValue.PersonalToken);
        var row = new Token
        {
            Id = Guid.CreateVersion7(now),
            Hash = secret.Hash(),
            Kind = TokenKind.Personal,
            UserId = user.Id,
            Name = name,
            Scopes = ["notes.read"],
            Audiences = audiences ?? ["https://api.test/notes"],
            Epoch = await EpochOf(null, user.Id),
            CreatedAt = now,
            ExpiresAt = now + (lifetime ?? TimeSpan.FromDays(30)),
        };
        await site.InDatabase(db =>
        {
            db.Add(row);
            return db.SaveChangesAsync(Ct);
        });
        return (row, secret.Text);
    }

    /// <summary>An initial access token, with which apps register themselves.</summary>
    internal async Task<(Token Row, string Text)> AddInitialToken(User? user = null, string[]? scopes = null, int? uses = null)
    {
        var secret = OpaqueValue.New(OpaqueValue.InitialAccess);
        var now = site.Clock.GetUtcNow();
        var row = new Token
        {
            Id = Guid.CreateVersion7(now),
            Hash = secret.Hash(),
            Kind = TokenKind.Registration,
            UserId = user?.Id,
            Name = "partner portal",
            Scopes = scopes ?? [],
            Audiences = [],
            Epoch = 0,
            CreatedAt = now,
            ExpiresAt = now.AddDays(1),
            MostUses = uses,
        };
        await site.InDatabase(db =>
        {
            db.Add(row);
            return db.SaveChangesAsync(Ct);
        });
        return (row, secret.Text);
    }

    /// <summary>A program with a user's token of these scopes, meant for Signet unless said otherwise.</summary>
    internal async Task<HttpClient> Program(User user, string scopes, string audience = Tests.Site.Issuer)
    {
        var secret = OpaqueValue.New(OpaqueValue.PersonalToken);
        var now = site.Clock.GetUtcNow();
        await site.InDatabase(db =>
        {
            db.Add(new Token
            {
                Id = Guid.CreateVersion7(),
                Hash = secret.Hash(),
                Kind = TokenKind.Personal,
                UserId = user.Id,
                Scopes = scopes.Split(' '),
                Audiences = [audience],
                Epoch = 0,
                CreatedAt = now,
                ExpiresAt = now.AddDays(1),
            });
            return db.SaveChangesAsync(Ct);
        });
        var http = site.Browser();
        http.DefaultRequestHeaders.Authorization = new("Bearer", secret.Text);
        return http;
    }

    private async Task<AccessTokenContent> Content(Client client, Grant? grant, string[]? audiences, TimeSpan? lifetime)
    {
        var now = site.Clock.GetUtcNow();
        return new(
            client.Id, grant?.Scopes ?? ["notes.read"], audiences ?? grant?.Audiences ?? ["https://api.test/notes"], now, now + (lifetime ?? TimeSpan.FromMinutes(15)),
            grant?.Epoch ?? await EpochOf(client.Id, null),
            grant is null ? null : TokenUser.Of(grant, grant.UserId.ToString()));
    }

    private Task<long> EpochOf(string? clientId, Guid? userId) => site.InDatabase(async db =>
        (await site.Services.GetRequiredService<Standings>().Of(db, clientId, userId, null, null, null)).Epoch);

    /// <summary>The answer of introspection, as text; asked on another node where one is given.</summary>
    internal static async Task<string> Introspect(HttpClient http, Client asker, string secret, string token)
    {
        var response = await PostAs(http, asker.Id, secret, "/oauth/introspect", ("token", token));
        ((int)response.StatusCode).ShouldBe(200);
        return await response.Content.ReadAsStringAsync(Ct);
    }

    internal const string Inactive = """{"active":false}""";
}
