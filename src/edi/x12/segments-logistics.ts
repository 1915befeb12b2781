/**
 * Segments of warehouse, transport, payment and catalogue documents. Element 0 stands for a position that we do not
 * interpret: it is read as text and checked for nothing but its length.
 */
export const LOGISTICS_ELEMENTS = `
0 AN 1/512 other Not interpreted
32 DT 8/8 deliveryDate Delivery date
56 ID 2/2 serviceType Type of service
58 N2 1/12 charge Charge
59 AN 2/5 freightClass Freight class
71 N0 1/3 inquiryNumber Inquiry number
110 ID 1/2 acknowledgmentCode Application acknowledgment
142 AN 2/15 sender Application sender
154 AN 1/9 splc Location code
163 ID 2/2 stopReason Reason of the stop
165 N0 1/3 stopNumber Stop
176 ID 1/2 timeQualifier Kind of time
191 N2 1/9 advances Advances
193 N2 1/12 netAmount Net amount due
195 ID 1/1 recordCode Record
221 ID 2/2 ratedQualifier Billed as
285 AN 1/22 depositorOrder Depositor's order number
305 ID 1/2 handling Handling of the transaction
346 ID 2/2 application Kind of application
417 AN 6/9 standardPoint Standard point location
432 ID 2/2 dateQualifier Kind of date
438 AN 12/12 upcCase UPC of the case
451 AN 1/30 lot Warehouse lot
458 N0 1/3 pallets Pallets
473 ID 1/1 orderStatus Status of the order
474 N0 1/6 linkSequence Link sequence
472 AN 1/22 masterReference Master reference
481 ID 1/2 traceType Kind of trace number
482 ID 2/2 paymentAction Payment action
506 ID 2/2 condition Condition or account qualifier
507 AN 3/12 bank Bank
509 AN 10/10 company Originating company
510 AN 9/9 companyCode Originating company supplement
531 AN 1/12 agentShipment Agent's shipment number
535 ID 2/2 warehouseReason Reason of the adjustment
558 ID 1/1 reservation Reservation
595 AN 1/10 compartment Compartment
684 AN 1/15 catalogNumber Catalogue
685 AN 1/15 catalogVersion Version of the catalogue
686 AN 1/6 catalogRevision Revision of the catalogue
683 ID 2/2 catalogPurpose Purpose of the catalogue
761 N0 1/1 checkDigit Equipment check digit
859 ID 2/2 activity Activity
892 ID 2/2 lineChangeReason Reason of the line's change
962 ID 1/2 receivingType Kind of receiving advice
1035 AN 1/60 lastName Name
1036 AN 1/35 firstName First name
1037 AN 1/25 middleName Middle name
1038 AN 1/10 namePrefix Prefix
1039 AN 1/10 nameSuffix Suffix
1048 ID 1/3 paymentFunction Business function
1065 ID 1/1 entityType Kind of entity
1280 ID 1/1 directionCode Direction
1609 ID 2/3 relatedDataCode Kind of related data
1650 ID 2/2 statusCode Shipment status
1651 ID 2/2 statusReason Reason of the status
1652 ID 2/2 appointmentCode Appointment status
1654 AN 7/7 longitude Longitude
1655 AN 7/7 latitude Latitude
`;

