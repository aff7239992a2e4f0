namespace Signet.Features;

/// <summary>An app asks for an authorization code on a person's behalf (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2).</summary>
internal static partial class Authorize
{
    /// <param name="Parameters">The parameters as the app sent them.</param>
    public sealed record Request(Parameters Parameters) : IRequest<Result>;

    /// <summary>Every way an authorization request can end.</summary>
    public abstract record Result
    {
        /// <summary>The client or its redirect URI is not to be trusted: said here, never sent there (RFC 6749 §4.1.2.1).</summary>
        public sealed record RefusedHere(string Explanation) : Result;

        public sealed record RefusedToApp(Destination To, OAuthError Error) : Result;
        public sealed record NeedsSignIn(string ReturnUrl, string? LoginHint) : Result;

        /// <summary>The app asks for rights over this installation, and the person proved longer ago than for such who they are.</summary>
        public sealed record NeedsProof(string ReturnUrl) : Result;
        public sealed record NeedsConsent(string ReturnUrl, Asked Asked) : Result;
        public sealed record Granted(Destination To, Secret Code) : Result;
    }

    /// <summary>Where the answer goes, and how.</summary>
    public sealed record Destination(string RedirectUri, string? State, bool UsesFormPost);

    /// <summary>What a person is asked to allow.</summary>
    public sealed record Asked(Client Client, Destination To, string[] Scopes, string[] Audiences, Parameters Parameters);

