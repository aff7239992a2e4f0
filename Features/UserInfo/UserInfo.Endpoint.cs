namespace Signet.Features;

/// <summary>Who the token's person is (OpenID Connect Core §5.3): the claims of the scopes that the token carries.</summary>
internal static class UserInfo
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapMethods("/oauth/userinfo", ["GET", "POST"], Answer).AllowAnonymous().DisableAntiforgery().RequireCors(Cors.Programs);

    private static async Task<IResult> Answer(HttpContext http, PresentedToken presented, AppDbContext db, ClientDirectory directory, TokenWriter writer)
    {
        var ct = http.RequestAborted;
        var result = await presented.Read(http.Request, ct);
        if (result is not PresentedToken.Result.Accepted { Token: { UserId: { } userId } token })
            return new OAuthRefusal(result is PresentedToken.Result.Refused refused ? refused.Error : OAuthError.InvalidToken);
        if (!token.Scopes.Contains(Scopes.OpenId))
            return new OAuthRefusal(OAuthError.InsufficientScope.Saying("The access token lacks the scope openid."));

        // What was asked for one by one was granted to the app that asked, and to no other that holds a token of the grant (RFC 8693).
        var known = await db.Users.AsNoTracking().Where(user => user.Id == userId).Select(user => new
        {
            User = user,
            Asked = db.Grants.Where(grant => grant.Id == token.GrantId && grant.ClientId == token.ClientId).Select(grant => grant.Claims).FirstOrDefault(),
        }).SingleAsync(ct);
        var claims = UserClaim.Of(known.User, token.Scopes, (RequestedClaims.Parse(known.Asked) ?? RequestedClaims.None).UserInfo);
        claims["sub"] = token.Subject;
        http.Response.Headers.Pragma = "no-cache";
        return token.ClientId is { } id && await directory.Find(id, ct) is { } client && await writer.UserInfo(client, claims, ct) is { } sealedClaims
            ? Results.Text(sealedClaims, "application/jwt")
            : Results.Json(claims);
    }
}
