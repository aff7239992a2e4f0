using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Signet.Infrastructure.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Authorize : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "details_types",
                table: "resources",
                type: "text",
                nullable: false,
                defaultValueSql: "'[]'");

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

            migrationBuilder.CreateIndex(
                name: "ix_pushed_requests_client_id",
                table: "pushed_requests",
                column: "client_id");

            migrationBuilder.CreateIndex(
                name: "ix_pushed_requests_expires_at",
                table: "pushed_requests",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "pushed_requests");

            migrationBuilder.DropColumn(
                name: "details_types",
                table: "resources");
        }
    }
}
