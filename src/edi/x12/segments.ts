/** X12 segments of release 004010 that our documents use. Notation: `definition-language.ts`. */
export const SEGMENTS = `
ST Header of the set | 143! 329! 1705
SE Trailer of the set | 96! 329!
AK1 Group acknowledged | 479! 28! 480
AK2 Set acknowledged | 143! 329! 1705
AK3 Segment in error | 721! 719! 447 720
AK4 Element in error | C030! 725 723! 724
AK5 Outcome for the set | 717! 718 718 718 718 718
IK3 Segment in error | 721! 719! 447 620!
IK4 Element in error | C030! 725 621! 724
IK5 Outcome for the set | 717! 618 618 618 618 618
CTX Context | C998!x10 721 719 447 C030 C999
AK9 Outcome for the group | 715! 97! 123! 2! 716 716 716 716 716
BEG Start of the purchase order | 353! 92! 324! 328 373! 367 587 1019 1166 1232 786 640
BAK Start of the acknowledgment | 353! 587! 324! 373! 328 326 367 127 373:acknowledgmentDate 640
BCH Start of the change | 353! 92! 324! 328 327 373! 326 367 127 373:changeDate 373:orderDate 1166 786 640
BCA Start of the change acknowledgment | 353! 587 324! 328 327 373! 326 367 127 373:changeDate 373:acknowledgmentDate 640
BIG Start of the invoice | 373! 76! 373:poDate 324 328 327 640 353 306 76
BSN Start of the ship notice | 353! 396! 373! 337! 1005 640 641
AMT Amount | 522! 782! 478
BAL Balance | 951! 522! 782!
CAD Carrier details | 91 206 207 140 387 368 128 127 284 | P0708 C0908
CLD Load detail | 622! 382! 103 357 355 | C0504
CN1 Contract | 1166! 782 332 127 338 799
CSH Sales requirements | 563 306 610 508 373 559 560 1004 566 954 | P0607
CTB Restrictions | 688! 352 673 380 522 610 | P0304 P0506
CTP Pricing | 687 236 212 380 C001 648 649 782 639 499 289 | P0405 C0607 C0902 C1002 C1103
CTT Totals | 354! 347 81 355 183 355 352 | P0304 P0506
CUR Currency | 98! 100! 280 98:otherEntity 100:otherCurrency 669 (374:dateQualifier 373:date 337:time)*5:dates
CRC Conditions | 1136! 1073! 1321! 1321 1321 1321 1321
DIS Discount | 653! 654! 442! 656! 657! 657
DTM Date or time | 374! 373 337 623 1250 1251 | R020305 C0403 P0506
ETD Excess transport | 626! 627! 128 127 | P0304
FA1 Financial accounting | 559! 1300 248
FA2 Accounting data | 1195! 1196!
FOB Delivery terms | 146! 309 352 334 335 309 352 54 352 | C0302 C0405 C0706 C0809
HL Level of the hierarchy | 628! 734 735! 736
INC Instalment | 336! C001! 380! 380! 782
ISS Shipment summary | 382 355 81 355 183 355 380 81 | R010305 P0102 P0304 P0506
IT1 Invoice line | 350 358 355 212 639 (235:qualifier 234:id)*10:ids | P020304
IT3 Further line data | 382 355 368 383 371 | R010203
IT8 Sales conditions | 563 306 610 508 373 559 560 (235:qualifier 234:id)*10:ids
ITA Allowance or charge (old) | 248! 559 560 331! 341 359 360 378 332 339 355 380 150 352 | R0203
ITD Payment terms | 336 333 338 370 351 446 386 362 388 389 342 352 765 107 954
L7 Tariff reference | 213 168 171 172 169 170 59 173 46 373 119 227 0 295 19 156
LDT Lead time | 345! 380! 344! 373
LE End of loop | 447!
LIN Item | 350 (235:qualifier 234:id)!*15:ids
LM Code source | 559! 822
LQ Industry code | 1270 1271 | C0102
LS Start of loop | 447!
MAN Marks and numbers | 88! 87! 87:lastMarks 88 87 87:lastMarks2 | P0405 C0605
MEA Measurement | 737 738 739 C001 740 741 935 936 752 1373 | R03050608 C0504 C0604 L07030506 E0803
MSG Message | 933! 934 1470
MTX Text | 363 1551 1551 934 1470
N1 Party | 98! 93 66 67 706 98:relatedEntity | R0203 P0304
N2 More of the name | 93! 93
N3 Address | 166! 166
N4 Place | 19 156 116 26 309 310 | C0605
N9 Reference and text | 128! 127 369 373 337 623 C040 | R0203 C0605
NTE Note | 363 352!
NX2 Address part | 1106! 166! 1096
PAL Pallet | 883 884 885 356 384:unitWeight 355 82 189 65 355 384 355 385 355 399 | C0506 C0708
PAM Period amount | 673 380 C001 522 782 344 374 373 337 374 373 337 1004 332 1073 | P010203 P0405 R0713
PCT Percent | 1004! 954!
PER Contact | 366! 93 (365:qualifier 364:number)*3:channels 443
PID Description | 349! 750 559 751 352 752 822 1073 819 | C0403 R0405 C0703 C0804 C0905
PKG Packaging | 349 753 559 754 352 400 | C0403 C0501
PO1 Order line | 350 330 355 212 639 (235:qualifier 234:id)*10:ids | C0302 C0504
PO3 Further order line data | 371! 373 236 212 639 380! 355! 352
PO4 Packing of the item | 356 357 355 103 187 384 355 385 355 82 189 65 355 356:innerPack 752 350:assignedId 350 1470 | P0203 C0506 P0607 P0809 L13101112
POC Line change | 350 670! 330 671 C001 212 639 (235:qualifier 234:id)*10:ids | C0305 C0706
PRF Reference to the order | 324! 328 327 373 350 367 92
PWK Papers | 755! 756 757 98 66 67 352 C002 1525 | P0506
QTY Quantity | 673! 380 C001 61 | R0204 E0204
REF Reference | 128! 127 352 C040 | R0203
SAC Service, allowance or charge | 248! 1300 559 1301 610 378 332 118 355 380 380 331 127 770 352 819 | R0203 P0304 P0607 P0910 C1110 L130204 C1413 C1615
SCH Schedule | 380! 355! 98 93 374! 373! 337 374 373 337 326 350 | C0304 C0706 P0809
SDQ Quantities by store | 355! 66 (67:location 380:quantity)!*10:stores 310
SI Service characteristics | 559! (1000:code 234:value)!*10:characteristics
SLN Subline | 350! 350:relatedLine 662! 380 C001 212 639 662:priceRelationship (235:qualifier 234:id)*10:ids | P0405 C0706 C0806
SN1 Item shipped | 350 382! 355! 646 330 355 728 668 | P0506
SPI Specification | 786! 128 127 790 791 792 353 755
SR Requested service | 350 372 373 322 | P0203
TAX Tax reference | 325 (309:locationQualifier 310:location)*5:jurisdictions 441 1179
TC2 Commodity | 23! 22!
TD1 Packages and weight | 103 80 23 22 79 187 81 355 183 355 | C0102 C0304 C0607 P0708 P0910
TD3 Equipment | 40 206 207 187 81 355 102 407 225 24 | C0203 C0405 P0506
TD4 Hazardous goods | 152 208 209 352 1073 | R0102 C0203 C0304
TD5 Carrier and routing | 133 66 67 91 387 368 309 310 731 732 733 284 284 284 26 | C0203 C0708 C1011 C1312 C1413
TDS Invoice total | 610! 610:discountable 610:discountedDue 610:discount
TXI Tax | 963! 782 954 955 956 441 662 828 325 350 | R020306 P0405 C0803
V1 Vessel | 597 182 26 55 140 249 854 897 91 | R0102
YNQ Yes or no question | 1321 1073! 1250 1251 933 933 933 1270 1271 1271 | R010509 P0304
`;

