/**
 * X12 data elements of release 004010 that our documents use, in our own words. A subset: names and labels are ours, sizes
 * and types are those that published partner guides agree on. Later releases are deltas (`releases.ts`).
 */
export const ELEMENTS = `
2 N0 1/6 acceptedCount Number of transaction sets accepted
19 AN 2/30 city City
20 N0 1/3 numberOfLineItems Number of items
22 AN 1/30 commodityCode Commodity code
23 ID 1/1 commodityQualifier Kind of commodity code
24 ID 4/4 equipmentType Equipment type
26 ID 2/3 country Country
28 N0 1/9 groupControl Group control number
40 ID 2/2 equipmentCode Kind of equipment
54 ID 2/2 riskOfLoss Who bears the risk of loss
60 R 1/9 freightRate Freight rate
61 AN 1/30 freeForm Free-form information
65 R 1/8 height Height
66 ID 1/2 idQualifier Kind of identifier
67 AN 2/80 id Identifier
74 N2 1/12 declaredValue Declared value
76 AN 1/22 invoiceNumber Invoice number
79 AN 1/50 ladingDescription Description of the goods
80 N0 1/7 ladingQuantity Number of packages
81 R 1/10 weight Weight
82 R 1/8 length Length
86 ID 1/2 totalEquipment Total equipment
87 AN 1/48 marks Marks and numbers
88 ID 1/2 marksQualifier Kind of marks and numbers
91 ID 1/2 transportMethod Transport method
92 ID 2/2 type Kind of purchase order
93 AN 1/60 name Name
96 N0 1/10 segmentCount Number of segments
97 N0 1/6 includedCount Number of transaction sets included
98 ID 2/3 entity Role of the party
100 ID 3/3 currency Currency
101 AN 1/25 authority Authority
102 ID 1/1 ownership Ownership of the equipment
103 AN 3/5 packagingCode Packaging
107 ID 1/2 paymentMethodType Kind of payment
112 AN 1/30 priority Priority
116 ID 3/15 postalCode Postal code
117 ID 1/2 productExchange Product exchange
118 R 1/9 rate Rate
122 ID 2/2 rateQualifier Basis of the rate
123 N0 1/6 receivedCount Number of transaction sets received
124 ID 2/2 applicationType Kind of application
127 AN 1/30 reference Reference
128 ID 2/3 referenceQualifier Kind of reference
133 ID 1/2 routingSequence Place in the route
140 ID 2/4 scac Carrier
143 ID 3/3 setId Transaction set
145 AN 1/30 shipmentId Shipment number
146 ID 2/2 paymentMethod Who pays the freight
147 ID 1/2 shipmentQualifier Kind of shipment
150 ID 3/3 specialCharge Special charge or allowance
151 ID 1/2 assessed Assessed
152 ID 2/3 specialHandling Special handling
156 ID 2/2 state State or province
160 ID 1/1 exportCode Export code
166 AN 1/55 address Address line
183 R 1/8 volume Volume
184 ID 1/1 volumeUnit Unit of volume
187 ID 1/2 weightQualifier Kind of weight
188 ID 1/1 weightUnit Unit of weight
189 R 1/8 width Width
199 AN 1/30 deliveryPoint Delivery point
202 ID 2/2 correction Correction
206 AN 1/4 equipmentInitial Equipment owner's mark
207 AN 1/10 equipmentNumber Equipment number
208 ID 1/1 hazardousQualifier Kind of hazardous class
209 AN 1/4 hazardousClass Hazardous class
211 ID 3/3 packagingForm Form of packaging
212 R 1/17 unitPrice Unit price
219 AN 1/3 trailerPosition Position
220 R 1/11 billedQuantity Billed quantity
225 AN 2/15 sealNumber Seal number
234 AN 1/48 id Product identifier
235 ID 2/2 qualifier Kind of product identifier
236 ID 3/3 priceCode Kind of price
241 N0 1/3 splitCount Splits
248 ID 1/1 indicator Allowance or charge
267 N0 1/3 ladingLine Line of the bill of lading
273 R 1/10 totalWeight Total weight
280 R 4/10 exchangeRate Exchange rate
284 ID 2/2 serviceLevel Service level
289 N0 1/2 priceQuantity Units to which the price applies
294 ID 1/1 exceptionCode Exception
306 ID 1/2 action Action
309 ID 1/2 locationQualifier Kind of location
310 AN 1/30 location Location
317 AN 2/15 tariff Tariff
324 AN 1/22 poNumber Purchase order number
325 AN 1/20 taxId Tax number
326 AN 1/45 requestReference Request reference
327 AN 1/8 changeSequence Change order sequence
328 AN 1/30 release Release number
329 AN 4/9 control Transaction set control number
330 R 1/15 quantity Quantity ordered
331 ID 2/2 handlingMethod How the allowance or charge is settled
332 R 1/6 percent Percent
333 ID 1/2 basisDate Date from which terms count
334 ID 2/2 termsQualifier Kind of delivery terms
335 ID 3/3 deliveryTerms Delivery terms
336 ID 2/2 termsType Kind of terms
337 TM 4/8 time Time
338 R 1/6 discountPercent Discount percent
340 DT 8/8 shipmentDate Shipment date
342 R 1/5 payablePercent Percent of the invoice payable
344 ID 2/2 periodUnit Unit of time
345 ID 2/2 leadTimeCode Lead time
347 R 1/10 hashTotal Hash total
349 ID 1/1 descriptionType Form of description
350 AN 1/20 lineNumber Line number
351 N0 1/3 discountDays Discount days
352 AN 1/80 description Description
353 ID 2/2 purpose Purpose
354 N0 1/6 lineCount Number of lines
355 ID 2/2 unit Unit of measure
356 N0 1/6 pack Inner units per pack
357 R 1/8 size Size
358 R 1/10 quantity Quantity invoiced
360 N2 1/15 allowanceTotal Total of allowance or charge
361 N2 1/10 totalInvoice Invoice total
362 N2 1/10 discountAmount Discount amount
363 ID 3/3 noteCode Kind of note
364 AN 1/80 number Number or address
365 ID 2/2 qualifier Means of communication
366 ID 2/2 function Role of the contact
367 AN 1/30 contractNumber Contract number
368 ID 2/2 status Shipment or order status
369 AN 1/45 text Text
370 DT 8/8 discountDate Discount due date
371 ID 2/2 changeReason Reason of change
372 ID 1/2 frequencyPattern Pattern
373 DT 8/8 date Date
374 ID 3/3 dateQualifier Kind of date
375 ID 2/2 tariffService Tariff service
378 ID 1/1 percentQualifier Basis of the percent
380 R 1/15 quantity Quantity
382 R 1/10 shippedQuantity Units shipped
383 R 1/9 quantityDifference Difference in quantity
384 R 1/9 grossWeight Gross weight per pack
385 R 1/9 grossVolume Gross volume per pack
386 N0 1/3 netDays Net days
387 AN 1/35 routing Routing
388 DT 8/8 deferredDate Deferred amount due on
389 N2 1/10 deferredAmount Deferred amount
395 AN 1/30 shipmentReference Shipment identification
396 AN 2/30 shipmentNumber Shipment number
397 ID 1/1 colorCode Color
398 R 1/9 price Price
399 ID 1/2 palletStructure Pallet structure
400 ID 1/2 unitLoad Unit load option
407 ID 2/2 sealStatus Seal status
412 R 1/6 unitWeight Weight per unit
413 R 1/9 quantityReceived Units received
426 ID 2/2 adjustmentReason Reason of adjustment
441 ID 1/1 taxExempt Tax exemption
442 R 1/10 discountValue Discount value
443 AN 1/20 inquiryReference Contact's reference
446 DT 8/8 netDate Net due date
447 AN 1/6 loopId Loop
455 ID 1/2 agency Responsible agency
478 ID 1/1 creditDebit Credit or debit
479 ID 2/2 functionalId Functional group
480 AN 1/12 version Version, release and industry code
499 ID 2/2 conditionValue Condition value
501 ID 2/3 partyAction Action
502 AN 1/30 warehouseReceipt Warehouse receipt
504 ID 1/1 receivingConditionType Kind of receiving condition
508 AN 1/35 account Account number
514 ID 1/1 reportingCode Kind of report
515 AN 1/30 adjustmentNumber Adjustment number
517 ID 1/2 paymentPlan Payment plan
521 ID 1/2 weightCode Weight
522 ID 1/3 amountQualifier Kind of amount
533 N0 1/3 unloadingCode Unloading
541 ID 2/2 reductionReason Reduction reason
554 N0 1/6 number Assigned number
559 ID 2/2 agencyQualifier Who assigned the code
560 ID 2/10 serviceCode Special service
561 N2 1/8 serviceCost Cost of the service
563 ID 1/2 salesRequirement Sales requirement
566 R 1/10 allowedPercent Percent allowed
567 AN 1/40 equipmentLength Equipment length
569 ID 1/3 accountQualifier Kind of account
571 ID 3/3 tenderQualifier Kind of payment
578 N0 1/10 totalCount Total
583 ID 2/2 orderStatus Order status
587 ID 2/2 acknowledgmentType Kind of acknowledgment
591 ID 3/3 paymentMethodCode Payment method
610 N2 1/15 amount Amount
614 ID 1/2 identifierKind Kind
618 ID 1/3 errorCode Transaction set error
620 ID 1/3 errorCode Segment error
621 ID 1/3 errorCode Element error
622 N0 1/5 loadCount Number of loads
623 ID 2/2 timeZone Time zone
624 ID 1/1 billingCode Billing
628 AN 1/12 id Hierarchical number
639 ID 2/2 priceBasis Basis of the unit price
640 ID 2/2 transactionType Kind of transaction
641 ID 3/3 reasonCode Reason
646 R 1/15 shippedToDate Shipped to date
647 ID 1/3 errorCode Application error
648 ID 3/3 multiplierQualifier Kind of price multiplier
649 R 1/10 multiplier Multiplier
652 ID 1/2 carrierRelation Carrier relation
653 ID 3/3 discountTermsType Kind of discount terms
654 ID 2/2 discountBase Base of the discount
655 ID 1/2 reasonAdjustment Adjustment reason
656 ID 2/2 discountControl Control of the discount
657 R 1/10 discountLimit Limit of the discount
659 ID 1/1 basisVerification Verification
660 ID 1/1 chargeMethod Method
662 ID 1/1 relationship Relationship
668 ID 2/2 status Line status
669 ID 3/3 exchangeMarket Currency market
670 ID 2/2 changeType Kind of change
671 R 1/9 quantityLeft Quantity left to receive
673 ID 2/2 quantityQualifier Kind of quantity
687 ID 2/2 tradeClass Class of trade
688 ID 1/2 restriction Restriction or condition
705 N0 1/6 linesRequired Lines
706 ID 2/2 entityRelationship Relation of the party
715 ID 1/1 status Functional group acknowledgment
716 ID 1/3 errorCode Functional group error
717 ID 1/1 status Transaction set acknowledgment
718 ID 1/3 errorCode Transaction set error
719 N0 1/6 position Segment position
720 ID 1/3 errorCode Segment error
721 ID 2/3 segmentId Segment
722 N0 1/2 element Element position
723 ID 1/3 errorCode Element error
724 AN 1/99 badValue Copy of the bad value
725 N0 1/4 elementRef Data element number
728 ID 1/1 returnableCode Returnable container
731 ID 2/2 transitDirection Direction of transit
732 ID 2/2 transitTimeQualifier Unit of transit time
733 R 1/4 transitTime Transit time
734 AN 1/12 parentId Parent's hierarchical number
735 ID 1/2 level Level
736 ID 1/1 hasChildren Has children
737 ID 2/2 measurementReference What the measurement is about
738 ID 1/3 measurementQualifier Kind of measurement
739 R 1/20 value Value
740 R 1/20 minimum Minimum
741 R 1/20 maximum Maximum
750 ID 2/3 characteristic Characteristic described
751 AN 1/12 descriptionCode Description code
752 ID 2/2 surface Surface or layer
753 ID 1/5 packagingCharacteristic Packaging characteristic
754 AN 1/7 packagingDescriptionCode Packaging description code
755 ID 2/2 reportType Kind of report
756 ID 1/2 reportTransmission How the report is sent
757 N0 1/2 copies Copies
765 N0 1/2 dayOfMonth Day of month
770 AN 1/20 optionNumber Option
771 R 1/15 balanceQuantity Balance
782 R 1/18 amount Amount
783 ID 1/2 planningQualifier Kind of schedule
786 ID 2/2 securityLevel Security level
790 ID 2/2 securityOriginator Originator
791 DT 8/8 securityDate Date
799 AN 1/30 contractVersion Version of the contract
812 ID 1/10 paymentFormat Payment format
819 ID 2/3 language Language
822 AN 1/15 sourceSubqualifier Source of the code
828 R 1/9 taxBasis Base of the tax
875 ID 1/5 maintenanceType Kind of change
883 ID 1/2 palletType Pallet type
884 N0 1/3 palletTiers Tiers
885 N0 1/3 palletBlocks Blocks per tier
896 AN 1/30 dimensionWeight Dimension
901 ID 2/2 rejectReason Reason of rejection
933 AN 1/264 text Text
934 ID 2/2 carriageControl Line control
935 ID 2/2 significance Significance
936 ID 2/2 attribute Attribute
954 R 1/10 percentDecimal Percent as decimal
955 ID 2/2 jurisdictionQualifier Kind of tax jurisdiction
956 AN 1/10 jurisdiction Tax jurisdiction
963 ID 2/2 taxType Kind of tax
1000 AN 1/10 serviceCharacteristic Service characteristic
1004 ID 1/2 percentType Kind of percent
1005 ID 4/4 structure Hierarchical structure
1018 R 1/15 exponent Exponent
1019 ID 3/3 invoiceType Kind of invoice
1073 ID 1/1 response Yes or no
1096 AN 1/30 county County
1106 ID 2/2 addressComponent Part of the address
1136 ID 1/3 codeCategory Code category
1166 ID 2/2 contractType Kind of contract
1179 AN 1/2 customsEntry Customs entry
1195 ID 2/2 financialCode Kind of financial code
1196 AN 1/80 financialValue Financial code
1232 ID 2/2 purchaseCategory Purchase category
1250 ID 2/3 periodFormat Format of the period
1251 AN 1/35 period Period
1270 ID 1/3 codeList Code list
1271 AN 1/30 industryCode Industry code
1300 ID 4/4 code Service, promotion, allowance or charge
1301 AN 1/10 agencyCode Code assigned by the agency
1321 ID 2/2 conditionIndicator Condition
1373 ID 2/4 measurementMethod Method of measurement
1470 N0 1/9 number Number
1525 ID 2/2 actionCode Action
1528 N0 1/2 component Component position
9997 AN 1/4 elementRef Data element or composite
9998 AN 1/35 contextReference Context
9999 AN 1/35 contextName Context
1705 AN 1/35 convention Implementation convention
`;

