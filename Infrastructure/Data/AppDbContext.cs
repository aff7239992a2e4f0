using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Signet.Infrastructure.Data;

/// <summary>Everything that Signet keeps, in one model for PostgreSQL and SQLite.</summary>
internal abstract class AppDbContext(DbContextOptions options)
    : IdentityDbContext<User, IdentityRole<Guid>, Guid>(options), IDataProtectionKeyContext
{
    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<Client> Clients => Set<Client>();
    public DbSet<ClientSecret> ClientSecrets => Set<ClientSecret>();
    public DbSet<ClientLogo> ClientLogos => Set<ClientLogo>();
    public DbSet<Resource> Resources => Set<Resource>();
    public DbSet<ResourceScope> ResourceScopes => Set<ResourceScope>();
    public DbSet<Consent> Consents => Set<Consent>();
    public DbSet<Grant> Grants => Set<Grant>();
    public DbSet<Token> Tokens => Set<Token>();
    public DbSet<RevokedToken> RevokedTokens => Set<RevokedToken>();
    public DbSet<UsedValue> UsedValues => Set<UsedValue>();
    public DbSet<PushedRequest> PushedRequests => Set<PushedRequest>();
    public DbSet<PendingAuthorization> PendingAuthorizations => Set<PendingAuthorization>();
    public DbSet<LogoutDelivery> LogoutDeliveries => Set<LogoutDelivery>();
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();
    public DbSet<Installation> Installations => Set<Installation>();
    public DbSet<SetupCode> SetupCodes => Set<SetupCode>();
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<User>(user =>
        {
            user.Property(u => u.Name).HasMaxLength(64);
            user.Property(u => u.Profile).HasConversion(profile => profile.ToString(), json => PersonProfile.Parse(json));
            user.HasMany<Session>().WithOne().HasForeignKey(session => session.UserId);
            user.HasMany<RecoveryCode>().WithOne().HasForeignKey(code => code.UserId);
            user.HasMany<Consent>().WithOne().HasForeignKey(consent => consent.UserId);
            user.HasMany<Grant>().WithOne().HasForeignKey(grant => grant.UserId);
            user.HasMany<Token>().WithOne().HasForeignKey(token => token.UserId);
            user.HasMany<PendingAuthorization>().WithOne().HasForeignKey(pending => pending.UserId).OnDelete(DeleteBehavior.Cascade);
            user.HasMany<Client>().WithOne().HasForeignKey(client => client.OwnerId).OnDelete(DeleteBehavior.SetNull);
        });
        builder.Entity<IdentityRole<Guid>>().HasData(new IdentityRole<Guid>
        {
            Id = Data.Roles.AdminId,
            Name = Data.Roles.Admin,
            NormalizedName = "ADMIN",
            ConcurrencyStamp = "1",
        });
        builder.Entity<RecoveryCode>().HasKey(code => code.Hash);
        builder.Entity<Session>(session =>
        {
            session.HasIndex(s => s.KeyHash).IsUnique();
            session.HasIndex(s => s.ExpiresAt);
        });
        builder.Entity<Client>(client =>
        {
            client.Property(c => c.Id).HasMaxLength(ClientIds.Longest);
            client.Ignore(c => c.HasOpenScopes);
            client.HasIndex(c => c.OwnerId);
            client.Property(c => c.Settings).HasConversion(settings => settings.ToString(), json => ClientSettings.Parse(json));
            client.Property(c => c.Registration).HasConversion(
                registration => JsonSerializer.Serialize(registration, JsonSerializerOptions.Default), json => JsonSerializer.Deserialize<ClientRegistration>(json, JsonSerializerOptions.Default));
            client.HasMany(c => c.Secrets).WithOne().HasForeignKey(secret => secret.ClientId);
            client.HasMany<Resource>().WithOne().HasForeignKey(resource => resource.ClientId);
            client.HasMany<Consent>().WithOne().HasForeignKey(consent => consent.ClientId);
            client.HasMany<Grant>().WithOne().HasForeignKey(grant => grant.ClientId);
            client.HasMany<PushedRequest>().WithOne().HasForeignKey(request => request.ClientId);
            client.HasMany<Token>().WithOne().HasForeignKey(token => token.ClientId);
            client.HasMany<PendingAuthorization>().WithOne().HasForeignKey(pending => pending.ClientId);
        });
        builder.Entity<ClientLogo>(logo =>
        {
            logo.HasKey(l => l.ClientId);
            logo.HasOne<Client>().WithOne().HasForeignKey<ClientLogo>(l => l.ClientId);
        });
        builder.Entity<Resource>(resource =>
        {
            resource.HasIndex(r => r.Audience).IsUnique();
            resource.Property(r => r.DetailsTypes).HasDefaultValueSql("'[]'").HasConversion(
                types => JsonSerializer.Serialize(types, JsonSerializerOptions.Default),
                json => JsonSerializer.Deserialize<DetailsType[]>(json, JsonSerializerOptions.Default) ?? Array.Empty<DetailsType>(),
                new ValueComparer<DetailsType[]>((one, other) => one!.SequenceEqual(other!), types => types.Length, types => types));
            resource.HasMany(r => r.Scopes).WithOne().HasForeignKey(scope => scope.ResourceId);
        });
        builder.Entity<ResourceScope>(scope =>
        {
            scope.HasKey(s => new { s.ResourceId, s.Name });
            scope.HasIndex(s => s.Name);
        });
        builder.Entity<Consent>().HasKey(consent => new { consent.UserId, consent.ClientId });
        builder.Entity<Grant>(grant =>
        {
            grant.HasIndex(g => g.CodeHash).IsUnique();
            grant.HasIndex(g => g.RefreshHandle).IsUnique();
            grant.HasIndex(g => g.SessionId);
            grant.HasIndex(g => g.ExpiresAt);
        });
        builder.Entity<Token>(token =>
        {
            token.HasIndex(t => t.Hash).IsUnique();
            token.HasIndex(t => t.GrantId);
            token.HasIndex(t => t.ExpiresAt);
        });
        builder.Entity<RevokedToken>().HasIndex(token => token.ExpiresAt);
        builder.Entity<UsedValue>(used =>
        {
            used.HasKey(u => u.Hash);
            used.HasIndex(u => u.ExpiresAt);
        });
        builder.Entity<PushedRequest>(request =>
        {
            request.HasKey(r => r.Hash);
            request.HasIndex(r => r.ExpiresAt);
        });
        builder.Entity<PendingAuthorization>(pending =>
        {
            pending.HasIndex(p => p.Hash).IsUnique();
            pending.HasIndex(p => p.UserCodeHash).IsUnique();
            pending.HasIndex(p => p.ExpiresAt);
        });
        builder.Entity<LogoutDelivery>(delivery =>
        {
            delivery.HasIndex(d => new { d.ClientId, d.SessionId }).IsUnique();
            delivery.HasIndex(d => new { d.Status, d.NextTryAt });
            delivery.HasIndex(d => d.CreatedAt);
        });
        builder.Entity<SigningKey>().HasIndex(key => new { key.Algorithm, key.Generation }).IsUnique();
        builder.Entity<Installation>(installation =>
        {
            installation.Property(i => i.Id).ValueGeneratedNever();
            installation.HasData(new Installation { Id = Installation.TheOnlyId });
        });
        builder.Entity<SetupCode>().HasKey(code => code.Hash);
        builder.Entity<AuditEvent>(audit =>
        {
            audit.HasIndex(a => a.At);
            audit.HasIndex(a => new { a.UserId, a.At });
        });
        builder.Entity<IdentityUserPasskey<Guid>>().OwnsOne(passkey => passkey.Data).ToJson("data");
        UseSnakeCase(builder);
    }

    private static void UseSnakeCase(ModelBuilder builder)
    {
        foreach (var entity in builder.Model.GetEntityTypes().Where(entity => entity.GetTableName() is not null && !entity.IsMappedToJson()))
        {
            entity.SetTableName(Snake(entity.GetTableName()!.Replace("AspNet", "", StringComparison.Ordinal)));
            foreach (var property in entity.GetProperties())
                property.SetColumnName(Snake(property.Name));
            foreach (var key in entity.GetKeys())
                key.SetName(Snake(key.GetName()!.Replace("AspNet", "", StringComparison.Ordinal)));
            foreach (var foreignKey in entity.GetForeignKeys())
                foreignKey.SetConstraintName(Snake(foreignKey.GetConstraintName()!.Replace("AspNet", "", StringComparison.Ordinal)));
            foreach (var index in entity.GetIndexes())
                index.SetDatabaseName(Snake(index.GetDatabaseName()!.Replace("AspNet", "", StringComparison.Ordinal)));
        }
    }

    private static string Snake(string name)
    {
        var snake = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]))
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }
}

/// <summary>The roles that exist.</summary>
internal static class Roles
{
    public const string Admin = "admin";
    public static readonly Guid AdminId = new("0190c0de-0000-7000-8000-000000000001");
}

internal sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options) : AppDbContext(options);

internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : AppDbContext(options)
{
    // SQLite has no type for points in time; ticks keep order and precision, text keeps neither.
    protected override void ConfigureConventions(ModelConfigurationBuilder configuration) =>
        configuration.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(
        time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
