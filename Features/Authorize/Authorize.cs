using Signet.Infrastructure.Jose;

namespace Signet.Features;

/// <summary>An app asks for an authorization code on a person's behalf (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2).</summary>
internal static partial class Authorize
{
    /// <param name="Parameters">The parameters as the app sent them.</param>
    public sealed record Request(Parameters Parameters) : IRequest<Result>;

    /// <summary>What the person would have to allow, null for nothing; no code is issued and no pushed request used up.</summary>
    public sealed record Question(Parameters Parameters) : IRequest<Asked?>;

    /// <summary>Every way an authorization request can end.</summary>
    public abstract record Result
    {
        /// <summary>The client or its redirect URI is not to be trusted: said here, never sent there (RFC 6749 §4.1.2.1).</summary>
        public sealed record RefusedHere(string Explanation) : Result;

        public sealed record RefusedToApp(Destination To, OAuthError Error) : Result;
        public sealed record NeedsSignIn(string ReturnUrl, string? LoginHint) : Result;

        /// <summary>For <c>prompt=create</c> (Initiating User Registration §4).</summary>
        public sealed record NeedsSignUp(string ReturnUrl) : Result;

        /// <summary>The session has one factor and the request wants two (RFC 9470 §5).</summary>
        public sealed record NeedsSecondFactor(string ReturnUrl, Doorway.Admission Missing) : Result;

        /// <summary>The app asks for rights over this installation, and the person proved longer ago than for such who they are.</summary>
        public sealed record NeedsProof(string ReturnUrl) : Result;
        public sealed record NeedsConsent(string ReturnUrl, Asked Asked) : Result;

        /// <summary>Nothing stands between the request and its code; never the end.</summary>
        public sealed record Cleared(Draft Draft, Audiences.Result.Resolved Covers, Session Session, byte[]? Pushed) : Result;

        /// <param name="IdToken">Beside the code, for <c>code id_token</c>.</param>
        public sealed record Granted(Destination To, Secret Code, string? IdToken) : Result;
    }

    /// <summary>Where the answer goes, and how.</summary>
    public sealed record Destination(Client Client, string RedirectUri, string? State, ResponseMode Mode);

    /// <summary>What a person is asked to allow; <paramref name="Waiting"/> is the request in its URL.</summary>
    public sealed record Asked(Client Client, Destination To, string[] Scopes, string[] Audiences, AuthorizationDetails? Details, Parameters Waiting);

