using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class LineageAndApprovals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string[]>(
                name: "exchanged_from",
                table: "tokens",
                type: "text[]",
                nullable: true);

            migrationBuilder.AddColumn<string[]>(
                name: "acr_values",
                table: "pending_authorizations",
                type: "text[]",
                nullable: false,
                defaultValue: new string[0]);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "exchanged_from",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "acr_values",
                table: "pending_authorizations");
        }
    }
}
