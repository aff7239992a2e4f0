using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ClientDocuments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "documentation_uri",
                table: "resources",
                type: "TEXT",
                nullable: true);

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
        }
    }
}
