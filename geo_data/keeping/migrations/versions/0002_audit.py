"""The audit: a chain of entries, and triggers that refuse to change or delete one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE = [f"""
CREATE TRIGGER audit_no_{act} BEFORE {act.upper()} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
""" for act in ("update", "delete")]
POSTGRES = ["""
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$
""", """
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_append_only()
""", """
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
"""]


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("actor", "action", "detail", "prev", "hash")),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    for statement in POSTGRES if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_append_only()")