    public sealed class Handler(
        AppDbContext db, ClientDirectory directory, Audiences audiences, Standings standings, AuthorizationCodes codes, Interaction interaction,
        TokenReader tokens, Caller caller, IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IRequestHandler<Request, Result>
    {
        private static readonly TimeSpan JustNow = TimeSpan.FromMinutes(1);
        private static readonly TimeSpan ForThis = TimeSpan.FromMinutes(10);

        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var parameters = request.Parameters;
            var (client, redirectUri, explanation) = await Identify(parameters, ct);
            if (client is null || redirectUri is null)
                return new Result.RefusedHere(explanation!);
            var draft = new Draft(parameters, client, redirectUri);
            var to = new Destination(redirectUri, parameters["state"], draft.UsesFormPost);
            if (Rules.FirstObjection(draft) is { } objection)
                return new Result.RefusedToApp(to, objection);
            var resolution = await audiences.OfGrant(draft.Scopes!, parameters.Resources, ct);
            if (resolution is not Audiences.Result.Resolved resolved)
                return new Result.RefusedToApp(to, ((Audiences.Result.Refused)resolution).Error);
            // "All that the app is registered for" is decided now: a person allows what the page showed, whatever the app becomes meanwhile.
            if (parameters["scope"] is null)
                parameters = parameters.With("scope", string.Join(' ', draft.Scopes!));

            var note = interaction.Of(parameters) ?? new Interaction.Note(time.GetUtcNow(), null);
            if (await WhoIsFit(draft, note, ct) is not { } session)
            {
                return draft.IsSilent
                    ? new Result.RefusedToApp(to, OAuthError.LoginRequired)
                    : new Result.NeedsSignIn(interaction.Url(parameters, note), parameters["login_hint"]);
            }

            if (draft.Scopes!.Any(ClientRules.Powerful.Contains) && time.GetUtcNow() - caller.ProvenAt > RecentSignInAttribute.Recent)
                return draft.IsSilent ? new Result.RefusedToApp(to, OAuthError.LoginRequired) : new Result.NeedsProof(interaction.Url(parameters, note));
            if (!await HasConsent(draft, resolved, session.UserId, note, ct))
            {
                return draft.IsSilent
                    ? new Result.RefusedToApp(to, OAuthError.ConsentRequired)
                    : new Result.NeedsConsent(interaction.Url(parameters, note), new Asked(client, to, resolved.Scopes, resolved.Audiences, parameters));
            }

            var standing = await standings.Of(db, client.Id, session.UserId, null, session.Id, null);
            if (standings.Objection(standing, standing.Epoch, client.Id, session.UserId, null, session.Id) is { } reason)
                return new Result.RefusedToApp(to, OAuthError.AccessDenied.Because(reason));
            return new Result.Granted(to, codes.Seal(new AuthorizationCode
            {
                Id = OpaqueValue.Random(OpaqueValue.SecretLength),
                ClientId = client.Id,
                UserId = session.UserId,
                SessionId = session.Id,
                RedirectUri = redirectUri,
                Scopes = resolved.Scopes,
                Audiences = resolved.Audiences,
                Nonce = parameters["nonce"],
                CodeChallenge = parameters["code_challenge"],
                AuthenticatedAt = session.AuthenticatedAt,
                Methods = session.Methods,
                Epoch = standing.Epoch,
                Stamp = standing.UserStamp,
                ExpiresAt = time.GetUtcNow() + lifetimes.Value.AuthorizationCode,
            }));
        }

        private async Task<(Client? Client, string? RedirectUri, string? Explanation)> Identify(Parameters parameters, CancellationToken ct)
        {
            if (parameters.Repeated is "client_id" or "redirect_uri")
                return (null, null, "The app sent a parameter twice that may come once.");
            if (parameters["client_id"] is not { Length: <= 128 } id || await directory.Find(id, ct) is not { } client)
                return (null, null, "The app that sent you here is not registered with us, or it was removed.");
            if (client.DisabledAt is not null)
                return (null, null, "The app that sent you here is disabled.");
            return parameters["redirect_uri"] is { } uri && RedirectUri.IsRegistered(client, uri)
                ? (client, uri, null)
                : (null, null, "The app asked us to send you to an address (redirect_uri) that is not registered for it. If this is your app, register exactly that address.");
        }

        /// <summary>The session of the signed-in person, unless the request wants a newer sign-in or another person.</summary>
        private async Task<Session?> WhoIsFit(Draft draft, Interaction.Note note, CancellationToken ct)
        {
            if (caller.SessionId is not { } sid || await db.Sessions.AsNoTracking().FirstOrDefaultAsync(session => session.Id == sid, ct) is not { } session)
                return null;
            // Not for long: a request that somebody left waiting is not answered by a sign-in that was for something else.
            var isFresh = session.AuthenticatedAt >= note.Since && time.GetUtcNow() - session.AuthenticatedAt <= ForThis;
            if ((draft.Prompt.Contains("login") || draft.Prompt.Contains("select_account")) && !isFresh)
                return null;
            if (draft.MaxAge is { } age && time.GetUtcNow() - session.AuthenticatedAt > age && !isFresh)
                return null;
            if (draft.Parameters["id_token_hint"] is { } hint
                && await tokens.ReadSigned(hint, TokenWriter.IdTokenType, KeyRing.IdTokenAlgorithm, mayBeExpired: true, ct) is { } hinted
                && hinted.Subject != session.UserId.ToString() && !isFresh)
                return null;
            return session;
        }

        private async Task<bool> HasConsent(Draft draft, Audiences.Result.Resolved wanted, Guid userId, Interaction.Note note, CancellationToken ct)
        {
            var mustAskNow = draft.Prompt.Contains("consent");
            // Rights over this installation are never given without asking, whoever the app belongs to.
            if (draft.Client.SkipsConsent && !mustAskNow && !wanted.Scopes.Any(ClientRules.Powerful.Contains))
                return true;
            var consent = await db.Consents.AsNoTracking().FirstOrDefaultAsync(consent => consent.UserId == userId && consent.ClientId == draft.Client.Id, ct);
            if (consent is null || wanted.Scopes.Except(consent.Scopes).Any() || wanted.Audiences.Except(consent.Resources).Any())
                return false;
            if (note.ConsentedBy == userId && time.GetUtcNow() - consent.GivenAt <= JustNow)
                return true;
            // Any program on the machine can pose as a native app, so a remembered yes is not enough (RFC 8252 §8.6).
            return !mustAskNow && draft.Client.Kind != ClientKind.Native;
        }
    }
}
