/**
 * EDIFACT data elements, composites and segments of D.96A that our messages use, written as our own compact data.
 * The directories themselves are published by UN/CEFACT for implementers. D.01B is a delta (`directories.ts`).
 */
export const ELEMENTS = `
0051 an 1/3 agency Controlling agency
0052 an 1/3 version Message version
0054 an 1/3 release Message release
0057 an 1/6 association Association code
0062 an 1/14 reference Message reference
0065 an 1/6 type Message type
0068 an 1/35 accessReference Common access reference
0070 n 1/2 transferSequence Sequence of transfers
0073 a 1/1 transferPosition First or last transfer
0074 n 1/10 segmentCount Number of segments
0081 a 1/1 section Section
1000 an 1/35 documentName Document name
1001 an 1/3 documentCode Kind of document
1004 an 1/35 number Document number
1082 n 1/6 lineNumber Line number
1131 an 1/3 codeList Code list
1153 an 1/3 qualifier Kind of reference
1154 an 1/35 number Reference
1156 an 1/6 line Line
1218 n 1/2 copies Copies
1220 n 1/2 originals Originals
1222 n 1/2 configurationLevel Configuration level
1225 an 1/3 function Function of the message
1227 an 1/3 sequence Calculation sequence
1229 an 1/3 action Action
1230 an 1/35 number Allowance or charge number
1366 an 1/35 source Source
1373 an 1/3 documentStatus Status of the document
2005 an 1/3 qualifier Kind of date
2009 an 1/3 relation Time relation
2151 an 1/3 periodType Kind of period
2152 n 1/3 periods Number of periods
2379 an 1/3 format Format of the date
2380 an 1/35 value Date, time or period
2475 an 1/3 reference Time reference
3035 an 1/3 qualifier Role of the party
3036 an 1/35 name Party name
3039 an 1/17 id Party
3042 an 1/35 street Street
3045 an 1/3 nameFormat Format of the name
3055 an 1/3 agency Agency
3124 an 1/35 line Line
3127 an 1/17 carrier Carrier
3128 an 1/35 carrierName Carrier name
3139 an 1/3 function Function of the contact
3148 an 1/512 number Number or address
3153 an 1/3 communicationChannel Channel
3155 an 1/3 channel Means of communication
3164 an 1/35 city City
3192 an 1/35 holderName Account holder
3194 an 1/35 accountNumber Account
3207 an 1/3 country Country
3222 an 1/70 related First related location
3223 an 1/25 relatedCode First related location code
3224 an 1/70 place Place
3225 an 1/25 placeCode Place code
3227 an 1/3 qualifier Kind of place
3229 an 1/9 region Region
3232 an 1/70 related Second related location
3233 an 1/25 relatedCode Second related location code
3239 an 1/3 originCountry Country of origin
3251 an 1/9 postalCode Postal code
3412 an 1/35 name Contact
3413 an 1/17 id Contact code
3432 an 1/70 bankName Bank name
3433 an 1/11 bank Bank
3434 an 1/17 branch Branch
3436 an 1/70 branchPlace Place of the branch
3446 an 1/20 taxNumber Tax number of the party
3453 an 1/3 language Language
4000 an 1/35 version Version
4017 an 1/3 status Delivery plan status
4052 an 1/70 term Delivery term
4053 an 1/3 code Delivery term
4055 an 1/3 function Function of the delivery terms
4078 an 1/70 instruction Handling instruction
4079 an 1/3 code Handling instruction
4183 an 1/3 condition Special condition
4215 an 1/3 payment Who pays the transport
4219 an 1/3 priority Priority
4221 an 1/3 discrepancy Discrepancy
4233 an 1/3 instructions Marking instructions
4276 an 1/35 terms Payment terms
4277 an 1/17 termsId Payment terms
4279 an 1/3 type Kind of payment terms
4294 an 1/35 reason Reason of change
4295 an 1/3 code Reason of change
4343 an 1/3 response Response wanted
4347 an 1/3 function Function of the identifier
4400 an 1/35 instruction Instruction
4401 an 1/3 code Instruction
4403 an 1/3 qualifier Kind of instruction
4405 an 1/3 status Status
4431 an 1/3 guarantee Payment guarantee
4435 an 1/3 channel Payment channel
4439 an 1/3 condition Payment condition
4440 an 1/70 text Text
4441 an 1/17 code Text code
4451 an 1/3 subject Subject of the text
4453 an 1/3 function Function of the text
4455 an 1/3 backOrder Back order
4461 an 1/3 means Payment means
4465 an 1/3 reason Reason of adjustment
4471 an 1/3 settlement Settlement
4487 an 1/3 substitution Substitution
4493 an 1/3 requirement Delivery requirement
5004 n 1/18 amount Amount
5025 an 1/3 qualifier Kind of amount
5118 n 1/15 price Price
5125 an 1/3 qualifier Kind of price
5152 an 1/35 typeName Kind of duty, tax or fee
5153 an 1/3 type Kind of duty, tax or fee
5189 an 1/3 code Allowance or charge
5213 an 1/3 sublineChange Subline price change
5245 an 1/3 qualifier Kind of percentage
5249 an 1/3 basis Basis of the percentage
5273 an 1/7 rateBasis Basis of the rate
5278 an 1/17 rate Rate
5279 an 1/7 rateCode Rate
5283 an 1/3 function Function of the duty, tax or fee
5284 n 1/9 basis Units of the price
5286 an 1/15 base Assessment base
5289 an 1/6 account Account
5305 an 1/3 category Category
5375 an 1/3 type Kind of price
5387 an 1/3 priceType Specification of the price
5402 n 1/12 rate Exchange rate
5419 an 1/3 qualifier Kind of rate
5420 n 1/15 rate Rate
5463 an 1/3 qualifier Allowance or charge
5479 an 1/3 relation Relation of places
5482 n 1/10 percentage Percentage
5495 an 1/3 subline Subline
6060 n 1/15 quantity Quantity
6063 an 1/3 qualifier Kind of quantity
6064 n 1/15 difference Difference in quantity
6066 n 1/18 value Control total
6069 an 1/3 qualifier Kind of control total
6152 n 1/18 minimum Minimum
6154 an 1/70 attribute Attribute
6155 an 1/17 attributeCode Attribute
6162 n 1/18 maximum Maximum
6245 an 1/3 qualifier Kind of temperature
6246 n 1/3 temperature Temperature
6311 an 1/3 purpose Purpose of the measurement
6313 an 1/3 dimension Dimension
6314 an 1/18 value Value
6321 an 1/3 significance Significance
6341 an 1/3 market Currency market
6343 an 1/3 currencyType Use of the currency
6345 an 1/3 currency Currency
6347 an 1/3 details Details
6348 n 1/4 rateBase Base of the rate
6350 n 1/15 quantity Number of units
6353 an 1/3 qualifier Kind of units
6411 an 1/3 unit Unit of measure
6426 n 1/2 stages Stages
6428 n 1/2 actualStages Actual stages
6432 n 1/2 significantDigits Significant digits
7008 an 1/35 description Description
7009 an 1/17 code Description code
7064 an 1/35 packages Packages
7065 an 1/17 code Packages
7073 an 1/3 terms Packaging terms
7075 an 1/3 level Packaging level
7077 an 1/3 format Form of the description
7081 an 1/3 characteristic Characteristic
7083 an 1/3 configuration Configuration
7102 an 1/35 marks Marks
7130 an 1/17 authorization Authorization
7140 an 1/35 id Item
7143 an 1/3 type Kind of item number
7160 an 1/35 service Service
7161 an 1/3 code Service
7164 an 1/12 id Hierarchical number
7166 an 1/12 parentId Parent
7224 n 1/8 packages Number of packages
7233 an 1/3 information Packaging information
7297 an 1/3 set Set
7357 an 1/18 commodity Commodity
7361 an 1/17 customs Customs code
7383 an 1/3 surface Surface or layer
7402 an 1/35 number Identity number
7405 an 1/3 qualifier Kind of number
7511 an 1/3 type Kind of marking
8028 an 1/17 conveyance Conveyance
8051 an 1/3 stage Stage of the transport
8053 an 1/3 qualifier Kind of equipment
8066 an 1/17 mode Mode
8067 an 1/3 modeCode Mode
8077 an 1/3 supplier Supplier
8101 an 1/3 direction Direction
8154 an 1/35 description Size and type
8155 an 1/4 size Size and type
8169 an 1/3 full Full or empty
8178 an 1/17 meansName Means
8179 an 1/8 meansCode Means
8212 an 1/35 vehicleName Vehicle
8213 an 1/9 vehicle Vehicle
8249 an 1/3 equipmentStatus Status of the equipment
8260 an 1/17 number Equipment
8275 an 1/3 containerStatus Container status
8281 an 1/3 ownership Ownership
8393 an 1/3 returnable Load of the returnable package
8395 an 1/3 payer Who pays the returnable package
8453 an 1/3 nationality Nationality
8457 an 1/3 excessReason Reason of excess transport
8459 an 1/3 excessResponsibility Responsible for excess transport
9213 an 1/3 dutyRegime Duty regime
9321 an 1/8 code Application error
9421 an 1/3 process Process
`;

