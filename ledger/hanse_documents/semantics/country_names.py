"""Names of countries in English, for documents that write a country's name where others write its code.

From ISO 3166-1 (iso-codes, 2026) and the names of Unicode's CLDR, with short forms that trade documents use.
"""

import re
import unicodedata

_NAMES = """
    AD=Andorra; AE=United Arab Emirates|UAE; AF=Afghanistan; AG=Antigua and Barbuda|Antigua & Barbuda; AI=Anguilla;
    AL=Albania; AM=Armenia; AO=Angola; AQ=Antarctica; AR=Argentina; AS=American Samoa; AT=Austria; AU=Australia;
    AW=Aruba; AX=Åland Islands; AZ=Azerbaijan; BA=Bosnia and Herzegovina|Bosnia & Herzegovina; BB=Barbados;
    BD=Bangladesh; BE=Belgium; BF=Burkina Faso; BG=Bulgaria; BH=Bahrain; BI=Burundi; BJ=Benin; BL=Saint
    Barthélemy|St. Barthélemy; BM=Bermuda; BN=Brunei Darussalam|Brunei; BO=Bolivia, Plurinational State of|Bolivia;
    BQ=Bonaire, Sint Eustatius and Saba|Caribbean Netherlands; BR=Brazil; BS=Bahamas; BT=Bhutan; BV=Bouvet Island;
    BW=Botswana; BY=Belarus; BZ=Belize; CA=Canada; CC=Cocos (Keeling) Islands; CD=Congo, The Democratic Republic of
    the|Congo - Kinshasa; CF=Central African Republic; CG=Congo|Congo - Brazzaville; CH=Switzerland; CI=Côte
    d'Ivoire|Cote d'Ivoire|Ivory Coast; CK=Cook Islands; CL=Chile; CM=Cameroon; CN=China|People's Republic of
    China|P.R. China|PR China; CO=Colombia; CR=Costa Rica; CU=Cuba; CV=Cabo Verde|Cape Verde; CW=Curaçao;
    CX=Christmas Island; CY=Cyprus; CZ=Czechia|Czech Republic; DE=Germany; DJ=Djibouti; DK=Denmark; DM=Dominica;
    DO=Dominican Republic; DZ=Algeria; EC=Ecuador; EE=Estonia; EG=Egypt; EH=Western Sahara; ER=Eritrea; ES=Spain;
    ET=Ethiopia; FI=Finland; FJ=Fiji; FK=Falkland Islands (Malvinas)|Falkland Islands; FM=Micronesia, Federated
    States of|Micronesia; FO=Faroe Islands; FR=France; GA=Gabon; GB=United Kingdom|UK|Great Britain; GD=Grenada;
    GE=Georgia; GF=French Guiana; GG=Guernsey; GH=Ghana; GI=Gibraltar; GL=Greenland; GM=Gambia; GN=Guinea;
    GP=Guadeloupe; GQ=Equatorial Guinea; GR=Greece; GS=South Georgia and the South Sandwich Islands|South Georgia &
    South Sandwich Islands; GT=Guatemala; GU=Guam; GW=Guinea-Bissau; GY=Guyana; HK=Hong Kong|Hong Kong SAR China;
    HM=Heard Island and McDonald Islands|Heard Island & McDonald Islands; HN=Honduras; HR=Croatia; HT=Haiti;
    HU=Hungary; ID=Indonesia; IE=Ireland; IL=Israel; IM=Isle of Man; IN=India; IO=British Indian Ocean Territory;
    IQ=Iraq; IR=Iran, Islamic Republic of|Iran; IS=Iceland; IT=Italy; JE=Jersey; JM=Jamaica; JO=Jordan; JP=Japan;
    KE=Kenya; KG=Kyrgyzstan; KH=Cambodia; KI=Kiribati; KM=Comoros; KN=Saint Kitts and Nevis|St. Kitts & Nevis;
    KP=Korea, Democratic People's Republic of|North Korea; KR=Korea, Republic of|South Korea|Republic of Korea;
    KW=Kuwait; KY=Cayman Islands; KZ=Kazakhstan; LA=Lao People's Democratic Republic|Laos|Lao PDR; LB=Lebanon;
    LC=Saint Lucia|St. Lucia; LI=Liechtenstein; LK=Sri Lanka; LR=Liberia; LS=Lesotho; LT=Lithuania; LU=Luxembourg;
    LV=Latvia; LY=Libya; MA=Morocco; MC=Monaco; MD=Moldova, Republic of|Moldova; ME=Montenegro; MF=Saint Martin
    (French part)|St. Martin; MG=Madagascar; MH=Marshall Islands; MK=North Macedonia; ML=Mali; MM=Myanmar|Myanmar
    (Burma); MN=Mongolia; MO=Macao|Macao SAR China|Macau; MP=Northern Mariana Islands; MQ=Martinique; MR=Mauritania;
    MS=Montserrat; MT=Malta; MU=Mauritius; MV=Maldives; MW=Malawi; MX=Mexico; MY=Malaysia; MZ=Mozambique;
    NA=Namibia; NC=New Caledonia; NE=Niger; NF=Norfolk Island; NG=Nigeria; NI=Nicaragua; NL=Netherlands|The
    Netherlands|Holland; NO=Norway; NP=Nepal; NR=Nauru; NU=Niue; NZ=New Zealand; OM=Oman; PA=Panama; PE=Peru;
    PF=French Polynesia; PG=Papua New Guinea; PH=Philippines; PK=Pakistan; PL=Poland; PM=Saint Pierre and
    Miquelon|St. Pierre & Miquelon; PN=Pitcairn|Pitcairn Islands; PR=Puerto Rico; PS=Palestine, State of|Palestinian
    Territories; PT=Portugal; PW=Palau; PY=Paraguay; QA=Qatar; RE=Réunion; RO=Romania; RS=Serbia; RU=Russian
    Federation|Russia; RW=Rwanda; SA=Saudi Arabia; SB=Solomon Islands; SC=Seychelles; SD=Sudan; SE=Sweden;
    SG=Singapore; SH=Saint Helena, Ascension and Tristan da Cunha|St. Helena, Ascension & Tristan da Cunha;
    SI=Slovenia; SJ=Svalbard and Jan Mayen|Svalbard & Jan Mayen; SK=Slovakia; SL=Sierra Leone; SM=San Marino;
    SN=Senegal; SO=Somalia; SR=Suriname; SS=South Sudan; ST=Sao Tome and Principe|São Tomé & Príncipe; SV=El
    Salvador; SX=Sint Maarten (Dutch part)|Sint Maarten; SY=Syrian Arab Republic|Syria; SZ=Eswatini|Swaziland;
    TC=Turks and Caicos Islands|Turks & Caicos Islands; TD=Chad; TF=French Southern Territories|French Southern and
    Antarctic Lands; TG=Togo; TH=Thailand; TJ=Tajikistan; TK=Tokelau; TL=Timor-Leste; TM=Turkmenistan; TN=Tunisia;
    TO=Tonga; TR=Türkiye|Turkey; TT=Trinidad and Tobago|Trinidad & Tobago; TV=Tuvalu; TW=Taiwan, Province of
    China|Taiwan; TZ=Tanzania, United Republic of|Tanzania; UA=Ukraine; UG=Uganda; UM=United States Minor Outlying
    Islands|U.S. Outlying Islands; US=United States|USA|United States of America; UY=Uruguay; UZ=Uzbekistan; VA=Holy
    See (Vatican City State)|Vatican City; VC=Saint Vincent and the Grenadines|St. Vincent & Grenadines;
    VE=Venezuela, Bolivarian Republic of|Venezuela; VG=Virgin Islands, British|British Virgin Islands; VI=Virgin
    Islands, U.S.|U.S. Virgin Islands; VN=Viet Nam|Vietnam; VU=Vanuatu; WF=Wallis and Futuna|Wallis & Futuna;
    WS=Samoa; XI=Northern Ireland; YE=Yemen; YT=Mayotte; ZA=South Africa; ZM=Zambia; ZW=Zimbabwe
"""


def _folded(name: str) -> str:
    """Write a name in small letters without accents, dots and spaces."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", "", plain).casefold()


def _table() -> dict[str, str]:
    """Put the names to their codes; a name of two countries is none."""
    rows = [row.partition("=") for row in " ".join(_NAMES.split()).split("; ")]
    return {_folded(name): code for code, _, names in rows for name in names.split("|")}


_CODES = _table()


def country_named(name: str) -> str | None:
    """Find the code of ISO 3166-1 by a country's English name; None where no country is called so."""
    return _CODES.get(_folded(name))
