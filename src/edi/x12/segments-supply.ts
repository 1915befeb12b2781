/**
 * Segments of planning, returns, routing, rebate and status documents. Elements whose number we have not verified carry a
 * number of ours that begins with Z; acknowledgments leave it out. Element 0 is a position that we do not interpret.
 */
export const SUPPLY_ELEMENTS = `
675 ID 2/2 scheduleType Kind of schedule
676 ID 1/1 scheduleQuantity How quantities are counted
678 ID 1/2 pattern Delivery pattern
679 ID 1/1 patternTime Time of delivery
680 ID 1/1 certainty Certainty of the forecast
681 ID 1/1 timing Timing of the forecast
682 ID 1/2 releaseStatus Release status
847 ID 1/2 orderItem Order or item
848 ID 1/2 productDate Product or date
849 ID 1/2 place Location asked for
850 ID 1/2 reportKind Kind of status report
Z1 ID 2/2 transferType Kind of transfer
Z2 ID 2/2 movement Kind of movement
Z3 ID 2/2 disposition Disposition of the goods
Z4 ID 2/2 returnReason Reason of the return
Z5 ID 2/2 returnResponse Response to the reason
Z6 AN 1/22 adjustmentNumber Adjustment number
Z7 R 1/10 quantity Quantity credited or debited
Z8 ID 2/2 adjustmentType Kind of account adjustment
Z9 ID 2/2 contractStatus Status of the contract
Z10 ID 2/2 authorization Resource authorized
Z11 ID 1/1 followUp Follow-up action
Z12 ID 2/2 manifest Manifest data
Z13 AN 1/22 vendorOrder Vendor's order number
Z14 AN 1/10 store Store
`;

export const SUPPLY_SEGMENTS = `
AAA Validity of the request | 1073! 559 901 Z11
ASI Action and status | 306! 875! 641
AT9 Trailer or container | 0 0 0 0 0 0 0 0
ATH Authorization of resources | Z10! 373:endDate 380 380:maximum 373:startDate | R0203 C0305 C0405
BAA Start of the account adjustment | 353! Z8! 373! 128 127 337 | P0405
BCD Start of the credit or debit adjustment | 373! Z6! 305! 610! 478! 373:invoiceDate 76 Z13 373:poDate 324 353 640 128 127 306 | P1314
BFR Start of the planning schedule | 353! 127 328 675! 676! 373!:startDate 373:endDate 373! 373:revisedDate 367 324 783 306 | R0203
BHT Start of the hierarchy | 1005! 353! 127 373 337 640
BLI Line | 235!:qualifier 234!:id 380 355 236 212 639 (235:qualifier 234:id)*3:moreIds 0 0 0 0 1073
BLR Carrier | 140! 373
BPA Start of the price authorization | 353! 373! 128 127 337 | P0304
BPT Start of the transfer and resale report | 353! 127 373! 755 648 649 306 337 127 786
BRC Start of the response to an adjustment | 353! 373! 128 127 337 | P0304
BSI Start of the status inquiry | 127! 373! 847! 848 849 337 353 640 306
BSR Start of the status report | 850! 847! 127! 373! 848 849 337 127 373 337 353 306
BSS Start of the shipping schedule | 353! 127! 373! 675! 373!:startDate 373!:endDate 328 127 367 324 676 | R0708
CDD Adjustment | 426! 478! 350 610 1073 0 Z7 355 0 236 212 236 212 0 | P0708
CMC Commodity | 0 0 0 0 0 0 0 0
CON Contract | 128! 127! Z9
FST Forecast | 380! 680! 681! 373! 373:endDate 374 337 128 127 | P0607 P0809
G38 Allowance | 0 0 0 0 0 0 0 0 0 0 0 0 0 0
G53 Maintenance | 875!
ISR Status of the order | 368! 373 641
JIT Just in time | 380! 337!
MSI Stops | 0 0 0 0 0 0
N11 Store | Z14! 310 127
PAD Adjusted product | 350! 0 0 0 0 0 0 0 0 0
PRS Release status of the part | 682! 352
PSA Shares | 0 0 0 0 0 0 0
PTD Product transfer | Z1! 128 127 128 127 Z2 | P0203 P0405
RDR Reason of the return | Z3 Z4 Z5 352 1073
SDP Delivery pattern | 678! 679! (678:pattern 679:time)*3:patterns
SHD Shipment | 382 80 355 81 355 183 355 0 0 91 140 146 128 127 | P1314
SHP Shipped or received | 673 380 374 373 337 373:endDate 337:endTime | C0102 C0403
SII Sales of an item | 235!:qualifier 234!:id 380! C001! 212 212 782
SMD Consolidated shipment | Z12! Z12! 0
SSS Special service | 248! 559! 560! 0 0 0 0 0 0
USI Unitized shipment | 0 0 0 0 0 0
XPO Purchase orders assigned beforehand | 324! 324:lastPoNumber 66 67 | P0304
`;
