using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signet.Features;

/// <summary>An app gets tokens for a grant (RFC 6749 §3.2).</summary>
internal static partial class IssueToken
{
    /// <param name="Client">The client, authenticated.</param>
    /// <param name="Holder">Whose key the caller proved to hold, and the access token is bound to; null for a bearer.</param>
    public sealed record Request(Client Client, Parameters Parameters, Confirmation? Holder = null) : IRequest<Result>;

    /// <summary>Every way a token request can end.</summary>
    public abstract record Result
    {
        public sealed record Issued(Answer Answer) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    /// <summary>The answer on the wire (RFC 6749 §5.1).</summary>
    public sealed record Answer
    {
        [JsonPropertyName("access_token")] public required string AccessToken { get; init; }
        /// <summary>What an exchange made (RFC 8693 §2.2.1).</summary>
        [JsonPropertyName("issued_token_type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? IssuedTokenType { get; init; }
        [JsonPropertyName("token_type")] public required string TokenType { get; init; }
        [JsonPropertyName("expires_in")] public required long ExpiresIn { get; init; }
        [JsonPropertyName("scope"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Scope { get; init; }
        [JsonPropertyName("refresh_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? RefreshToken { get; init; }
        [JsonPropertyName("id_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? IdToken { get; init; }
        [JsonPropertyName("authorization_details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public JsonElement? Details { get; init; }
    }

    /// <summary>One grant: a file in Grants/, listed once in <see cref="Grants"/>. One that is not listed does not exist.</summary>
    public interface IGrant
    {
        Task<Result> Issue(Request request, CancellationToken ct);
    }

    // A request makes the one that it asks for, and nothing of what the others need.
    private static readonly FrozenDictionary<string, Type> Grants = new Dictionary<string, Type>
    {
        [GrantTypes.AuthorizationCode] = typeof(AuthorizationCodeGrant),
        [GrantTypes.RefreshToken] = typeof(RefreshTokenGrant),
        [GrantTypes.ClientCredentials] = typeof(ClientCredentialsGrant),
        [GrantTypes.DeviceCode] = typeof(DeviceCodeGrant),
        [GrantTypes.Ciba] = typeof(CibaGrant),
        [GrantTypes.TokenExchange] = typeof(TokenExchangeGrant),
        [GrantTypes.JwtBearer] = typeof(JwtBearerGrant),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IServiceCollection AddGrants(this IServiceCollection services)
    {
        foreach (var grant in Grants.Values)
            services.AddScoped(grant);
        return services.AddScoped<Issuance>().AddScoped<Redemption>().AddScoped<Polling>();
    }

    public sealed class Handler(IServiceProvider services) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (Rules.FirstObjection(request) is { } objection)
                return new Result.Refused(objection);
            var type = request.Parameters["grant_type"]!;
            if (!Grants.TryGetValue(type, out var grant))
                return new Result.Refused(OAuthError.UnsupportedGrantType);
            if (!request.Client.GrantTypes.Contains(type))
                return new Result.Refused(OAuthError.UnauthorizedClient.Saying($"This client is not registered for grant_type {type}."));
            return await ((IGrant)services.GetRequiredService(grant)).Issue(request, ct);
        }
    }

    [JsonSerializable(typeof(Answer))]
    internal sealed partial class AnswerJson : JsonSerializerContext;
}