export const CODES = `
0081 closed D=header and detail S=detail and summary
1225 closed 1=cancellation 2=addition 3=deletion 4=change 5=replace 6=confirmation 7=duplicate 8=status 9=original 10=not found 11=response 12=not processed 13=request 14=advance notification 15=reminder 16=proposal 17=cancel, to be reissued 18=reissue 19=seller's change 20=replace heading 21=replace items 22=final 23=on hold 24=delivery instructions 25=forecast 26=delivery instructions and forecast 27=not accepted 28=accepted, header changed 29=accepted without change 30=accepted, detail changed 31=copy 32=approval 33=change in heading 34=accepted with change 35=retransmission 36=change in detail 37=reversal of a debit 38=reversal of a credit 39=reversal for cancellation 40=request for deletion 41=finishing 42=confirmation by specific means 43=additional transmission 44=accepted without reserves 45=accepted with reserves 46=provisional 47=definitive 48=accepted, contents rejected 49=settled dispute 50=withdraw 51=authorisation 52=proposed change 53=test 54=extract 55=notification only 56=advice of payment by bank 57=advice of items booked 58=new pricing 59=revised pricing
1229 open 1=added 2=deleted 3=changed 4=no action 5=accepted 6=accepted with change 7=not accepted 10=not found 24=accepted with change 38=replaced
1001 open 220=order 221=blanket order 224=rush order 231=order response 230=order change 351=despatch advice 380=commercial invoice 381=credit note 383=debit note 35=inventory report 481=remittance advice 9=price catalogue
1153 open ON=order CR=customer's reference DQ=delivery note IV=invoice CT=contract VA=VAT number PL=price list AAK=despatch advice
2005 open 137=document 2=delivery requested 10=shipment requested 11=despatched 17=delivery estimated 35=delivered 63=deliver no later 64=deliver no earlier 171=reference 200=pick-up
2379 open 102=CCYYMMDD 203=CCYYMMDDHHMM 204=CCYYMMDDHHMMSS 101=YYMMDD 718=period 616=CCYYWW 610=CCYYMM
3035 open BY=buyer SU=supplier DP=delivery party IV=invoicee SE=seller CN=consignee SF=ship from CA=carrier PR=payer PE=payee MS=sender MR=recipient
5025 open 79=lines 86=message total 77=invoice amount 9=due 125=taxable 124=tax 8=allowance or charge 203=line 66=goods item 131=charges and allowances 176=message tax
5125 open AAA=net price AAB=gross price INF=information CAL=calculated
5463 open A=allowance C=charge N=none
6063 open 21=ordered 12=despatched 47=invoiced 46=delivered 48=received 52=per pack 59=consumer units 192=free goods 113=to be delivered 83=backordered 145=actual stock 17=on hand 61=returned 66=committed 119=short shipped 124=damaged 153=sold 185=rejected 194=received and accepted 195=refused and to be returned 196=refused and to be destroyed 198=in transit
6069 open 1=total of quantities 2=number of lines 
7143 open EN=GTIN SRV=GTIN IN=buyer's item SA=supplier's item BP=buyer's part VN=vendor's item UP=UPC
4347 open 1=additional 5=product identification 3=substituted by 4=substituted for
8051 open 20=main carriage 30=on-carriage 10=pre-carriage
`;