export const LOGISTICS_SEGMENTS = `
ADX Adjustment | 782! 426! 128 127 | P0304
AT5 Handling | 152 560 352
AT7 Shipment status | 1650 1651 1652 1651 373 337 623 | E0103 P0102 P0304 C0605 C0706
AT8 Shipment weight | 187 188 81 80 80 184 183 | P010203 P0607
B1 Response to a load tender | 140! 145! 373 558
B10 Start of the shipment status | 127 145 140! 71 128 127 1073 0 0 | P0506
B2 Start of the load tender | 375 140 417 145 188 146! 147 0 0 0 0 0
B2A Purpose of the load tender | 353! 346
B3 Start of the freight invoice | 147 76! 145 146! 188 373! 193! 202 32 374 140! 373 375 335
BCT Start of the catalogue | 683! 684 685 686 0 684 685 686 352 353
BGN Start | 353! 127! 373! 337 623 127 640 306 786
BIA Start of the inventory advice | 353! 755! 127! 373! 337 306
BMG Start of the text message | 353! 352 640
BPR Payment | 305! 782! 478! 591! 812 506 507 569 508 509 510 506 507 569 508 373 1048 506 507 569 508 | P0607 C0809 P1213 C1415 P1819 C2021
BRA Start of the receiving advice | 127! 373! 353! 962! 337 412 413 306
C3 Currency | 100! 280 100 100
CD3 Carton | 187 81 0 0 0 0 0 0 0 0 0 0 0
CS Contract summary | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
DD Demand detail | 0 0 0 0 0 0 0 0 0 0
ENT Entity | 554 98 66 67 98 66 67 128 127 | P020304 P050607 P0809
G61 Contact | 366! 93! 365 364 443 | P0304
G62 Date and time | 432 373 176 337 623 | R0103 P0102 P0304
G69 Line description | 369!
H3 Handling instructions | 152 152 0 0 0
K1 Remarks | 61! 61
L0 Line quantity and weight | 213 220:billedQuantity 221 81 187 183 184 80 211 458 188 56 380 211 1073 | P0203 P0405 P0607 P0809 C1104 P1315
L1 Rate and charges | 213 60 122 58 191 58:prepaid 0 150 0 0 0 0 0 74 122 372 220 221 954 0 0 0 | P0203 R040506 P1415 P1718
L11 Reference | 127 128 352 373 1073 | R0103 P0102
L3 Total weight and charges | 81 187 60 122 58 191 58:prepaid 150 183 184 80 188 0 74 122 | P0102 P0304 P0910 C1201 P1415
L4 Measurement | 82! 189! 65! 0! 380 0
L5 Description and marks | 213 79 22 23 103 87 88 23 22 595 | P0304 C0706
LAD Lading detail | 211 80 188 81:unitWeight 188 81 (235:qualifier 234:id)*3:ids 79 | P0102 P0304 P0506
LH6 Hazard certification | 0 0 0 0
LX Line | 554!
M7 Seals | 225! 225 225 225 98
MIT Message identification | 127! 352 0 0 0
MS1 Place of the status | 19 156 26 1654 1655 1280 1280 116
MS2 Equipment | 140 207 40 761 | P0102
MS3 Interline | 140! 133! 19 91 156
N7 Equipment details | 206 207! 81 187 0 0 0 183 184 102 40 140 0 219 567 0 188 761 56 65 189 24 140 0 | P0304 P0516 P0809
NM1 Name | 98! 1065! 1035 1036 1037 1038 1039 66 67 706 98 | P0809
OID Order identification | 127 324 127 355 380 188 81 184 183 0 0 | R0102 C0302 P0405 P0607 P0809
OTI Original transaction | 110! 128! 127! 142 142:receiver 373 337 28 329 143 480
PLD Pallets | 458! 399 188 81
POD Proof of delivery | 373! 337 93
Q7 Lading exception | 0! 211 80 | P0203
R3 Route | 140! 133! 19 91 0 76 373 610 352 56 0 0
RCD Receiving conditions | 350 413:received 355 380:returned 355 413:questioned 355 0 0 0 0 0 0 0 0 0 0 0 0 0 0
RDM Remittance delivery | 756! 93 364 C040
RMR Remittance reference | 128 127 482 782:paid 782:invoiced 782:discount 426 782:adjustment | P0102 P0708
S5 Stop | 165! 163! 81 188 382 355 183 184 352 154 0 | P0304 P0506 P0708
TED Error | 647! 61 721 719 722 719:component 724:badValue 724:correctedValue
TRN Trace | 481! 127! 509 127
UIT Unit | C001 212 639 | C0302
W01 Item to ship | 330! 355! 438 (235:qualifier 234:id)*2:ids 59 0 23 22 0 451 0 235:qualifier2 234:id2 0 | R0304 P1011 P1516
W03 Totals shipped | 382! 81 355 183 355 80 355 | P0203 P0405 P0607
W04 Item shipped | 382! 355! 438 (235:qualifier 234:id)*2:ids 59 0 23 22 0 0 235:qualifier2 234:id2 | R0304 P1011 P1415
W05 Start of the shipping order | 473! 285 324 474 472 640 353 0
W06 Start of the shipment | 514! 285 373 145 531 324 474 472 0 0 640 306 0
W07 Item received | 413! 355! 438 (235:qualifier 234:id)*2:ids 451 0 235:qualifier2 234:id2 | R0304 P1011
W08 Received carrier | 91! 140 387 206 207 225 225 0 0 0 0
W09 Equipment and temperature | 40! 0 0 0 0 61 0 0 0
W12 Item shipped in detail | 368! 330 382 383 355 438 (235:qualifier 234:id)*1:ids 451 81 187 188 81:otherWeight 187 188 438 235:qualifier2 234:id2 892 0 235:qualifier3 234:id3 | R0607 P101112 P131415 P1718 P2122
W13 Item exception | 380! 355! 506! 451 0
W14 Totals received | 413! 382 383 330 0
W15 Start of the adjustment | 373! 515 515:referenceNumber 0
W17 Start of the receipt | 514! 373! 502! 285 145 0 0 0
W19 Adjustment | 535! 380! 355! 438 (235:qualifier 234:id)*2:ids 451 81 187 188 81:otherWeight 187 188 0 (235:qualifier 234:id)*1:moreIds 128 127
W20 Item details | 356 357 355 81 187 188 0 0 0 0 | P0203 P040506
W27 Carrier | 91! 140 387 146 40 206 207 368 152 0 | R0203
W28 Consolidation | 0! 0 0
W66 Carrier instructions | 146! 91! 399 400 387 215 0 0 0 140
W76 Totals ordered | 330! 81 355 183 355 | P0203 P0405
XQ Reporting period | 305! 373! 373
BNX Rail details | 0 0 0 0 0 0
CB1 Contract and cost accounting | 0 0 0 0 0 0 0
C2 Bank | 0 0 0 0 0 0 0
CRD Colour or dye | 0 0 0 0 0 0
DED Deduction | 0 0 0 0 0 0 0 0 0 0
DTP Date or period | 374! 1250! 1251!
G08 Carrier's times | 0 0 0 0 0 0 0 0
G26 Pricing conditions | 0 0 0 0 0 0 0 0 0 0 0 0
G36 Price list | 0 0 0 0 0 0 0 0
G39 Vendor's item | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
G40 Suggested price | 0 0 0 0 0 0 0 0 0 0
G43 Promotion price list area | 0 0 0 0 0 0
G54 Item bracket | 0 0 0 0 0 0 0
G55 Item characteristics | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
G66 Transport instructions | 0 0 0 0 0 0 0 0 0
G72 Allowance or charge | 0 0 0 0 0 0 0 0 0 0 0
G93 Price bracket | 0 0 0 0 0 0 0
G95 Performance requirements | 0 0 0 0 0 0 0 0
H1 Hazardous material | 0 0 0 0 0 0 0 0 0
H2 More about hazardous material | 0 0 0 0 0 0 0 0
H6 Special services | 0 0 0 0 0 0
L9 Charge | 0 0 0 0
LEP Hazard data required by an authority | 0 0 0 0
LFG Hazard classification | 0 0 0 0 0 0 0
LFH Hazard notes | 0 0 0 0 0 0 0
LH1 Hazardous goods | 0 0 0 0 0 0 0 0 0 0 0
LH2 Hazard classification | 0 0 0 0 0 0 0 0 0 0 0 0 0
LH3 Hazardous shipping name | 0 0 0 0
LH4 Emergency response | 0 0 0 0 0 0 0 0 0 0 0 0
LHE Empty equipment with hazard residue | 0 0 0 0 0 0
LHR Hazard reference | 0 0 0
LHT Transborder hazard | 0 0 0
N7A Equipment accessorial | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
N7B More equipment details | 0 0 0 0 0 0 0 0 0 0 0 0
PKL Packaging level | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
R2 Route | 0 0 0 0 0 0 0 0 0 0 0 0 0
RED Related data | 352! 1609 559 0 1270 1271 | P0506
SPO Order and shipment | 324! 127 355 380 188 81 647 127:applicationReference | P0304 P0506
TXP Tax payment | 0 0 0 0 0 0 0 0 0 0 0
V9 Event | 0! 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
W10 Warehouse additional carrier data | 0 0 0 0
W18 Temperature | 0 0 0 0 0 0 0 0
W6 Special handling | 0 0 0 0
ZA Product activity | 859! 380 355 374 373 128 127 | C0203 P0405 P0607
`;

export const WAREHOUSE_ELEMENTS = `
215 ID 2/2 fobPoint Free on board point
`;
