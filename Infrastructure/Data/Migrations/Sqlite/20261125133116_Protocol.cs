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
                name: "ix_used_values_expires_at",
                table: "used_values",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "used_values");

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
        }
    }
}
