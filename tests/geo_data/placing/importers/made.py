"""Small files in the exact formats of the publishers; every name, number and address in them is invented."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from geo_data.placing.importers.addressbase import PLUS

BOM = b"\xef\xbb\xbf"
URI = "http://data.ordnancesurvey.co.uk/id/"


def zipped(path: Path, files: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def open_name(name: str, local_type: str, e: int, n: int, *, box: int = 200, type_: str = "transportNetwork", place: str = "",
              district: str = "Rochdale", county: str = "Greater Manchester", outcode: str = "OL16", other: str = "",
              number: str = "", part_of: str = "") -> list[str]:
    """One row of OS Open Names, 34 columns."""
    ident = number or f"osgb4000000{abs(hash((name, local_type, e, n))) % 10**9:09d}"
    return [ident, URI + ident, name, "", other, "cym" if other else "", type_, local_type, str(e), str(n), "1000", "20000",
            str(e - box), str(n - box), str(e + box), str(n + box), outcode, f"{URI}postcodedistrict/{outcode}", place, "", "",
            district, "", "", county, "", "", "North West", "", "England", "", part_of, "", ""]


def csv(rows: list[list[str]], *, end: str = "\r\n", bom: bool = False) -> bytes:
    """Rows with quotation marks where a comma asks for them."""
    text = "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + end for row in rows)
    return (BOM if bom else b"") + text.encode()


OPEN_NAMES_HEADER = ["ID", "NAMES_URI", "NAME1", "NAME1_LANG", "NAME2", "NAME2_LANG", "TYPE", "LOCAL_TYPE", "GEOMETRY_X",
                     "GEOMETRY_Y", "MOST_DETAIL_VIEW_RES", "LEAST_DETAIL_VIEW_RES", "MBR_XMIN", "MBR_YMIN", "MBR_XMAX", "MBR_YMAX",
                     "POSTCODE_DISTRICT", "POSTCODE_DISTRICT_URI", "POPULATED_PLACE", "POPULATED_PLACE_URI",
                     "POPULATED_PLACE_TYPE", "DISTRICT_BOROUGH", "DISTRICT_BOROUGH_URI", "DISTRICT_BOROUGH_TYPE", "COUNTY_UNITARY",
                     "COUNTY_UNITARY_URI", "COUNTY_UNITARY_TYPE", "REGION", "REGION_URI", "COUNTRY", "COUNTRY_URI",
                     "RELATED_SPATIAL_OBJECT", "SAME_AS_DBPEDIA", "SAME_AS_GEONAMES"]

NAPTAN_HEADER = """ATCOCode,NaptanCode,PlateCode,CleardownCode,CommonName,CommonNameLang,ShortCommonName,ShortCommonNameLang,
Landmark,LandmarkLang,Street,StreetLang,Crossing,CrossingLang,Indicator,IndicatorLang,Bearing,NptgLocalityCode,LocalityName,
ParentLocalityName,GrandParentLocalityName,Town,TownLang,Suburb,SuburbLang,LocalityCentre,GridType,Easting,Northing,Longitude,
Latitude,StopType,BusStopType,TimingStatus,DefaultWaitTime,Notes,NotesLang,AdministrativeAreaCode,CreationDateTime,
ModificationDateTime,RevisionNumber,Modification,Status""".replace("\n", "").split(",")


def stop(code: str, name: str, kind: str, e: object, n: object, **values: str) -> list[str]:
    """One row of Stops.csv, 43 columns."""
    given = {"ATCOCode": code, "CommonName": name, "StopType": kind, "Easting": str(e), "Northing": str(n), "Status": "active",
             "GridType": "UKOS", "LocalityName": "Amblecote Green", "Street": "Station Road", **values}
    return [given.get(column, "") for column in NAPTAN_HEADER]


OLD_DIRECTORY = ("pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa21,cty,ced,laua,ward,nhser,ctry,rgn,pcon,ttwa,"
                 "itl,park,lsoa21,msoa21,wz11,sicbl,bua24,ruc21,oac11,lat,long,lep1,lep2,pfa,imd,icb").split(",")
NEW_DIRECTORY = ("pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,cty25cd,ced25cd,lad25cd,wd25cd,nhser24cd,"
                 "ctry25cd,rgn25cd,pcon24cd,ttwa15cd,itl25cd,npark16cd,lsoa21cd,msoa21cd,wz11cd,sicbl24cd,bua24cd,ruc21ind,oac11ind,"
                 "lat,long,lep21cd1,lep21cd2,pfa23cd,imd20ind,icb23cd").split(",")


def directory(header: list[str], rows: list[tuple[str, str, str, str, str, str]]) -> bytes:
    """ONSPD or NSPL of postcode, doterm, easting, northing (padded text), gridind, lat; quoted like the publisher's."""
    new = header is NEW_DIRECTORY
    names = {"end": "doterm", "e": "east1m" if new else "oseast1m", "n": "north1m" if new else "osnrth1m",
             "grid": "gridind" if new else "osgrdind", "lad": "lad25cd" if new else "laua"}
    lines = [",".join(header)]
    for unit, end, e, n, grid, lat in rows:
        short = unit.replace(" ", "")
        given = {header[0]: f"{short[:-3]:<4}{short[-3:]}", header[1]: unit, "pcds": unit, "dointr": "198001", names["end"]: end,
                 names["e"]: e, names["n"]: n, names["grid"]: grid, names["lad"]: "E08000005", "lat": lat, "long": "-2.1"}
        lines.append(",".join(f'"{given.get(name, "")}"' if name not in {"lat", "long"} else given[name] for name in header))
    return ("\r\n".join(lines) + "\r\n").encode()


def plus(**values: str) -> list[str]:
    """One row of AddressBase Plus, 77 columns."""
    unknown = set(values) - set(PLUS)
    if unknown:
        raise KeyError(unknown)
    return [values.get(name, "") for name in PLUS]


CORE_HEADER = ("uprn,parent_uprn,udprn,usrn,toid,classification_code,easting,northing,latitude,longitude,rpc,last_update_date,"
               "single_line_address,po_box,organisation,sub_building,building_name,building_number,street_name,locality,town_name,"
               "post_town,island,postcode,delivery_point_suffix,gss_code,change_code").split(",")


def core(**values: str) -> list[str]:
    """One row of AddressBase Core."""
    return [values.get(name, "") for name in CORE_HEADER]
