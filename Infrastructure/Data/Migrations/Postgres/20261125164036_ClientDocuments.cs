using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ClientDocuments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "tokens",
                type: "character varying(512)",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "character varying(128)",
                oldNullable: true);

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

            migrationBuilder.AlterColumn<string>(
                name: "client_id",
                table: "client_secrets",
                type: "character varying(512)",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(128)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "documentation_uri",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "document_fresh_until",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "document_read_at",
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