export const COMPOSITES = `
S009 message Message identifier | 0065! 0052! 0054! 0051! 0057
S010 transfer Status of the transfer | 0070! 0073
C002 document Kind of document | 1001 1131 3055 1000
C040 carrier Carrier | 3127 1131 3055 3128
C056 contact Contact | 3413 3412
C058 address Name and address | 3124! 3124 3124 3124 3124
C059 street Street | 3042! 3042 3042 3042
C076 communication Communication | 3148! 3155!
C078 holder Account | 3194 3192 3192 6345
C080 party Party name | 3036! 3036 3036 3036 3036 3045
C082 id Party | 3039! 1131 3055
C088 bank Bank | 3433 1131 3055 3434 1131 3055 3432 3436
C100 terms Delivery terms | 4053 1131 3055 4052 4052
C106 identification Document number | 1004 4000 1156
C107 reference Text reference | 4441! 1131 3055
C108 text Text | 4440! 4440 4440 4440 4440
C110 terms Payment terms | 4277! 1131 3055 4276 4276
C112 period Term | 2475! 2009 2151 2152
C128 rate Rate | 5419! 5420! 5284 6411
C174 value Value and range | 6411! 6314 6162 6152 6432
C186 quantity Quantity | 6063! 6060! 6411
C202 packages Kind of packages | 7065 1131 3055 7064
C206 number Identity number | 7402! 7405 4405
C208 range Identity numbers | 7402! 7402
C210 marks Marks | 7102! 7102 7102 7102 7102 7102 7102 7102 7102 7102
C212 item Item number | 7140 7143 1131 3055
C214 service Special service | 7161 1131 3055 7160 7160
C218 hazard Hazardous material | 7511 1131 3055
C220 mode Mode | 8067 8066
C222 vehicle Vehicle | 8213 1131 3055 8212 8453
C224 size Size and type | 8155 1131 3055 8154
C228 means Means of transport | 8179 8178
C237 equipment Equipment | 8260 1131 3055 3207
C239 temperature Temperature | 6246 6411
C241 tax Kind of duty, tax or fee | 5153 1131 3055 5152
C243 detail Rate | 5279 1131 3055 5278 5273 1131 3055
C270 control Control total | 6069! 6066! 6411
C272 characteristic Characteristic | 7081 1131 3055
C273 description Description | 7009 1131 3055 7008 7008 3453
C279 difference Difference in quantity | 6064! 6063
C329 pattern Delivery pattern | 2009 2151 2152
C401 excess Excess transport | 8457! 8459! 7130
C402 packageType Kind of package | 7077! 7064! 7143 7064 7143
C501 percentage Percentage | 5245! 5482 5249 1131 3055
C502 measurement Measurement | 6313 6321 6155 6154
C503 details Details of the document | 1004 1373 1366 3453
C504 currency Currency | 6347! 6345 6343 6348
C506 reference Reference | 1153! 1154 1156 4000
C507 date Date, time or period | 2005! 2380 2379
C509 price Price | 5125! 5118 5375 5387 5284 6411
C516 amount Amount | 5025! 5004 6345 6343 4405
C517 location Place | 3225 1131 3055 3224
C519 related First related location | 3223 1131 3055 3222
C522 instruction Instruction | 4403! 4401 1131 3055 4400
C524 handling Handling | 4079 1131 3055 4078
C531 packaging Packaging | 7075 7233 7073
C532 returnable Returnable package | 8395 8393
C533 account Account | 5289! 1131 3055
C534 payment Payment | 4439 4431 4461 1131 3055 4435
C552 identification Allowance or charge | 1230 5189
C553 second Second related location | 3233 1131 3055 3232
C827 marking Kind of marking | 7511! 1131 3055
C829 subline Subline | 5495 1082
C901 error Application error | 9321! 1131 3055
C960 reason Reason of change | 4295 1131 3055 4294
`;