    public sealed class Handler(
        AppDbContext db, Reader reader, Examination examination, PushedRequests pushed, Standings standings, AuthorizationCodes codes, Interaction interaction,
        TokenReader tokens, TokenWriter writer, Doorway doorway, Subjects subjects, ClientDocuments documents, Caller caller, IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IRequestHandler<Request, Result>, IRequestHandler<Question, Asked?>
    {
        private static readonly TimeSpan JustNow = TimeSpan.FromMinutes(1);
        private static readonly TimeSpan ForThis = TimeSpan.FromMinutes(10);

        private static readonly string[] Silent = [OAuthError.LoginRequired.Code, OAuthError.ConsentRequired.Code, OAuthError.InteractionRequired.Code];

        public async Task<Result> Handle(Request request, CancellationToken ct) => await Weigh(request.Parameters, ct) switch
        {
            Result.Cleared cleared => await Grant(cleared, ct),
            // Whoever made an app that nobody here knows must not be able to send strangers wherever it likes by way of us (RFC 9700 §4.11.2).
            Result.RefusedToApp { To.Client.IsUnverified: true } refused when caller.SessionId is null && !Silent.Contains(refused.Error.Code) =>
                request.Parameters.Repeated is null && interaction.Url(request.Parameters, interaction.Of(request.Parameters) ?? new Interaction.Note(time.GetUtcNow(), null)) is { Length: <= LongestQuery } url
                    ? new Result.NeedsSignIn(url, null)
                    : new Result.RefusedHere($"{refused.Error.Description} ({refused.Error.Code})"),
            var result => result,
        };

        public async Task<Asked?> Handle(Question request, CancellationToken ct) => (await Weigh(request.Parameters, ct) as Result.NeedsConsent)?.Asked;

        private async Task<Result> Weigh(Parameters sent, CancellationToken ct)
        {
            var outcome = await reader.Read(sent, ct);
            if (outcome is not Reader.Outcome.Read { Draft: var draft, Waiting: var waiting, Pushed: var pushedRequest })
                return ((Reader.Outcome.Refused)outcome).Result;
            var (client, parameters, to) = (draft.Client, draft.Parameters, draft.To);
            var examined = await examination.Of(draft, ct);
            if (examined is not Audiences.Result.Resolved resolved)
                return new Result.RefusedToApp(to, ((Audiences.Result.Refused)examined).Error);

            var note = interaction.Of(waiting) ?? new Interaction.Note(time.GetUtcNow(), null);
            if (await WhoIsFit(draft, note, ct) is not { } session)
            {
                return draft.IsSilent ? new Result.RefusedToApp(to, OAuthError.LoginRequired)
                    : draft.Prompt.Contains("create") ? new Result.NeedsSignUp(interaction.Url(waiting, note))
                    : new Result.NeedsSignIn(interaction.Url(waiting, note), parameters["login_hint"]);
            }

            await documents.Keep(client, ct);
            var subject = await subjects.Of(client, session.UserId, ct);
            if (draft.Claims!.Subjects?.Contains(subject) == false)
                return new Result.RefusedToApp(to, OAuthError.LoginRequired.Saying("Another person is signed in than the one whom the request is about."));
            if (draft.Claims.Acr?.IsMetBy(session.Methods) == false)
            {
                return draft.IsSilent
                    ? new Result.RefusedToApp(to, OAuthError.InteractionRequired)
                    : new Result.NeedsSecondFactor(interaction.Url(waiting, note), await doorway.StepUp(session, ct));
            }

            if (ClientRules.AskForProof(draft.Scopes!, caller, time.GetUtcNow()))
                return draft.IsSilent ? new Result.RefusedToApp(to, OAuthError.LoginRequired) : new Result.NeedsProof(interaction.Url(waiting, note));
            if (!await HasConsent(draft, resolved, session.UserId, note, ct))
            {
                return draft.IsSilent
                    ? new Result.RefusedToApp(to, OAuthError.ConsentRequired)
                    : new Result.NeedsConsent(interaction.Url(waiting, note), new Asked(client, to, Consented(draft, resolved), resolved.Audiences, draft.Details, waiting));
            }

            return new Result.Cleared(draft, resolved, session, pushedRequest);
        }

        private async Task<Result> Grant(Result.Cleared cleared, CancellationToken ct)
        {
            var (draft, resolved, session, pushedRequest) = cleared;
            var (client, parameters, to) = (draft.Client, draft.Parameters, draft.To);
            var standing = await standings.Of(db, client.Id, session.UserId, null, session.Id, null);
            if (standings.Objection(standing, standing.Epoch, client.Id, session.UserId, null, session.Id) is { } reason)
                return new Result.RefusedToApp(to, OAuthError.AccessDenied.Because(reason));
            if (pushedRequest is not null && !await pushed.Take(pushedRequest, ct))
                return new Result.RefusedHere(Reader.Used);
            var code = codes.Seal(new AuthorizationCode
            {
                Id = OpaqueValue.Random(OpaqueValue.SecretLength),
                Authorization = new Authorization
                {
                    ClientId = client.Id,
                    UserId = session.UserId,
                    SessionId = session.Id,
                    Scopes = resolved.Scopes,
                    Audiences = resolved.Audiences,
                    Nonce = parameters["nonce"],
                    Claims = draft.Claims!.ToStored(),
                    Details = draft.Details?.ToString(),
                    AuthenticatedAt = session.AuthenticatedAt,
                    Methods = session.Methods,
                    Epoch = standing.Epoch,
                    Stamp = standing.UserStamp,
                },
                RedirectUri = draft.RedirectUri,
                CodeChallenge = parameters["code_challenge"],
                DpopThumbprint = parameters["dpop_jkt"],
                ExpiresAt = time.GetUtcNow() + LifeOfCode(client),
            });
            return new Result.Granted(to, code, draft.IsHybrid ? await IdToken(draft, session, code, ct) : null);
        }

        private TimeSpan LifeOfCode(Client client) =>
            client.Settings.IsFapi && lifetimes.Value.AuthorizationCode > SecurityProfiles.LongestCode ? SecurityProfiles.LongestCode : lifetimes.Value.AuthorizationCode;

        /// <summary>The ID token of the front channel (OpenID Connect Core §3.3.2.11): the same person as in the one that the code will bring.</summary>
        private async Task<string> IdToken(Draft draft, Session session, Secret code, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var user = new TokenUser(session.UserId, await subjects.Of(draft.Client, session.UserId, ct), Guid.Empty, session.Id, session.AuthenticatedAt, session.Methods);
            return await writer.IdToken(new(draft.Client, user, now, now + lifetimes.Value.IdToken)
            {
                Nonce = draft.Parameters["nonce"],
                Code = code.Text,
                Requested = draft.Claims!,
                PersonClaims = await db.ClaimsOf(session.UserId, draft.Claims!.IdToken, ct),
            }, ct);
        }

        /// <summary>The session of the signed-in person, unless the request wants a newer sign-in or another person.</summary>
        private async Task<Session?> WhoIsFit(Draft draft, Interaction.Note note, CancellationToken ct)
        {
            if (caller.SessionId is not { } sid || await db.Sessions.AsNoTracking().FirstOrDefaultAsync(session => session.Id == sid, ct) is not { } session)
                return null;
            // Not for long: a request that somebody left waiting is not answered by a sign-in that was for something else.
            var isFresh = session.AuthenticatedAt >= note.Since && time.GetUtcNow() - session.AuthenticatedAt <= ForThis;
            if ((draft.Prompt.Contains("login") || draft.Prompt.Contains("select_account") || draft.Prompt.Contains("create")) && !isFresh)
                return null;
            if (draft.MaxAge is { } age && time.GetUtcNow() - session.AuthenticatedAt > age && !isFresh)
                return null;
            if (draft.Parameters["id_token_hint"] is { } hint
                && await tokens.ReadSigned(hint, TokenWriter.IdTokenType, SigningAlgorithms.All, mayBeExpired: true, ct) is { } hinted
                && hinted["sub"] != await subjects.Of(draft.Client, session.UserId, ct) && !isFresh)
                return null;
            return session;
        }

        /// <summary>What the person is asked for: claims that are wanted one by one are asked for as the scope that covers them.</summary>
        private static string[] Consented(Draft draft, Audiences.Result.Resolved wanted) => [.. wanted.Scopes.Union(draft.Claims!.CoveringScopes)];

        private async Task<bool> HasConsent(Draft draft, Audiences.Result.Resolved wanted, Guid userId, Interaction.Note note, CancellationToken ct)
        {
            // Details are of this one request: a yes to others says nothing of them.
            var mustAskNow = draft.Prompt.Contains("consent") || draft.Details is not null;
            if (draft.Client.GoesUnasked(wanted.Scopes) && !draft.Prompt.Contains("consent"))
                return true;
            var consent = await db.Consents.AsNoTracking().FirstOrDefaultAsync(consent => consent.UserId == userId && consent.ClientId == draft.Client.Id, ct);
            if (consent is null || Consented(draft, wanted).Except(consent.Scopes).Any() || wanted.Audiences.Except(consent.Resources).Any())
                return false;
            if (note.ConsentedBy == userId && time.GetUtcNow() - consent.GivenAt <= JustNow)
                return true;
            // Any program on the machine can pose as a native app, or as one that proves nothing and comes back to the machine, and anybody can have made an unverified one, so a remembered yes is not enough (RFC 8252 §8.6).
            return !mustAskNow && draft.Client.Kind != ClientKind.Native && !(draft.Client.IsPublic && RedirectUri.IsLoopback(draft.RedirectUri)) && !draft.Client.IsUnverified;
        }
    }
}
