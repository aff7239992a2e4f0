using System.Globalization;
using System.Text.RegularExpressions;
using Signet.Infrastructure.Outbound;

namespace Signet.Features;

/// <summary>A person changes what they are called, and what else apps may learn of them (OpenID Connect Core §5.1).</summary>
internal static partial class EditProfile
{
    public sealed record Question : IRequest<Request>;

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Name { get; init; }
        public string? GivenName { get; init; }
        public string? MiddleName { get; init; }
        public string? FamilyName { get; init; }
        public string? Nickname { get; init; }
        public string? PreferredUsername { get; init; }
        public string? Profile { get; init; }
        public string? Picture { get; init; }
        public string? Website { get; init; }
        public string? Gender { get; init; }
        public string? Birthdate { get; init; }
        public string? Zoneinfo { get; init; }
        public string? Locale { get; init; }
        public string? PhoneNumber { get; init; }
        public string? StreetAddress { get; init; }
        public string? PostalCode { get; init; }
        public string? Locality { get; init; }
        public string? Region { get; init; }
        public string? Country { get; init; }

        public AuditEntry? Audit(Result result) => new("profile changed", $"user:{result.UserId}", result.UserId);
    }

    public sealed record Result(Guid UserId);

    public sealed partial class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).MustBeName();
            RuleFor(request => request).Custom((request, objections) =>
            {
                foreach (var field in Fields.Where(field => field.Value(request)?.Length > field.Longest))
                    objections.AddFailure(field.Name, $"Enter at most {field.Longest} characters.");
            });
            RuleFor(request => request.Profile).Must(BeAddress).WithMessage(NoAddress);
            RuleFor(request => request.Picture).Must(BeAddress).WithMessage(NoAddress);
            RuleFor(request => request.Website).Must(BeAddress).WithMessage(NoAddress);
            RuleFor(request => request.Birthdate).Must(BeBirthdate).WithMessage("Enter a date such as 1990-12-31, or the year alone.");
            RuleFor(request => request.Zoneinfo).Must(BeTimeZone).WithMessage("Enter a time zone such as Europe/Paris.");
            RuleFor(request => request.Locale).Must(tag => Clean(tag) is not { } text || LanguageTag().IsMatch(text)).WithMessage("Enter a language such as en or pt-BR.");
            RuleFor(request => request.PhoneNumber).Must(number => Phone(number) is not { } text || PhoneNumber().IsMatch(text)).WithMessage("Enter the number with its country, such as +33 1 23 45 67 89.");
        }

        private const string NoAddress = "Enter an https address, such as https://example.com/ada.";

        private static bool BeAddress(string? uri) => Clean(uri) is not { } text || OutboundClient.Objection(text) is null;

        // §5.1: the year may be left out as 0000, or stand alone.
        private static bool BeBirthdate(string? date) => Clean(date) is not { } text || Year().IsMatch(text)
            || DateOnly.TryParseExact(text.StartsWith("0000-", StringComparison.Ordinal) ? $"2000{text[4..]}" : text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

        private static bool BeTimeZone(string? name) => Clean(name) is not { } text || (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) && zone.HasIanaId);

        [GeneratedRegex("^[1-9][0-9]{3}$", RegexOptions.NonBacktracking)]
        private static partial Regex Year();

        [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$", RegexOptions.NonBacktracking)]
        private static partial Regex LanguageTag();

        [GeneratedRegex(@"^\+[1-9][0-9]{5,14}$", RegexOptions.NonBacktracking)]
        private static partial Regex PhoneNumber();
    }

    public sealed class Asking(AppDbContext db, Caller caller) : IRequestHandler<Question, Request>
    {
        public async Task<Request> Handle(Question request, CancellationToken ct)
        {
            var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == caller.RequireUserId, ct);
            var (profile, address) = (user.Profile, user.Profile.Address);
            return new Request
            {
                Name = user.Name,
                GivenName = profile.GivenName,
                MiddleName = profile.MiddleName,
                FamilyName = profile.FamilyName,
                Nickname = profile.Nickname,
                PreferredUsername = profile.PreferredUsername,
                Profile = profile.Profile,
                Picture = profile.Picture,
                Website = profile.Website,
                Gender = profile.Gender,
                Birthdate = profile.Birthdate,
                Zoneinfo = profile.Zoneinfo,
                Locale = profile.Locale,
                PhoneNumber = profile.PhoneNumber,
                StreetAddress = address?.StreetAddress,
                PostalCode = address?.PostalCode,
                Locality = address?.Locality,
                Region = address?.Region,
                Country = address?.Country,
            };
        }
    }

    public sealed class Handler(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var (name, profile) = (request.Name!.Trim(), Read(request, time.GetUtcNow()));
            await db.Users.Where(user => user.Id == caller.RequireUserId)
                .ExecuteUpdateAsync(set => set.SetProperty(user => user.Name, name).SetProperty(user => user.Profile, profile), ct);
            return new Result(caller.RequireUserId);
        }
    }

    private static PersonProfile Read(Request request, DateTimeOffset now)
    {
        var address = new PostalAddress
        {
            StreetAddress = Lines(request.StreetAddress),
            PostalCode = Clean(request.PostalCode),
            Locality = Clean(request.Locality),
            Region = Clean(request.Region),
            Country = Clean(request.Country),
        };
        return new PersonProfile
        {
            GivenName = Clean(request.GivenName),
            MiddleName = Clean(request.MiddleName),
            FamilyName = Clean(request.FamilyName),
            Nickname = Clean(request.Nickname),
            PreferredUsername = Clean(request.PreferredUsername),
            Profile = Clean(request.Profile),
            Picture = Clean(request.Picture),
            Website = Clean(request.Website),
            Gender = Clean(request.Gender),
            Birthdate = Clean(request.Birthdate),
            Zoneinfo = Clean(request.Zoneinfo),
            Locale = Clean(request.Locale),
            PhoneNumber = Phone(request.PhoneNumber),
            Address = address.IsEmpty ? null : address,
            UpdatedAt = now,
        };
    }

    /// <summary>What was typed, on one line and visible; null for nothing.</summary>
    private static string? Clean(string? text) => DisplayName.Clean(text) is { Length: > 0 } clean ? clean : null;

    private static string? Lines(string? text) =>
        string.Join('\n', (text ?? "").Split('\n').Select(Clean).OfType<string>()) is { Length: > 0 } lines ? lines : null;

    /// <summary>The number without what people put between its digits.</summary>
    private static string? Phone(string? text) => Clean(text) is { } clean ? string.Concat(clean.Where(character => character is not (' ' or '-' or '.' or '/' or '(' or ')'))) : null;
}