export const SEGMENTS = `
UNH Header of the message | 0062! S009! 0068 S010
UNT Trailer of the message | 0074! 0062!
UNS Section | 0081!
AJT Adjustment | 4465! 1082
ALC Allowance or charge | 5463! C552 4471 1227 C214
ALI Additional information | 3239 9213 4183 4183 4183 4183 4183
BGM Start of the message | C002 1004 1225 4343
CNT Control total | C270!
COM Communication | C076!
CPS Consignment packing sequence | 7164! 7166 7075
CTA Contact | 3139 C056
CUX Currencies | C504 C504 5402 6341
DLM Delivery limitations | 4455 C522 C214 4487
DOC Document | C002! C503 3153 1218 1220
DTM Date, time or period | C507!
EQD Equipment | 8053! C237 C224 8077 8249 8169
ERC Application error | C901!
FII Financial institution | 3035! C078 C088 3207
FTX Text | 4451! 4453 C107 C108 3453
GIN Identity numbers | 7405! C208! C208 C208 C208 C208
GIR Related identity numbers | 7297! C206! C206 C206 C206 C206
HAN Handling | C524 C218
IMD Item description | 7077 7081 C273 7383
LIN Line | 1082 1229 C212 C829 1222 7083
LOC Place | 3227! C517 C519 C553 5479
MEA Measurement | 6311! C502 C174 7383
MOA Amount | C516!
NAD Party | 3035! C082 C058 C080 C059 3164 3229 3251 3207
PAC Packages | 7224 C531 C202 C402 C532
PAI Payment instructions | C534!
PAT Payment terms | 4279! C110 C112
PCD Percentage | C501!
PCI Marking | 4233 C210 8275 C827
PIA Additional item numbers | 4347! C212! C212 C212 C212 C212
PRI Price | C509 5213
QTY Quantity | C186!
QVR Quantity difference | C279 4221 C960
RFF Reference | C506!
RNG Range | 6167! C280
RTE Rate | C128!
SCC Delivery schedule | 4017! 4493 C329
STG Stages | 9421! 6426 6428
TAX Duty, tax or fee | 5283! C241 C533 5286 C243 5305 3446
TDT Transport | 8051! 8028 C220 C228 C040 8101 C401 C222 8281
TOD Terms of delivery | 4055 4215 C100
`;

