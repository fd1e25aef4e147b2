"""The tables of who may come in, beside the episodes themselves.

    people            one row per person of the team, when roles are kept here and not at the sign-in provider
    sign_ins          one row per signed-in browser, which can be ended; ended rows stay, so that none comes back
"""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from geo_data import schema
from geo_data.keeping.tables import METADATA, declared, required

PERSON = schema.Table(
    "person",
    "Somebody of the team: what they may do and whose rows they may see.",
    (
        schema.Column("name", "text", "R", "The name by which the sign-in provider knows them, as a rule their e-mail address"),
        schema.Column("roles", "text", "R", "Their roles, joined by commas"),
        schema.Column("agency", "text", "R", "The kind of agency they work for"),
        schema.Column("areas", "text", "R", "GSS codes and forces whose rows they may see, joined by '|'; * is all"),
        schema.Column("added_by", "text", "R", "Who entered them"),
        schema.Column("added_at", "datetime", "R", "When"),
    ),
)
SIGN_IN = schema.Table(
    "sign_in",
    "A signed-in browser.",
    (
        schema.Column("id", "text", "R", "SHA-256 of the browser's sign-in cookie"),
        schema.Column("person", "text", "R", "The provider's identifier of the person"),
        schema.Column("name", "text", "R", "The name that the audit uses"),
        schema.Column("started", "datetime", "R", "When they signed in"),
        schema.Column("seen", "datetime", "R", "When they last did something"),
        schema.Column("ended", "datetime", "O", "When it ended; missing while it lives"),
    ),
)
PEOPLE = Table("people", METADATA, *declared(PERSON, required(PERSON)), PrimaryKeyConstraint("name"))
SIGN_INS = Table("sign_ins", METADATA, *declared(SIGN_IN, required(SIGN_IN)), PrimaryKeyConstraint("id"),
                 Index(None, "person"))
