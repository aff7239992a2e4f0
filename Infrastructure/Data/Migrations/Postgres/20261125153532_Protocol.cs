using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Protocol : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "profile",
                table: "users",
                type: "text",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<string>(
                name: "actor",
                table: "tokens",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "confirmation",
                table: "tokens",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "details",
                table: "tokens",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "subject",
                table: "tokens",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "details_types",
                table: "resources",
                type: "text",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_pairwise_key",
                table: "installations",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "claims",
                table: "grants",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "confirmation",
                table: "grants",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "details",
                table: "grants",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "settings",
                table: "clients",
                type: "text",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed",
                table: "client_secrets",
                type: "bytea",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "logout_deliveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<string>(type: "text", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    tries = table.Column<int>(type: "integer", nullable: false),
                    last_error = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    next_try_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_logout_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "pending_authorizations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    user_code_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    grant_type = table.Column<string>(type: "text", nullable: false),
                    client_id = table.Column<string>(type: "character varying(128)", nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    audiences = table.Column<string[]>(type: "text[]", nullable: false),
                    details = table.Column<string>(type: "text", nullable: true),
                    binding_message = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<int>(type: "integer", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: true),
                    session_id = table.Column<Guid>(type: "uuid", nullable: true),
                    authenticated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    methods = table.Column<string[]>(type: "text[]", nullable: false),
                    epoch = table.Column<long>(type: "bigint", nullable: false),
                    stamp = table.Column<string>(type: "text", nullable: true),
                    interval = table.Column<int>(type: "integer", nullable: false),
                    next_poll_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sealed_ping = table.Column<string>(type: "text", nullable: true),
                    ip_address = table.Column<string>(type: "text", nullable: true),
                    user_agent = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pending_authorizations", x => x.id);
                    table.ForeignKey(
                        name: "fk_pending_authorizations_clients_client_id",
                        column: x => x.client_id,
                        principalTable: "clients",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_pending_authorizations_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "pushed_requests",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    client_id = table.Column<string>(type: "character varying(128)", nullable: false),
                    parameters = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pushed_requests", x => x.hash);
                    table.ForeignKey(
                        name: "fk_pushed_requests_clients_client_id",
                        column: x => x.client_id,
                        principalTable: "clients",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "used_values",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_used_values", x => x.hash);
                });

            migrationBuilder.UpdateData(
                table: "installations",
                keyColumn: "id",
                keyValue: 1,
                column: "sealed_pairwise_key",
                value: null);

            migrationBuilder.CreateIndex(
                name: "ix_logout_deliveries_client_id_session_id",
                table: "logout_deliveries",
                columns: new[] { "client_id", "session_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_logout_deliveries_created_at",
                table: "logout_deliveries",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_logout_deliveries_status_next_try_at",
                table: "logout_deliveries",
                columns: new[] { "status", "next_try_at" });

            migrationBuilder.CreateIndex(
                name: "ix_pending_authorizations_client_id",
                table: "pending_authorizations",
                column: "client_id");

            migrationBuilder.CreateIndex(
                name: "ix_pending_authorizations_expires_at",
                table: "pending_authorizations",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_pending_authorizations_hash",
                table: "pending_authorizations",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_pending_authorizations_user_code_hash",
                table: "pending_authorizations",
                column: "user_code_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_pending_authorizations_user_id",
                table: "pending_authorizations",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_pushed_requests_client_id",
                table: "pushed_requests",
                column: "client_id");

            migrationBuilder.CreateIndex(
                name: "ix_pushed_requests_expires_at",
                table: "pushed_requests",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_used_values_expires_at",
                table: "used_values",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "logout_deliveries");

            migrationBuilder.DropTable(
                name: "pending_authorizations");

            migrationBuilder.DropTable(
                name: "pushed_requests");

            migrationBuilder.DropTable(
                name: "used_values");

            migrationBuilder.DropColumn(
                name: "profile",
                table: "users");

            migrationBuilder.DropColumn(
                name: "actor",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "confirmation",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "details",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "subject",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "details_types",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "sealed_pairwise_key",
                table: "installations");

            migrationBuilder.DropColumn(
                name: "claims",
                table: "grants");

            migrationBuilder.DropColumn(
                name: "confirmation",
                table: "grants");

            migrationBuilder.DropColumn(
                name: "details",
                table: "grants");

            migrationBuilder.DropColumn(
                name: "settings",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "sealed",
                table: "client_secrets");
        }
    }
}