export const MORE_ELEMENTS = `
6167 an 1/3 qualifier Kind of range
7293 an 1/3 sector Sector
7295 an 1/3 basis Requirements basis
4059 an 1/3 clause Clause
4065 an 1/3 contractCondition Contract
4237 an 1/3 prepaid Prepaid or collect
6173 n 1/8 size Size
7037 an 1/17 characteristicId Characteristic
7059 an 1/3 classType Class
7036 an 1/35 characteristicName Characteristic
7110 an 1/35 characteristicValue Value
7111 an 1/17 valueCode Value
8273 an 1/3 regulations Dangerous goods regulations
8351 an 1/7 hazardCode Hazard
8078 an 1/7 hazardPage Page
8092 an 1/10 hazardVersion Version
7124 n 4/4 unNumber UN number
7088 an 1/8 flashpoint Flashpoint
7106 n 1/3 shipmentFlashpoint Flashpoint
8339 an 1/3 packingGroup Packing group
8364 an 1/6 ems EMS number
8410 an 1/4 mfag MFAG
8126 an 1/10 tremCard Trem card
8158 an 1/4 hazardUpper Hazard number
8186 an 1/4 hazardLower Substance number
8246 an 1/4 hazardLabel Label
9302 an 1/9 sealIssuer Seal issuer
9308 an 1/10 sealNumber Seal
9303 an 1/3 sealIssuerCode Seal issuer
4517 an 1/3 sealCondition Seal condition
9017 an 1/3 attributeFunction Attribute function
1230 an 1/35 number Allowance or charge number
4025 an 1/3 business Business function
4027 an 1/3 geographic Geographic environment
4043 an 1/3 trade Class of trade
4501 an 1/3 direction Direction of the movement
8332 an 1/26 equipmentPlan Equipment plan
8335 an 1/3 movement Movement
4049 an 1/3 codeOrder Value order
9015 an 1/3 statusType Kind of status
9011 an 1/3 statusEvent Status event
9013 an 1/3 statusReason Status reason
9012 an 1/35 statusReasonName Status reason
9010 an 1/35 statusEventName Status event
1490 n 1/4 item Consolidation item
1312 n 1/4 consignment Consignment load sequence
8395 an 1/3 payer Who pays the returnable package
1496 n 1/5 goodsItem Goods item
7357 an 1/18 commodity Commodity
6145 an 1/3 dimensionQualifier Kind of dimensions
6168 n 1/15 length Length
6140 n 1/15 width Width
6008 n 1/15 height Height
4007 an 1/3 quotaStatus Allocation
0020 an 1/14 control Interchange control reference
0004 an 1/35 id Party
0007 an 1/4 qualifier Kind of party id
0008 an 1/35 internal Internal address
0010 an 1/35 id Party
0014 an 1/35 internal Internal address
0083 an 1/3 action Action
0085 an 1/3 error Syntax error
0013 an 1/3 segment Service segment
0098 n 1/3 element Element position
0104 n 1/3 component Component position
0136 n 1/6 repetition Repetition
0096 n 1/6 position Segment position
0048 an 1/14 groupReference Group reference
0040 an 1/35 id Party
0044 an 1/35 id Party
0135 an 1/3 serviceSegment Service segment
0534 an 1/14 securityReference Security reference
0138 n 1/6 securityPosition Security segment position
4419 an 1/3 rateType Rate
4447 an 1/3 freeText Text format
7135 an 1/35 levelId Level
4051 an 1/3 scheduleType Kind of schedule
9619 an 1/3 adjustmentCategory Adjustment category
9623 an 1/9 adjustmentReason Adjustment reason
9625 an 1/3 discontinued Discontinued
2118 n 1/3 sequenceOrder Order
`;

