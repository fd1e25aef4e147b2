"""Local authority districts, police force areas and counties of England and Wales, by name.

Codes and names as in the ONS register of geographic codes (districts since April 2023, with the codes that Barnsley
and Sheffield were given in 2025); force areas as in schedule 1 of the Police Act 1996. Office for National
Statistics, licensed under the Open Government Licence v3.0.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from geo_data.placing.gazetteer_build import normal_name

INVENTED = re.compile(r"E\d\d9999\d\d")  # the demonstration's own, far beyond any code that is given out

# One force a line: its name, then its districts as "code name"; codes of one kind leave out their beginning.
_FORCES = """
Avon and Somerset: E06 22 Bath and North East Somerset, 23 Bristol, 24 North Somerset, 25 South Gloucestershire, 66 Somerset
Bedfordshire: E06 32 Luton, 55 Bedford, 56 Central Bedfordshire
Cambridgeshire: E06 31 Peterborough, E07 8 Cambridge, 9 East Cambridgeshire, 10 Fenland, 11 Huntingdonshire, 12 South Cambridgeshire
Cheshire: E06 6 Halton, 7 Warrington, 49 Cheshire East, 50 Cheshire West and Chester
Cleveland: E06 1 Hartlepool, 2 Middlesbrough, 3 Redcar and Cleveland, 4 Stockton-on-Tees
Cumbria: E06 63 Cumberland, 64 Westmorland and Furness
Derbyshire: E06 15 Derby, E07 32 Amber Valley, 33 Bolsover, 34 Chesterfield, 35 Derbyshire Dales, 36 Erewash, 37 High Peak, \
38 North East Derbyshire, 39 South Derbyshire
Devon and Cornwall: E06 26 Plymouth, 27 Torbay, 52 Cornwall, 53 Isles of Scilly, E07 40 East Devon, 41 Exeter, 42 Mid Devon, \
43 North Devon, 44 South Hams, 45 Teignbridge, 46 Torridge, 47 West Devon
Dorset: E06 58 Bournemouth Christchurch and Poole, 59 Dorset
Durham: E06 5 Darlington, 47 County Durham
Essex: E06 33 Southend-on-Sea, 34 Thurrock, E07 66 Basildon, 67 Braintree, 68 Brentwood, 69 Castle Point, 70 Chelmsford, \
71 Colchester, 72 Epping Forest, 73 Harlow, 74 Maldon, 75 Rochford, 76 Tendring, 77 Uttlesford
Gloucestershire: E07 78 Cheltenham, 79 Cotswold, 80 Forest of Dean, 81 Gloucester, 82 Stroud, 83 Tewkesbury
Greater Manchester: E08 1 Bolton, 2 Bury, 3 Manchester, 4 Oldham, 5 Rochdale, 6 Salford, 7 Stockport, 8 Tameside, 9 Trafford, \
10 Wigan
Hampshire and Isle of Wight: E06 44 Portsmouth, 45 Southampton, 46 Isle of Wight, E07 84 Basingstoke and Deane, \
85 East Hampshire, 86 Eastleigh, 87 Fareham, 88 Gosport, 89 Hart, 90 Havant, 91 New Forest, 92 Rushmoor, 93 Test Valley, \
94 Winchester
Hertfordshire: E07 95 Broxbourne, 96 Dacorum, 98 Hertsmere, 99 North Hertfordshire, 102 Three Rivers, 103 Watford, \
240 St Albans, 241 Welwyn Hatfield, 242 East Hertfordshire, 243 Stevenage
Humberside: E06 10 Kingston upon Hull, 11 East Riding of Yorkshire, 12 North East Lincolnshire, 13 North Lincolnshire
Kent: E06 35 Medway, E07 105 Ashford, 106 Canterbury, 107 Dartford, 108 Dover, 109 Gravesham, 110 Maidstone, 111 Sevenoaks, \
112 Folkestone and Hythe, 113 Swale, 114 Thanet, 115 Tonbridge and Malling, 116 Tunbridge Wells
Lancashire: E06 8 Blackburn with Darwen, 9 Blackpool, E07 117 Burnley, 118 Chorley, 119 Fylde, 120 Hyndburn, 121 Lancaster, \
122 Pendle, 123 Preston, 124 Ribble Valley, 125 Rossendale, 126 South Ribble, 127 West Lancashire, 128 Wyre
Leicestershire: E06 16 Leicester, 17 Rutland, E07 129 Blaby, 130 Charnwood, 131 Harborough, 132 Hinckley and Bosworth, \
133 Melton, 134 North West Leicestershire, 135 Oadby and Wigston
Lincolnshire: E07 136 Boston, 137 East Lindsey, 138 Lincoln, 139 North Kesteven, 140 South Holland, 141 South Kesteven, \
142 West Lindsey
City of London: E09 1 City of London
Merseyside: E08 11 Knowsley, 12 Liverpool, 13 St Helens, 14 Sefton, 15 Wirral
Metropolitan: E09 2 Barking and Dagenham, 3 Barnet, 4 Bexley, 5 Brent, 6 Bromley, 7 Camden, 8 Croydon, 9 Ealing, 10 Enfield, \
11 Greenwich, 12 Hackney, 13 Hammersmith and Fulham, 14 Haringey, 15 Harrow, 16 Havering, 17 Hillingdon, 18 Hounslow, \
19 Islington, 20 Kensington and Chelsea, 21 Kingston upon Thames, 22 Lambeth, 23 Lewisham, 24 Merton, 25 Newham, \
26 Redbridge, 27 Richmond upon Thames, 28 Southwark, 29 Sutton, 30 Tower Hamlets, 31 Waltham Forest, 32 Wandsworth, \
33 Westminster
Norfolk: E07 143 Breckland, 144 Broadland, 145 Great Yarmouth, 146 King's Lynn and West Norfolk, 147 North Norfolk, \
148 Norwich, 149 South Norfolk
North Yorkshire: E06 14 York, 65 North Yorkshire
Northamptonshire: E06 61 North Northamptonshire, 62 West Northamptonshire
Northumbria: E06 57 Northumberland, E08 21 Newcastle upon Tyne, 22 North Tyneside, 23 South Tyneside, 24 Sunderland, \
37 Gateshead
Nottinghamshire: E06 18 Nottingham, E07 170 Ashfield, 171 Bassetlaw, 172 Broxtowe, 173 Gedling, 174 Mansfield, \
175 Newark and Sherwood, 176 Rushcliffe
South Yorkshire: E08 16 Barnsley, 17 Doncaster, 18 Rotherham, 19 Sheffield, 38 Barnsley, 39 Sheffield
Staffordshire: E06 21 Stoke-on-Trent, E07 192 Cannock Chase, 193 East Staffordshire, 194 Lichfield, \
195 Newcastle-under-Lyme, 196 South Staffordshire, 197 Stafford, 198 Staffordshire Moorlands, 199 Tamworth
Suffolk: E07 200 Babergh, 202 Ipswich, 203 Mid Suffolk, 244 East Suffolk, 245 West Suffolk
Surrey: E07 207 Elmbridge, 208 Epsom and Ewell, 209 Guildford, 210 Mole Valley, 211 Reigate and Banstead, 212 Runnymede, \
213 Spelthorne, 214 Surrey Heath, 215 Tandridge, 216 Waverley, 217 Woking
Sussex: E06 43 Brighton and Hove, E07 61 Eastbourne, 62 Hastings, 63 Lewes, 64 Rother, 65 Wealden, 223 Adur, 224 Arun, \
225 Chichester, 226 Crawley, 227 Horsham, 228 Mid Sussex, 229 Worthing
Thames Valley: E06 36 Bracknell Forest, 37 West Berkshire, 38 Reading, 39 Slough, 40 Windsor and Maidenhead, 41 Wokingham, \
42 Milton Keynes, 60 Buckinghamshire, E07 177 Cherwell, 178 Oxford, 179 South Oxfordshire, 180 Vale of White Horse, \
181 West Oxfordshire
Warwickshire: E07 218 North Warwickshire, 219 Nuneaton and Bedworth, 220 Rugby, 221 Stratford-on-Avon, 222 Warwick
West Mercia: E06 19 Herefordshire, 20 Telford and Wrekin, 51 Shropshire, E07 234 Bromsgrove, 235 Malvern Hills, 236 Redditch, \
237 Worcester, 238 Wychavon, 239 Wyre Forest
West Midlands: E08 25 Birmingham, 26 Coventry, 27 Dudley, 28 Sandwell, 29 Solihull, 30 Walsall, 31 Wolverhampton
West Yorkshire: E08 32 Bradford, 33 Calderdale, 34 Kirklees, 35 Leeds, 36 Wakefield
Wiltshire: E06 30 Swindon, 54 Wiltshire
Dyfed-Powys: W06 8 Ceredigion, 9 Pembrokeshire, 10 Carmarthenshire, 23 Powys
Gwent: W06 18 Caerphilly, 19 Blaenau Gwent, 20 Torfaen, 21 Monmouthshire, 22 Newport
North Wales: W06 1 Isle of Anglesey, 2 Gwynedd, 3 Conwy, 4 Denbighshire, 5 Flintshire, 6 Wrexham
South Wales: W06 11 Swansea, 12 Neath Port Talbot, 13 Bridgend, 14 Vale of Glamorgan, 15 Cardiff, 16 Rhondda Cynon Taf, \
24 Merthyr Tydfil
"""
# Counties that are not the area of a force: districts of a force but these, or the districts that are named.
_COUNTIES = """
Tyne and Wear: Newcastle upon Tyne, North Tyneside, South Tyneside, Sunderland, Gateshead
Avon: Bath and North East Somerset, Bristol, North Somerset, South Gloucestershire
Berkshire: Bracknell Forest, West Berkshire, Reading, Slough, Windsor and Maidenhead, Wokingham
Buckinghamshire: Buckinghamshire, Milton Keynes
Oxfordshire: Cherwell, Oxford, South Oxfordshire, Vale of White Horse, West Oxfordshire
Devon: Plymouth, Torbay, East Devon, Exeter, Mid Devon, North Devon, South Hams, Teignbridge, Torridge, West Devon
Hampshire: Portsmouth, Southampton, Basingstoke and Deane, East Hampshire, Eastleigh, Fareham, Gosport, Hart, Havant, \
New Forest, Rushmoor, Test Valley, Winchester
East Sussex: Brighton and Hove, Eastbourne, Hastings, Lewes, Rother, Wealden
West Sussex: Adur, Arun, Chichester, Crawley, Horsham, Mid Sussex, Worthing
Shropshire: Shropshire, Telford and Wrekin
Worcestershire: Bromsgrove, Malvern Hills, Redditch, Worcester, Wychavon, Wyre Forest
Somerset: Somerset, North Somerset, Bath and North East Somerset
East Yorkshire: East Riding of Yorkshire, Kingston upon Hull
Teesside: Hartlepool, Middlesbrough, Redcar and Cleveland, Stockton-on-Tees
"""
# Upper-tier counties, who are responsible authorities: the districts (E07) of the county or force of that name; those
# abolished since 2019 all of its districts.
_UPPER = """
E10 2 Buckinghamshire, 3 Cambridgeshire, 6 Cumbria, 7 Derbyshire, 8 Devon, 11 East Sussex, 12 Essex, 13 Gloucestershire, \
14 Hampshire, 15 Hertfordshire, 16 Kent, 17 Lancashire, 18 Leicestershire, 19 Lincolnshire, 20 Norfolk, \
21 Northamptonshire, 23 North Yorkshire, 24 Nottinghamshire, 25 Oxfordshire, \
27 Somerset, 28 Staffordshire, 29 Suffolk, 30 Surrey, 31 Warwickshire, 32 West Sussex, \
34 Worcestershire
"""
# Police force areas (pfa).
_FORCE_CODES = """
E23 1 Metropolitan, 2 Cumbria, 3 Lancashire, 4 Merseyside, 5 Greater Manchester, 6 Cheshire, 7 Northumbria, 8 Durham, \
9 North Yorkshire, 10 West Yorkshire, 11 South Yorkshire, 12 Humberside, 13 Cleveland, 14 West Midlands, 15 Staffordshire, \
16 West Mercia, 17 Warwickshire, 18 Derbyshire, 19 Nottinghamshire, 20 Lincolnshire, 21 Leicestershire, 22 Northamptonshire, \
23 Cambridgeshire, 24 Norfolk, 25 Suffolk, 26 Bedfordshire, 27 Hertfordshire, 28 Essex, 29 Thames Valley, \
30 Hampshire and Isle of Wight, 31 Surrey, 32 Kent, 33 Sussex, 34 City of London, 35 Devon and Cornwall, 36 Avon and Somerset, \
37 Gloucestershire, 38 Wiltshire, 39 Dorset, W15 1 North Wales, 2 Gwent, 3 South Wales, 4 Dyfed-Powys
"""
_SHORT = {"gmp": "greater manchester", "mps": "metropolitan", "met": "metropolitan", "the met": "metropolitan",
          "wmp": "west midlands", "wyp": "west yorkshire", "syp": "south yorkshire", "nyp": "north yorkshire",
          "tvp": "thames valley", "colp": "city of london", "hampshire constabulary": "hampshire and isle of wight"}
_TITLE = re.compile(
    r"\b(?:police(?: service)?|constabulary|council|metropolitan borough|london borough|borough|city|county|district|unitary|"
    r"authority|royal|lscp|safeguarding children partnership|mbc|force area|force)\b")
_POLICE = re.compile(r"\b(?:police(?: service)?|constabulary|council|force area|force)\b")
_DOUBLE = re.compile(r" (?:and|with|upon|on|under) .*")  # the rest of a double name
_GSS = re.compile(r"[ESW]\d{8}", re.IGNORECASE)


def _members(line: str) -> list[tuple[str, str]]:
    """Codes and names of a line of "E06 1 Name, 2 Name, W06 ..."."""
    prefix, members = "", []
    for member in line.strip().split(", "):
        found = re.fullmatch(r"(?:([EW]\d\d) )?(\d+) (.+)", member)
        if found is None:
            raise ValueError(f"not a district: {member}")
        prefix = found[1] or prefix
        members.append((f"{prefix}{int(found[2]):06d}", found[3]))
    return members


@cache
def _forces() -> dict[str, dict[str, str]]:
    """Of each force area the codes and names of its districts."""
    return {force: dict(_members(members))
            for force, _, members in (line.partition(": ") for line in _FORCES.splitlines() if line)}


@cache
def _force_of() -> dict[str, str]:
    return {code: force for force, members in _forces().items() for code in members}


@cache
def _wider() -> dict[str, frozenset[str]]:
    """The districts of the codes of upper-tier counties and police force areas."""
    table = _table()[1]
    found = {code: table[normal_name(name)] for code, name in _members(_FORCE_CODES) + _members(_UPPER)}
    return {code: frozenset(c for c in codes if c[:3] == "E07") or codes if code[:3] == "E10" else codes
            for code, codes in found.items()}


@cache
def _table() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Name of each code, and the codes of each normalised name of a force, county or district."""
    names = {code: name for members in _forces().values() for code, name in members.items()}
    groups = {normal_name(force): frozenset(members) for force, members in _forces().items()}
    districts: dict[str, frozenset[str]] = {}
    for code, name in names.items():
        districts[normal_name(name)] = districts.get(normal_name(name), frozenset()) | {code}
    counties: dict[str, frozenset[str]] = {}
    for line in filter(None, _COUNTIES.splitlines()):
        county, _, members = line.partition(": ")
        counties[normal_name(county)] = frozenset().union(*(districts[normal_name(name)] for name in members.split(", ")))
    london = frozenset(code for code in names if code.startswith("E09"))
    counties |= {"greater london": london, "london": london, "newcastle": districts["newcastle upon tyne"],
                 "hull": districts["kingston upon hull"]}
    return names, districts | groups | counties


