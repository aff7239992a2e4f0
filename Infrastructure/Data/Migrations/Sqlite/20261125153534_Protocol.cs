using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Sqlite
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
                type: "TEXT",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<string>(
                name: "actor",
                table: "tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "confirmation",
                table: "tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "details",
                table: "tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "subject",
                table: "tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "details_types",
                table: "resources",
                type: "TEXT",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_pairwise_key",
                table: "installations",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "claims",
                table: "grants",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "confirmation",
                table: "grants",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "details",
                table: "grants",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "settings",
                table: "clients",
                type: "TEXT",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed",
                table: "client_secrets",
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "logout_deliveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    client_id = table.Column<string>(type: "TEXT", nullable: false),
                    session_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    tries = table.Column<int>(type: "INTEGER", nullable: false),
                    last_error = table.Column<string>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    next_try_at = table.Column<long>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_logout_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "pending_authorizations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    user_code_hash = table.Column<byte[]>(type: "BLOB", nullable: true),
                    grant_type = table.Column<string>(type: "TEXT", nullable: false),
                    client_id = table.Column<string>(type: "TEXT", nullable: false),
                    scopes = table.Column<string>(type: "TEXT", nullable: false),
                    audiences = table.Column<string>(type: "TEXT", nullable: false),
                    details = table.Column<string>(type: "TEXT", nullable: true),
                    binding_message = table.Column<string>(type: "TEXT", nullable: true),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    session_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    authenticated_at = table.Column<long>(type: "INTEGER", nullable: true),
                    methods = table.Column<string>(type: "TEXT", nullable: false),
                    epoch = table.Column<long>(type: "INTEGER", nullable: false),
                    stamp = table.Column<string>(type: "TEXT", nullable: true),
                    interval = table.Column<int>(type: "INTEGER", nullable: false),
                    next_poll_at = table.Column<long>(type: "INTEGER", nullable: false),
                    sealed_ping = table.Column<string>(type: "TEXT", nullable: true),
                    ip_address = table.Column<string>(type: "TEXT", nullable: true),
                    user_agent = table.Column<string>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
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
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    client_id = table.Column<string>(type: "TEXT", nullable: false),
                    parameters = table.Column<string>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
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
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
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
