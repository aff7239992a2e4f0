using System.Diagnostics.Metrics;
using System.Text.Json;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Telemetry;

namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>
    /// A token becomes another, for an API further on (RFC 8693). Who may exchange whose tokens for which API an administrator
    /// says, rule by rule. The new token hangs on what the presented one hangs on, and on the presented one, and never outlives it.
    /// A presented token that does not do is <c>invalid_request</c>, whatever is wrong with it (§2.2.2).
    /// </summary>
    internal sealed class TokenExchangeGrant(
        AppDbContext db, TokenReader tokens, Standings standings, Subjects subjects, Issuance issuance, ClientDirectory directory, IOptions<SignetOptions> options) : IGrant
    {
        private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";
        private const string JwtToken = "urn:ietf:params:oauth:token-type:jwt";
        private const int Longest = 16 * 1024;
        private const int MostTokens = 10;
        private static readonly Counter<long> Exchanged = Telemetry.Meter.CreateCounter<long>("signet.tokens.exchanged", "{token}", "Tokens that were issued in exchange for another.");

        public async Task<Result> Issue(Request request, CancellationToken ct)
        {
            var (client, parameters) = (request.Client, request.Parameters);
            if (ExchangeRules.FirstObjection(request) is { } malformed)
                return new Result.Refused(malformed);

            if (await Present(request, "subject_token", ct) is not { } subject)
                return new Result.Refused(OAuthError.InvalidRequest.Saying("The subject_token is not a live access token, or it is bound to a key that this request does not prove."));
            LiveToken? actor = null;
            if (parameters["actor_token"] is not null)
            {
                actor = await Present(request, "actor_token", ct);
                if (actor is null)
                    return new Result.Refused(OAuthError.InvalidRequest.Saying("The actor_token is not a live access token, or it is bound to a key that this request does not prove."));
                if (actor.ClientId != client.Id && !await directory.IsFor(client, actor.Audiences, ct))
                    return new Result.Refused(OAuthError.InvalidRequest.Saying("The actor_token was issued to another client, and is not for this one."));
            }

            var rules = client.Settings.TokenExchange!.Where(rule => rule.SubjectClient == subject.ClientId || rule.SubjectClient == TrustRules.AnyClient).ToArray();
            var isOurs = subject.ClientId == client.Id || await directory.IsFor(client, subject.Audiences, ct) || rules.Any(rule => rule.SubjectClient == subject.ClientId);
            if (rules is [] || !isOurs)
                return new Result.Refused(OAuthError.InvalidRequest.Saying("This client may not exchange tokens of the app that the subject_token was issued to."));
            if (await Targets(parameters, subject, rules, ct) is not { Length: > 0 } targets)
                return new Result.Refused(OAuthError.InvalidTarget.Saying("Name an API by resource or audience that this client may exchange the token for."));

            var (scopes, objection) = await ScopesFor(request, subject, targets, ct);
            if (objection is not null)
                return new Result.Refused(objection);
            // All targets must allow it: the strictest rule decides.
            var impersonates = actor is null && targets.All(target => rules.Any(rule => rule.AllowsImpersonation && rule.Audiences.Contains(target)));
            var (acting, actingClient) = (actor?.Subject ?? client.Id, actor?.ClientId ?? client.Id);
            if (!MayAct(parameters["subject_token"]!, acting, actingClient))
                return new Result.Refused(OAuthError.InvalidRequest.Saying("The subject_token names by may_act who may act for its subject, and this is somebody else (RFC 8693 section 4.4)."));
            var act = impersonates ? subject.Actor : Lineage.Act(acting, actingClient, subject.Actor);
            string[] exchangedFrom = [.. subject.WithItsLineage, .. actor?.WithItsLineage ?? []];
            if ((act is null && !impersonates) || exchangedFrom.Length > MostTokens)
                return new Result.Refused(OAuthError.InvalidRequest.Saying("The subject_token went through too many hands already; present one nearer to its subject."));

            var subjectClient = subject.SubjectClient == client.Id ? null : subject.SubjectClient;
            var standing = await standings.Of(db, client.Id, subject.UserId, subject.GrantId, subject.SessionId, null);
            if (await Lineage.Epoch(db, Lineage.Of(client.Id, subjectClient, act), ct) is not { } lineage
                // What ended while we reckoned is found here; what ends later has a higher epoch than the new token.
                || await tokens.Read(new Secret(parameters["subject_token"]!), ct) is null
                || (actor is not null && await tokens.Read(new Secret(parameters["actor_token"]!), ct) is null))
                return new Result.Refused(OAuthError.InvalidRequest.Saying("What the subject_token or the actor_token goes back to has just ended.").Because("what the token goes back to has ended"));

            var answer = await issuance.Issue(new(client, new(scopes, targets), standing.Epoch + lineage)
            {
                User = subject is { UserId: { } user, GrantId: { } grant }
                    ? new(user, await subjects.Of(client, user, ct), grant, subject.SessionId, subject.AuthenticatedAt, subject.Methods)
                    : null,
                SubjectClient = subjectClient,
                NotAfter = actor is not null && actor.ExpiresAt < subject.ExpiresAt ? actor.ExpiresAt : subject.ExpiresAt,
                Holder = request.Holder,
                Actor = act,
                ExchangedFrom = exchangedFrom,
                Format = parameters["requested_token_type"] == JwtToken ? TokenFormat.Jwt : null,
            }, ct);
            Exchanged.Add(1);
            return new Result.Issued(answer with { IssuedTokenType = parameters["requested_token_type"] ?? AccessToken });
        }

        // A token of an app, not a person's own, and with the proof of its key where it is bound to one.
        private async Task<LiveToken?> Present(Request request, string name, CancellationToken ct) =>
            await tokens.Read(new Secret(request.Parameters[name]!), ct) is { IsPersonal: false } token
            && (token.Confirmation is null || token.Confirmation == request.Holder) ? token : null;

        /// <summary>The APIs that the new token is for, all of them allowed; null when one is not.</summary>
        private async Task<string[]?> Targets(Parameters parameters, LiveToken subject, ExchangeRule[] rules, CancellationToken ct)
        {
            var apis = await directory.Resources(ct);
            bool IsAllowed(string target) => rules.Any(rule => rule.Audiences.Contains(target)) && (target == options.Value.Issuer || apis.Any(api => api.Audience == target));
            if (parameters.Resources is [] && parameters.Audiences is [])
                return [.. subject.Audiences.Where(IsAllowed)];
            var named = parameters.Resources.Select(resource => (string?)resource)
                .Concat(parameters.Audiences.Select(audience => audience == options.Value.Issuer ? audience : Named(apis, audience))).Distinct(StringComparer.Ordinal).ToArray();
            return named.All(target => target is not null && IsAllowed(target)) ? [.. named.OfType<string>()] : null;
        }

        // By its audience, or by a name that no other API has.
        private static string? Named(Resource[] apis, string audience) =>
            apis.FirstOrDefault(api => api.Audience == audience)?.Audience
            ?? (apis.Where(api => api.Name == audience).ToArray() is [var only] ? only.Audience : null);

        /// <summary>What the subject's token may and the targets know; and of the targets' own scopes what this client is registered for.</summary>
        private async Task<(string[] Scopes, OAuthError? Objection)> ScopesFor(Request request, LiveToken subject, string[] targets, CancellationToken ct)
        {
            var ofApis = (await directory.Resources(ct)).Where(api => targets.Contains(api.Audience)).SelectMany(api => api.Scopes).Select(scope => scope.Name).ToArray();
            var ofSignet = targets.Contains(options.Value.Issuer) ? Scopes.OfSignet.Keys.Where(scope => scope != Scopes.OfflineAccess) : [];
            var kept = subject.Scopes.Intersect(ofApis.Concat(ofSignet)).ToArray();
            var allowed = kept.Union(ofApis.Intersect(request.Client.Scopes)).ToArray();
            var scopes = request.Parameters["scope"] is { } asked ? Scopes.Parse(asked)! : kept is [] ? allowed : kept;
            return scopes.Except(allowed).Any() || (scopes is [] && subject.Scopes is not [])
                ? ([], OAuthError.InvalidScope.Saying("The new token may have scopes of the named API alone, which the subject_token has or this client is registered for."))
                : (scopes, null);
        }

        private static bool MayAct(string subjectToken, string acting, string actingClient) =>
            Jws.Read(subjectToken, Longest) is not { } jwt || !jwt.Payload.TryGetProperty("may_act", out var mayAct)
            || (mayAct.ValueKind == JsonValueKind.Object && Is(mayAct, "sub", acting) && (!mayAct.TryGetProperty("client_id", out _) || Is(mayAct, "client_id", actingClient)));

        private static bool Is(JsonElement json, string member, string value) =>
            json.TryGetProperty(member, out var given) && given.ValueKind == JsonValueKind.String && given.ValueEquals(value);

        /// <summary>What every exchange must satisfy before a token is looked at, in order.</summary>
        private static readonly Rule<Request>[] ExchangeRules =
        [
            new("the client proves who it is", request => request.Client.IsPublic ? OAuthError.UnauthorizedClient.Saying("A public client cannot exchange tokens.") : null),
            new("an administrator gave the client a rule", request => request.Client.Settings.TokenExchange is null or [] ? OAuthError.UnauthorizedClient.Saying("No administrator has said whose tokens this client may exchange (token_exchange).") : null),
            new("subject_token is given (§2.1)", request => request.Parameters["subject_token"] is null ? OAuthError.InvalidRequest.Saying("subject_token is missing.") : null),
            new("subject_token_type is one that is taken", request => Objection(request, "subject_token")),
            new("actor_token and its type come together (§2.1)", request => request.Parameters["actor_token"] is null != request.Parameters["actor_token_type"] is null ? OAuthError.InvalidRequest.Saying("actor_token and actor_token_type come together or not at all.") : null),
            new("actor_token_type is one that is taken", request => request.Parameters["actor_token"] is null ? null : Objection(request, "actor_token")),
            new("requested_token_type is one that is issued", request => request.Parameters["requested_token_type"] is null or AccessToken or JwtToken ? null : OAuthError.InvalidRequest.Saying($"requested_token_type must be {AccessToken} or {JwtToken}.")),
        ];

        private static OAuthError? Objection(Request request, string name) => request.Parameters[$"{name}_type"] switch
        {
            AccessToken => null,
            JwtToken => request.Parameters[name]!.Contains('.', StringComparison.Ordinal) ? null : OAuthError.InvalidRequest.Saying($"The {name} is no JWT."),
            _ => OAuthError.InvalidRequest.Saying($"{name}_type must be {AccessToken} or {JwtToken}: only access tokens are exchanged here."),
        };
    }
}