/** Elements named above that occur only there. */
export const MORE_ELEMENTS = `
55 AN 2/10 voyage Voyage
46 AN 4/4 exParte Ex parte number
119 AN 1/8 rateBasis Rate basis number
168 ID 1/7 tariffAgency Tariff agency
169 AN 1/16 tariffItem Tariff item
170 N0 1/2 tariffItemPart Part of the tariff item
171 AN 1/7 tariffNumber Tariff number
172 AN 1/2 tariffSection Tariff section
173 AN 1/4 tariffSupplement Tariff supplement
182 AN 2/28 vesselName Vessel
213 N0 1/3 ladingLineNumber Line of the bill of lading
227 ID 1/2 tariffColumn Tariff column
249 ID 1/3 vesselRequirement Vessel requirement
295 AN 1/5 distance Distance
322 ID 2/2 assignedService Service
339 R 1/9 allowanceRate Rate of the allowance or charge
341 AN 1/16 allowanceNumber Number of the allowance or charge
359 R 1/9 allowanceUnit Unit rate
597 AN 1/8 vesselCode Vessel
626 ID 1/2 excessReason Reason of excess transport
627 ID 1/1 excessResponsibility Who is responsible
792 AN 1/60 securityName Name
854 ID 1/1 vesselQualifier Kind of vessel code
897 ID 1/1 transportQualifier Kind of transport
951 ID 1/1 balanceType Kind of balance
1551 AN 1/4096 longText Text
`;

export const MORE_SEGMENTS = `
ACK Line acknowledgment | 668! 380 355 374 373 326 (235:qualifier 234:id)*10:ids 559 822 1271 | P0203 C0405
ADV Advertising | 1000 373 373 1000
DMG Demographics | 1250 1251 1068 1067 1109 1066 26 659 380
GF Furnished goods | 128 127 367 782 | P0102
R4 Port | 115! 309 310 114 26 174 113 156 | P0203
TSD Trailer shipment | 187 219
`;

export const OTHER_ELEMENTS = `
113 AN 2/30 pier Pier
114 AN 2/24 portName Port
115 ID 1/1 portFunction Function of the port
174 AN 2/30 terminal Terminal
1066 ID 1/2 citizenship Citizenship
1067 ID 1/1 maritalStatus Marital status
1068 ID 1/1 gender Gender
1109 ID 1/1 raceCode Code
`;
