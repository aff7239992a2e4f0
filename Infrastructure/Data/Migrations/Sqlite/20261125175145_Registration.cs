using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Sqlite
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

            migrationBuilder.AddColumn<int>(
                name: "origin",
                table: "clients",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "exchanged_from",
                table: "tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "most_uses",
                table: "tokens",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "uses",
                table: "tokens",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "documentation_uri",
                table: "resources",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "acr_values",
                table: "pending_authorizations",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<long>(
                name: "document_fresh_until",
                table: "clients",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "document_read_at",
                table: "clients",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "registration",
                table: "clients",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "registration_token_hash",
                table: "clients",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "verified_at",
                table: "clients",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "client_logos",
                columns: table => new
                {
                    client_id = table.Column<string>(type: "TEXT", nullable: false),
                    uri = table.Column<string>(type: "TEXT", nullable: false),
                    media_type = table.Column<string>(type: "TEXT", nullable: false),
                    picture = table.Column<byte[]>(type: "BLOB", nullable: false)
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
                name: "registration",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "registration_token_hash",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "verified_at",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "origin",
                table: "clients");

            migrationBuilder.AddColumn<bool>(
                name: "requires_pkce",
                table: "clients",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);
        }
    }
}
