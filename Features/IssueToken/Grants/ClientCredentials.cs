namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>An app acts for itself (RFC 6749 §4.4). A JWT costs no database statement here.</summary>
    internal sealed class ClientCredentialsGrant(Issuance issuance, Audiences audiences, ClientDirectory directory) : IGrant
    {
        public async Task<Result> Issue(Request request, CancellationToken ct)
        {
            var client = request.Client;
            if (client.IsPublic)
                return new Result.Refused(OAuthError.UnauthorizedClient.Saying("Only a client with a secret may use client_credentials (RFC 6749 section 4.4)."));
            var own = client.Scopes.Except(Scopes.AboutPeople);
            var asked = request.Parameters["scope"] is { } scope ? Scopes.Parse(scope)! : [.. own];
            if (asked.Except(own).Any())
                return new Result.Refused(OAuthError.InvalidScope.Saying("The app is not registered for one of the scopes, or the scope is about a person."));
            var resolution = await audiences.Resolve(asked, request.Parameters.Resources, ct);
            if (resolution is not Audiences.Result.Resolved covers)
                return new Result.Refused(((Audiences.Result.Refused)resolution).Error);
            var epoch = client.TokenEpoch + await directory.InstallationEpoch(ct);
            return new Result.Issued(await issuance.Issue(new(client, covers, epoch) { Holder = request.Holder }, ct));
        }
    }
}