@cache
def _names() -> dict[str, str]:
    """Name of each code: districts, upper-tier counties, police force areas."""
    return dict(_members(_FORCE_CODES) + _members(_UPPER)) | _table()[0]


def name_of(code: str) -> str:
    """Name of the code of a district, county or police force area; the code itself when it is not one of the table."""
    return _names().get(code, code)


def told(code: str) -> str:
    """Name and code for a reader; those that the demonstration has invented are called so, others that are not known stay codes."""
    name = "Invented authority" if INVENTED.fullmatch(code) else name_of(code)
    return code if name == code else f"{name} ({code})"


def named(plain: str) -> frozenset[str]:
    """District codes of a name that is normalised already and written as in the table; empty when it is not there."""
    return _table()[1].get(plain, frozenset())


def force_of(code: str) -> str:
    """The police force area that a district lies in, by the district's code; empty when it is not in the table."""
    return _force_of().get(code, "")


def around(code: str) -> frozenset[str]:
    """The districts of the police force area or areas around a district, county or authority, by its code; empty when not known."""
    forces = {force for each in codes_of(code) if (force := force_of(each))}
    return frozenset(each for force in forces for each in _forces()[force])


@cache
def _authorities() -> dict[str, str]:
    """Code of each authority by its normalised name, and by that name without "council", "borough" and the like.

    A district goes before an upper-tier county of the same name, which was abolished for it; of the two codes of one district
    the newer counts. "London" alone is no authority.
    """
    full: dict[str, str] = {}
    for code, name in [*_members(_UPPER), *_table()[0].items()]:
        full[normal_name(name)] = code
    bare = {_tidy(_TITLE.sub(" ", name)): code for name, code in full.items()}
    bare.pop("london", None)
    return bare | full | {"newcastle city council": full["newcastle upon tyne"], "hull": full["kingston upon hull"],
                          "bournemouth": full["bournemouth christchurch and poole"]}


