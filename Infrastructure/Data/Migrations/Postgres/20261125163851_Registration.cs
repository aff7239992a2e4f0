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

            migrationBuilder.CreateTable(
                name: "client_logos",
                columns: table => new
                {
                    client_id = table.Column<string>(type: "character varying(128)", nullable: false),
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
                name: "most_uses",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "uses",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "registration",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "registration_token_hash",
                table: "clients");
        }
    }
}
