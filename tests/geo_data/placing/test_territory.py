import numpy as np
import pandas as pd

from geo_data.placing.territory import beyond, forces

# Gateshead and Newcastle are one force's; Chester-le-Street is Durham's, Whitley Bay lies on the coast
GATESHEAD, CHESTER_LE_STREET, WHITLEY_BAY = (425_500.0, 562_500.0), (427_200.0, 551_300.0), (435_700.0, 572_500.0)


def test_land_of_another_force_is_near_or_not(gazetteer):
    near = beyond(gazetteer, ("Northumbria Police",))
    e, n = np.array([GATESHEAD, CHESTER_LE_STREET, WHITLEY_BAY]).T
    assert near(e, n, 250.0).tolist() == [False, True, False]  # the sea is nobody's
    assert near(e, n, 9_000.0).tolist()[0]
    durham = beyond(gazetteer, ("Durham Constabulary",))
    assert durham(e, n, 250.0).tolist() == [True, False, True]


def test_records_of_both_forces_have_no_border_between_them(gazetteer):
    both = beyond(gazetteer, ("Northumbria", "Durham"))
    assert both(np.array([CHESTER_LE_STREET[0]]), np.array([CHESTER_LE_STREET[1]]), 9_000.0).tolist() == [False]


def test_what_is_not_known_is_not_said(gazetteer):
    assert beyond(gazetteer, ("Quernshire Constabulary",)) is None and beyond(gazetteer, ()) is None
    near = beyond(gazetteer, ("Northumbria",))
    assert near(np.array([700_000.0]), np.array([900_000.0]), 250.0).tolist() == [False]
    assert len(near(np.empty(0), np.empty(0), 250.0)) == 0


def test_a_force_with_a_few_records_adds_no_area():
    recorded = pd.Series(["Northumbria"] * 18 + ["Durham", None], dtype="str")
    assert forces(recorded) == ("Northumbria",)