@lru_cache(maxsize=1 << 12)
def code_of(name: str) -> str:
    """GSS code of the local authority of a name as it is written in exports ("Rochdale MBC"); empty when none or several fit.

    Of a double name the first may stand alone ("Richmond", "Blackburn"); "Forest" or "Central" is no beginning of a name.
    """
    table, plain = _authorities(), normal_name(name.replace("&", " and "))
    short = _tidy(_TITLE.sub(" ", plain))
    if code := table.get(plain) or table.get(short):
        return code
    starts = {code for known, code in table.items() if short and _DOUBLE.sub("", known) == short}
    return starts.pop() if len(starts) == 1 else ""


@lru_cache(maxsize=1 << 12)
def codes_of(name: str) -> frozenset[str]:
    """District codes of a police force area, county or district, by its name or a GSS code; empty when not known."""
    if _GSS.fullmatch(name.strip()):
        code = name.strip().upper()
        return _wider().get(code, frozenset({code}))
    table, plain = _table()[1], normal_name(name)
    plain = _SHORT.get(plain, plain)
    short = _tidy(_TITLE.sub(" ", plain))
    for form in (plain, _tidy(_POLICE.sub(" ", plain)), short):
        if form in table:
            return table[form]
    starts = [codes for known, codes in table.items() if short and known.startswith(f"{short} ")]
    return starts[0] if len(starts) == 1 else frozenset()


def _tidy(text: str) -> str:
    return " ".join(text.split()).removeprefix("of ").removesuffix(" of")