export const COMPOSITES = `
C001 unit Composite unit of measure | 355! 1018 649 355 1018 649 355 1018 649 355 1018 649 355 1018 649
C002 actions Actions indicated | 704! 704 704 704 704
C030 position Position in the segment | 722! 1528
C998 context Context | 9999! 9998
C999 references Data elements | 9997! 9997
C040 references Further references | 128! 127! 128 127 128 127 | P0304 P0506
`.replace(/704/g, '306');

export const CODES = `
98 open ST=ship to BT=bill to BY=buyer SE=seller SF=ship from VN=vendor SU=supplier RE=remit to RI=remit to (invoice) BS=bill and ship to OB=ordered by WH=warehouse DE=depositor CN=consignee SH=shipper II=issuer of invoice Z7=mark for SO=sold to PR=payer PE=payee CA=carrier FR=from TO=to
100 closed AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNH CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UZS VED VEF VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMK ZMW ZWL ZWG ATS BEF DEM ESP FIM FRF GRD IEP ITL LUF NLG PTE
128 open PO=purchase order CO=customer order DP=department VN=vendor order IA=internal vendor number BM=bill of lading CN=carrier's reference (PRO) IV=invoice MR=merchandise type SI=shipper's id ON=order AN=associated order CR=customer reference IT=internal customer number PD=promotion 2I=tracking number LO=load planning WS=warehouse storage
66 open 1=D-U-N-S 2=SCAC 4=IATA 9=D-U-N-S with suffix 91=assigned by seller 92=assigned by buyer 93=assigned by the sender 94=assigned by the receiver UL=GLN ZZ=mutually agreed ZN=assigned by other
235 open UP=UPC (12) UK=GTIN (14) EN=EAN (13) UI=UPC UA=UPC case VN=vendor's item VP=vendor's part VC=vendor's catalog IN=buyer's item BP=buyer's part SK=SKU CB=buyer's catalog PO=purchase order LT=lot SN=serial ZZ=mutually agreed
248 closed A=allowance C=charge N=no allowance or charge P=promotion Q=charge request R=allowance request S=service B=bonus I=information
349 closed F=free-form S=coded X=coded and free-form
353 closed 00=original 01=cancellation 02=add 03=delete 04=change 05=replace 06=confirmation 07=duplicate 08=status 09=cancel and reissue 10=not found 11=response 12=not processed 13=request 14=advance notification 15=resubmission 16=proposed 17=cancel, to be reissued 18=reissue 19=seller's change 20=final 21=on hold 22=information copy 24=draft 25=incremental 26=replace in part 27=verify 28=query 30=renewal 31=allowance 32=recovery 33=request for payment 34=payment 35=authority 36=authority to deduct 37=extension 38=reinstatement 40=corrected 41=corrected and verified 42=temporary 43=change with no effect 44=rejection 45=follow-up 46=cancellation with refund 47=transfer 48=suspended 49=original, no response 50=register 51=historical inquiry 52=response to inquiry 53=completion 54=approval 77=simulation CN=completed EX=final loading GR=group RH=reinstated RV=rescind SU=status update ZZ=mutually agreed
355 open EA=each CA=case CT=carton BX=box PK=package PL=pallet DZ=dozen LB=pound KG=kilogram FT=foot IN=inch PC=piece PR=pair GA=gallon CF=cubic foot YD=yard SF=square foot UN=unit M=metre
374 open 001=cancel after 002=delivery requested 004=purchase order 010=ship requested 011=shipped 015=promotion start 017=estimated delivery 035=delivered 037=ship not before 038=ship no later 063=do not deliver after 064=do not deliver before 067=delivery current schedule 068=ship current schedule 069=promised for delivery 002=delivery requested
478 closed C=credit D=debit
479 closed AA AB AC AD AE AF AG AH AI AK AL AM AN AO AP AQ AR AS AT AU AV AW AX AY AZ BC BD BE BF BL BS CA CB CC CD CE CF CG CH CI CJ CK CM CN CO CP CQ CR CS CT CU CV D3 D4 D5 DA DD DF DI DM DS DX EC ED EI EN EP ER ES EV EX FA FB FC FG FH FR FT GB GC GE GF GL GP GR GT HB HC HI HN HP HR HS HU HV IA IB IC ID IE IF IG II IJ IM IN IO IP IR IS IU IX JB KM LA LB LD LI LN LR LS LT MA MC MD ME MF MG MH MI MJ MK MM MN MO MP MQ MR MS MT MV MW MX MY MZ NC NL NP NR NT OC OG OR OW PA PB PC PD PE PF PG PH PI PJ PK PL PN PO PQ PR PS PT PU PV PW PY QG QM QO RA RB RC RD RE RF RG RH RI RJ RK RL RM RN RO RP RQ RR RS RT RU RV RW RX RY RZ SA SB SC SD SE SG SH SI SJ SL SM SN SO SP SQ SR SS ST SU SV SW TA TB TC TD TE TF TI TJ TM TN TO TP TR TS TT TU TX UA UB UC UD UI UP UW VA VB VC VD VE VH VI VS WA WB WG WI WL WR WT XX ZZ
587 open AC=acknowledged with detail and change AD=acknowledged with detail, no change AE=acknowledged with exceptions AK=acknowledged AP=accepted AT=accepted RD=rejected with detail RJ=rejected without detail
640 open CR=credit memo DI=debit invoice DR=debit memo PR=product or service CN=credit invoice
668 open IA=accepted IB=backordered IR=rejected IS=substituted AC=accepted and shipped AR=accepted and released BP=partial, balance backordered DR=date rescheduled IC=accepted with change ID=deleted IE=accepted, price pending IF=on hold, incomplete IH=on hold IP=accepted, price changed IQ=accepted, quantity changed IW=on hold, waiver SP=accepted, date pending
715 closed A=accepted E=accepted with errors M=rejected, authentication P=partly accepted R=rejected W=rejected, assurance X=rejected, not decrypted
716 closed 1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26
717 closed A=accepted E=accepted with errors M=rejected, authentication R=rejected W=rejected, assurance X=rejected, not decrypted
618 closed 1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 20 21 22 23 24 25 26 27 I5 I6
620 closed 1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9
621 closed 1 2 3 4 5 6 7 8 9 10 12 13 I6 I9 I10 I11 I12 I13
718 closed 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27
720 closed 1 2 3 4 5 6 7 8
723 closed 1 2 3 4 5 6 7 8 9 10 12 13
735 open S=shipment O=order T=tare P=pack I=item Q=subpack
736 closed 0=no 1=yes
1005 open 0001=shipment, order, packaging, item 0002=shipment, order, item, packaging 0003=shipment, packaging, order, item 0004=shipment, order, item 0005=shipment, item, packaging
1073 closed N=no U=unknown W=not applicable Y=yes
`;
