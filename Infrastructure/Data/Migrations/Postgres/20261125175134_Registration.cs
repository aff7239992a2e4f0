using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Registration : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "requires_pkce",
                table: "clients");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "tokens",
                type: "character varying(512)",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "character varying(128)",
                oldNullable: true);

            migrationBuilder.AddColumn<string[]>(
                name: "exchanged_from",
                table: "tokens",
                type: "text[]",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "most_uses",
                table: "tokens",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "uses",
                table: "tokens",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "resources",
                type: "character varying(512)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)");

            migrationBuilder.AddColumn<string>(
                name: "documentation_uri",
                table: "resources",
                type: "text",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "pushed_requests",
                type: "character varying(512)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "pending_authorizations",
                type: "character varying(512)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)");

            migrationBuilder.AddColumn<string[]>(
                name: "acr_values",
                table: "pending_authorizations",
                type: "text[]",
                nullable: false,
                defaultValue: new string[0]);

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "grants",
                type: "character varying(512)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "consents",
                type: "character varying(512)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)");

            migrationBuilder.AlterColumn<string>(
                name: "id",
                table: "clients",
                type: "character varying(512)",
                maxLength: 512,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)",
                oldMaxLength: 128);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "document_fresh_until",
                table: "clients",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "document_read_at",
                table: "clients",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "origin",
                table: "clients",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "registration",
                table: "clients",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "registration_token_hash",
                table: "clients",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "verified_at",
                table: "clients",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "client_secrets",
                type: "character varying(512)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)");

            migrationBuilder.CreateTable(
                name: "client_logos",
                columns: table => new
                {
                    client_id = table.Column<string>(type: "character varying(512)", nullable: false),
                    uri = table.Column<string>(type: "text", nullable: false),
                    media_type = table.Column<string>(type: "text", nullable: false),
                    picture = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_client_logos", x => x.client_id);
                    table.ForeignKey(
                        name: "fk_client_logos_clients_client_id",
                        column: x => x.client_id,
                        principalTable: "clients",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "client_logos");

            migrationBuilder.DropColumn(
                name: "exchanged_from",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "most_uses",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "uses",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "documentation_uri",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "acr_values",
                table: "pending_authorizations");

            migrationBuilder.DropColumn(
                name: "document_fresh_until",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "document_read_at",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "origin",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "registration",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "registration_token_hash",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "verified_at",
                table: "clients");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "tokens",
                type: "character varying(128)",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "character varying(512)",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "resources",
                type: "character varying(128)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(512)");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "pushed_requests",
                type: "character varying(128)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(512)");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "pending_authorizations",
                type: "character varying(128)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(512)");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "grants",
                type: "character varying(128)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(512)");

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "consents",
                type: "character varying(128)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(512)");

            migrationBuilder.AlterColumn<string>(
                name: "id",
                table: "clients",
                type: "character varying(128)",
                maxLength: 128,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(512)",
                oldMaxLength: 512);

            migrationBuilder.AddColumn<bool>(
                name: "requires_pkce",
                table: "clients",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "client_secrets",
                type: "character varying(128)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(512)");
        }
    }
}