export const MORE_COMPOSITES = `
S002 sender Sender | 0004! 0007 0008
S003 recipient Recipient | 0010! 0007 0014
S006 groupSender Sender | 0040! 0007
S007 groupRecipient Recipient | 0044! 0007
S011 place Element in error | 0098! 0104 0136
C200 charge Freight and charges | 8023 1131 3055 8022 4237 7140
C205 hazard Hazard | 8351! 8078 8092
C211 dimensions Dimensions | 6411! 6140 6168 6008
C213 packages Number and kind of packages | 7224 7065 1131 3055 7064
C215 issuer Seal issuer | 9303 1131 3055 9302
C223 flashpoint Flashpoint | 7106 6411
C234 undg UN number | 7124 7088
C235 identification Hazard identification | 8158 8186
C236 labels Hazard labels | 8246 8246 8246
C240 characteristic Characteristic | 7037! 1131 3055 7036 7036
C280 range Range | 6411! 6162 6152
C332 salesChannel Sales channel | 3496! 1131 3055
C536 contract Contract | 4065! 1131 3055
C537 priority Priority | 4219! 1131 3055
C555 event Status event | 9011! 1131 3055 9010
C556 reason Status reason | 9013! 1131 3055 9012
C601 status Kind of status | 9015! 1131 3055
C703 nature Nature of the cargo | 7085! 1131 3055
C778 position Position | 7164 1050
C786 index Structure | 7512! 7405
C849 parties Parties | 3301 3285
C850 status Status of the instruction | 4405! 3036
C889 value Characteristic value | 7111 1131 3055 7110 7110
C128 rate Rate | 5419! 5420! 5284 6411
`;

export const MORE_SEGMENTS = `
APR Additional price information | 4043 C138 C960
CAV Characteristic value | C889!
CCI Characteristic | 7059 C502 C240
DGS Dangerous goods | 8273 C205 C234 C223 8339 8364 8410 8126 C235 C236
EQA Attached equipment | 8053! C237
GIS General indicator | C529!
INP Parties to instruction | C849! C522 C850 1229
INV Inventory movement | 4501 7491 4499 4503 C522
RCS Requirements | 7293! C550 1229 3207
SEL Seal | 9308! C215 4517
SGP Split goods | C237! 7224
TMP Temperature | 6245! C239
TMD Transport movement | C219 8332 8341
UCI Interchange acknowledged | 0020! S002! S003! 0083! 0085 0013 S011
UCF Group acknowledged | 0048! S006! S007! 0083! 0085 0013 S011
UCM Message acknowledged | 0062! S009! 0083! 0085 0013 S011
UCS Segment in error | 0096! 0085
UCD Element in error | 0085! S011!
`;

export const LAST_ELEMENTS = `
1050 an 1/6 sequenceNumber Sequence
3285 an 1/3 instructedParty Party
3301 an 1/3 enactingParty Party
3496 an 1/17 channelId Channel
4499 an 1/3 movementReason Reason of the movement
4503 an 1/3 balanceMethod Method of balance
5393 an 1/3 multiplierType Kind of multiplier
5394 n 1/12 multiplier Multiplier
7085 an 1/3 cargoNature Nature of the cargo
7365 an 1/3 processingIndicator Indicator
7187 an 1/17 process Process
7491 an 1/3 inventoryType Kind of inventory
7512 an 1/35 structureId Structure
8022 an 1/26 chargeName Charge
8023 an 1/17 chargeCode Charge
8334 an 1/26 movementName Movement
8341 an 1/3 haulage Haulage
7299 an 1/17 requirement Requirement
7294 an 1/35 requirementName Requirement
`;

export const LAST_COMPOSITES = `
C138 multiplier Price multiplier | 5394! 5393
C219 movement Movement | 8335 8334
C529 indicator Indicator | 7365! 1131 3055 7187
C550 requirement Requirement | 7295! 1131 3055 7294
`;
