using System.Text;
using Signet.Infrastructure.Outbound;

namespace Signet.Features;

internal static partial class Authorize
{
    /// <summary>
    /// Where a request's parameters come from: the query itself, a request that the app pushed (RFC 9126 §4), or an object that it
    /// signed (RFC 9101 §5), by value or at an address that it registered.
    /// </summary>
    internal sealed class Reader(
        ClientDocuments documents, Caller caller, PushedRequests pushed, RequestObjects objects, OutboundClient outbound, FetchAllowance allowance, Interaction interaction, TimeProvider time)
    {
        public abstract record Outcome
        {
            /// <param name="Waiting">What stands in the URL of the request while the person signs in or consents.</param>
            /// <param name="Pushed">The pushed request that issuing a code uses up.</param>
            public sealed record Read(Draft Draft, Parameters Waiting, byte[]? Pushed) : Outcome;
            public sealed record Refused(Result Result) : Outcome;
        }

        public async Task<Outcome> Read(Parameters sent, CancellationToken ct)
        {
            if (sent.Repeats("client_id") || sent.Repeats("redirect_uri") || sent.Repeats("request_uri"))
                return Here("The app sent a parameter twice that may come once.");
            var found = sent["client_id"] is { Length: <= ClientIds.Longest } id ? await documents.Find(id, caller.RemoteAddress, ct) : new ClientDocuments.Result.Unknown();
            if (found is ClientDocuments.Result.Refused refused)
                return Here($"The app that sent you here cannot be served. {refused.Explanation}");
            if (found is not ClientDocuments.Result.Found { Client: var client })
                return Here("The app that sent you here is not registered with us, or it was removed.");
            if (client.DisabledAt is not null)
                return Here("The app that sent you here is disabled.");
            if (sent["request_uri"] is { } uri && PushedRequests.IsNamed(uri))
                return await ReadPushed(client, uri, sent, ct);
            if (client.Settings.MustPush)
                return ToApp(client, sent, OAuthError.InvalidRequest.Saying("This app must push its authorization requests (RFC 9126) and come here with the request_uri."));
            if (sent.Has("request_uri"))
                return await ReadReferred(client, sent, ct);
            if (sent.Has("request"))
                return await objects.Read(client, sent["request"], interaction.Of(sent)?.Since ?? time.GetUtcNow(), ct) switch
                {
                    RequestObjects.Outcome.Read read => Locate(client, read.Parameters, sent, null),
                    var outcome => ToApp(client, sent, ((RequestObjects.Outcome.Refused)outcome).Error),
                };
            return client.Settings.MustSignRequests ? ToApp(client, sent, Unsigned) : Locate(client, sent, sent, null);
        }

        public static readonly OAuthError Unsigned = OAuthError.InvalidRequest.Saying("This app must sign its authorization requests (RFC 9101); send request.");

        private async Task<Outcome> ReadPushed(Client client, string uri, Parameters sent, CancellationToken ct)
        {
            var waiting = sent.Only("client_id", "request_uri", Interaction.Parameter);
            // Who began in time may take their time to sign in.
            return await pushed.Find(client, uri, interaction.Of(waiting)?.Since ?? time.GetUtcNow(), ct) is var (hash, parameters)
                ? Locate(client, parameters, waiting, hash)
                : Here(Used);
        }

        public const string Used = "The app's request was used already, has expired, or is another app's (invalid_request_uri). Go back to the app and start again.";

        // Fetched once and then kept as if it had been pushed: what the person sees is what the app gets, whatever stands at the address later.
        private async Task<Outcome> ReadReferred(Client client, Parameters sent, CancellationToken ct)
        {
            if (sent.Has("request"))
                return ToApp(client, sent, OAuthError.InvalidRequest.Saying("Send request or request_uri, not both (RFC 9101 section 5)."));
            if (sent["request_uri"] is not { } uri || client.Settings.RequestUris?.Contains(uri) != true)
                return ToApp(client, sent, OAuthError.RequestUriNotSupported);
            // Whom nobody here knows shall not make us ask an address of its choice as often as it likes.
            if (client.IsUnverified && !allowance.Take(uri, caller.RemoteAddress))
                return ToApp(client, sent, OAuthError.SlowDown);
            if (await outbound.Get(uri, "application/oauth-authz-req+jwt, application/jwt", ct) is not { } body)
                return ToApp(client, sent, OAuthError.InvalidRequestUri.Saying("Nothing could be fetched from the request_uri."));
            if (await objects.Read(client, Encoding.ASCII.GetString(body).Trim(), time.GetUtcNow(), ct) is not RequestObjects.Outcome.Read { Parameters: var parameters })
                return ToApp(client, sent, OAuthError.InvalidRequestObject);
            var located = Locate(client, parameters, sent, null);
            if (located is not Outcome.Read)
                return located;
            var kept = await pushed.Keep(client, parameters, ct);
            return await ReadPushed(client, kept, sent.Without([Interaction.Parameter], "request_uri", kept), ct);
        }

        private static Outcome Locate(Client client, Parameters parameters, Parameters waiting, byte[]? hash) =>
            !parameters.Repeats("redirect_uri") && parameters["redirect_uri"] is { } uri && RedirectUri.IsRegistered(client, uri)
                ? new Outcome.Read(new Draft(parameters, client, uri), waiting, hash)
                : Here("The app asked us to send you to an address (redirect_uri) that is not registered for it. If this is your app, register exactly that address.");

        private static Outcome.Refused Here(string explanation) => new(new Result.RefusedHere(explanation));

        // The address outside the object is the app's own too, so it may hear there what is wrong with the object.
        private static Outcome.Refused ToApp(Client client, Parameters sent, OAuthError error) =>
            sent["redirect_uri"] is { } uri && RedirectUri.IsRegistered(client, uri)
                ? new(new Result.RefusedToApp(new Draft(sent, client, uri).To, error))
                : Here($"{error.Description} ({error.Code})");
    }

    /// <summary>What is asked of a request whose parameters are known, at the authorization endpoint and when it is pushed.</summary>
    internal sealed class Examination(Audiences audiences, IOptions<SignetOptions> options)
    {
        /// <summary>The scopes and APIs that the request comes to, or the first objection.</summary>
        public async ValueTask<Audiences.Result> Of(Draft draft, CancellationToken ct)
        {
            if (Rules.FirstObjection(draft) is { } objection)
                return new Audiences.Result.Refused(objection);
            if (draft.Parameters["code_challenge"] is null && options.Value.DemandsPkce(draft.Client))
                return new Audiences.Result.Refused(OAuthError.InvalidRequest.Saying("code_challenge is missing; this app must use PKCE (RFC 7636)."));
            var (scopes, resources) = (draft.Scopes!, draft.Parameters.Resources);
            return draft.Details is { } details ? await audiences.OfGrant(draft.Client, scopes, resources, details, ct) : await audiences.OfGrant(scopes, resources, ct);
        }
    }
}
