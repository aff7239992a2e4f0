namespace Signet.Features;

/// <summary>An app hands in its authorization request before it sends anyone here, and gets a name for it (RFC 9126 §2).</summary>
internal static partial class PushAuthorization
{
    /// <param name="Client">The client, authenticated.</param>
    /// <param name="Holder">Whose key the caller proved to hold; the code will be bound to it.</param>
    public sealed record Request(Client Client, Parameters Parameters, Confirmation? Holder = null) : IRequest<Result>;

    /// <summary>Every way a push can end.</summary>
    public abstract record Result
    {
        public sealed record Pushed(string RequestUri, TimeSpan Lifetime) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    public sealed class Handler(Authorize.Examination examination, RequestObjects objects, PushedRequests pushed, ClientDocuments documents, TimeProvider time) : IRequestHandler<Request, Result>
    {
        private const int Longest = 32 * 1024;

        // How the client authenticated is nobody's business later, and no secret is kept.
        private static readonly string[] Credentials = ["client_secret", "client_assertion", "client_assertion_type"];

        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var (client, parameters) = (request.Client, request.Parameters);
            if (parameters.Has("request_uri"))
                return Refuse("request_uri cannot be pushed (RFC 9126 section 2.1); send the parameters themselves, or request.");
            if (parameters.Has("request"))
            {
                var outcome = await objects.Read(client, parameters["request"], time.GetUtcNow(), ct);
                if (outcome is not RequestObjects.Outcome.Read read)
                    return new Result.Refused(((RequestObjects.Outcome.Refused)outcome).Error);
                parameters = read.Parameters;
            }
            else if (client.Settings.MustSignRequests)
            {
                return new Result.Refused(Authorize.Reader.Unsigned);
            }

            if (request.Holder is { Method: Confirmation.Dpop, Thumbprint: var thumbprint })
            {
                if (parameters["dpop_jkt"] is { } named && named != thumbprint)
                    return Refuse("dpop_jkt names another key than the one that the DPoP proof was made with (RFC 9449 section 10.1).");
                parameters = parameters.Without([], "dpop_jkt", thumbprint);
            }

            parameters = parameters.Without(Credentials, "client_id", client.Id);
            if (parameters.ToObject().Length > Longest)
                return Refuse("The request is too long.");
            if (parameters["redirect_uri"] is not { } uri || !RedirectUri.IsRegistered(client, uri))
                return Refuse("redirect_uri is missing, or not registered for this client.");
            if (await examination.Of(new Authorize.Draft(parameters, client, uri), ct) is Audiences.Result.Refused refused)
                return new Result.Refused(refused.Error);
            if (!await documents.HasRoomFor(client, ct))
                return new Result.Refused(OAuthError.TemporarilyUnavailable.Saying("Too many apps that nobody has used yet have pushed requests. Send the person without pushing the first time, or try again later."));
            await documents.Keep(client, ct);
            return new Result.Pushed(await pushed.Keep(client, parameters, ct), PushedRequests.Lifetime);
        }

        private static Result.Refused Refuse(string description) => new(OAuthError.InvalidRequest.Saying(description));
    }
}
