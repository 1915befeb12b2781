import type { Action } from '../security/index.ts';

/** Roles of the hub that can own an exception. */
export type OwnerRole = 'operations' | 'customer_service' | 'edi' | 'integration' | 'finance' | 'admin';

/** Everything a person can do about an exception; one entry per action in `exceptionActions`. */
export type ExceptionAction =
  | 'release_hold'
  | 'accept_price'
  | 'approve_cross_reference'
  | 'accept_as_new'
  | 'accept_sender'
  | 'reject'
  | 'cancel_order'
  | 'cancel_line'
  | 'recheck'
  | 'resume_message'
  | 'approve_resubmission'
  | 'retry_delivery'
  | 'discard_delivery'
  | 'release_again'
  | 'confirm_cancelled'
  | 'cancel_too_late'
  | 'confirm_delivered'
  | 'complete_count'
  | 'accept_receipt'
  | 'resume_destination'
  | 'try_destination'
  | 'resend_document'
  | 'accept_as_acknowledged'
  | 'assign'
  | 'snooze'
  | 'note'
  | 'resolve';

/** One field of an action's `input`. */
export interface ActionInput {
  readonly description: string;
  /** Without it the action cannot be done. */
  readonly required?: true;
  /** The only values there are. */
  readonly values?: readonly string[];
  readonly format?: 'decimal' | 'date-time';
}

export interface ActionDefinition {
  readonly title: string;
  /** What happens, in one sentence; shown before a person confirms. */
  readonly effect: string;
  readonly input?: Readonly<Record<string, ActionInput>>;
  /**
   * What it needs besides `exception.act`, any of these: what the same deed needs by its own route, so that an exception is
   * no way around it. Absent: nothing more; empty: nobody may but owners and admins.
   */
  readonly needs?: readonly Action[];
  /** Who owns the exception may do it without: it was put before them because the decision is theirs. */
  readonly ownersOwn?: true;
}

export const exceptionActions: Readonly<Record<ExceptionAction, ActionDefinition>> = {
  release_hold: {
    title: 'Release the hold',
    effect: 'Waives this hold for this order and lets it go on.',
  },
  accept_price: {
    title: 'Decide the price',
    effect: "Fills the line at the purchase order's price, or at the contract price, and lets it go on.",
    input: { price: { description: '`po` (default) or `contract`', values: ['po', 'contract'] } },
  },
  approve_cross_reference: {
    needs: ['partner.write'],
    ownersOwn: true,
    title: 'Approve a cross-reference',
    effect: 'Remembers what the code stands for and frees everything that waits for the same code.',
    input: {
      canonicalId: {
        description: 'Ship-to id of the customer, SKU or location that the code stands for',
        required: true,
      },
    },
  },
  accept_as_new: {
    needs: ['order.submit'],
    title: 'Accept as a new order',
    effect: 'Takes the repeated purchase order as one more order, known outside by an instance number.',
  },
  accept_sender: {
    needs: [],
    ownersOwn: true,
    title: 'Accept the sender',
    effect: 'Takes in what this message holds of the partner it names, this once, though another one handed it in.',
  },
  reject: {
    needs: ['order.cancel', 'message.resubmit'],
    ownersOwn: true,
    title: 'Reject',
    effect: 'Refuses it; an order held for it is rejected and the buyer is told.',
  },
  cancel_order: {
    needs: ['order.cancel'],
    title: 'Cancel the order',
    effect: 'Cancels what has not shipped and gives its stock back.',
  },
  cancel_line: {
    needs: ['order.cancel'],
    title: 'Cancel the line',
    effect: 'Cancels what has not shipped of this line and gives its stock back.',
  },
  recheck: { title: 'Check again', effect: 'Judges it again with the data as it is now.' },
  resume_message: {
    needs: ['delivery.replay'],
    ownersOwn: true,
    title: 'Translate again',
    effect: 'Works the same message again with the data as it is now.',
  },
  approve_resubmission: {
    needs: ['replay.approve'],
    title: 'Approve the edit',
    effect:
      'Translates the edited message in the place of the one that it corrects. Whoever edited it cannot approve it.',
  },
  retry_delivery: {
    needs: ['delivery.replay'],
    title: 'Retry',
    effect: 'Queues the same delivery again, under the same key and in its order.',
  },
  discard_delivery: {
    needs: ['delivery.discard'],
    ownersOwn: true,
    title: 'Discard',
    effect: 'Gives the delivery up for good; what waited behind it goes on.',
  },
  release_again: {
    needs: ['delivery.replay'],
    ownersOwn: true,
    title: 'Release again',
    effect: 'Sends the release to its warehouse with the settings as they are now, under the same number.',
  },
  confirm_cancelled: {
    needs: ['order.cancel'],
    ownersOwn: true,
    title: 'The warehouse has cancelled',
    effect: 'Cancels what the warehouse had not shipped of the release, and gives its stock back.',
  },
  cancel_too_late: {
    needs: ['order.cancel'],
    ownersOwn: true,
    title: 'Too late',
    effect: 'Leaves the release with the warehouse, which ships it; customer service is told.',
  },
  confirm_delivered: {
    needs: ['delivery.resolve'],
    title: 'Confirm that it arrived',
    effect: 'Records that the destination has it, under the id given, without sending it again.',
    input: { outsideId: { description: "The destination's id of it", required: true } },
  },
  complete_count: {
    needs: ['stock.write'],
    title: 'Complete the count',
    effect: 'Puts what was found back on sale and writes the rest off.',
    input: { counted: { description: 'Base units found', required: true, format: 'decimal' } },
  },
  accept_receipt: {
    needs: ['stock.write'],
    ownersOwn: true,
    title: 'Accept the receipt',
    effect: 'Puts on sale what is in quarantine because it is beyond its order, and closes this.',
  },
  resume_destination: {
    needs: ['destination.pause'],
    title: 'Resume the destination',
    effect: 'Ends the pause; what queued up is delivered in order.',
  },
  try_destination: {
    needs: ['destination.pause'],
    title: 'Try it now',
    effect: 'Releases what is held because of our credentials and probes the destination within seconds.',
  },
  resend_document: {
    needs: ['delivery.replay'],
    title: 'Send it again',
    effect: 'Sends the same interchange again, byte for byte, and gives the partner its time anew.',
  },
  accept_as_acknowledged: {
    needs: ['partner.write'],
    ownersOwn: true,
    title: 'Accept as acknowledged',
    effect: 'Takes it as accepted without an acknowledgment; one that rejects it later still counts.',
  },
  assign: {
    title: 'Assign',
    effect: 'Names who looks after it.',
    input: { assignee: { description: 'Who; `me`, or absent: yourself; `none`: nobody any more' } },
  },
  snooze: {
    title: 'Snooze',
    effect: 'Hides it from the queue until then.',
    input: { until: { description: 'RFC 3339 instant', required: true, format: 'date-time' } },
  },
  note: { title: 'Add a note', effect: 'Keeps what the reason says in its history; nothing else changes.' },
  resolve: { title: 'Resolve', effect: 'Closes it as dealt with elsewhere.' },
};

export interface ExceptionDefinition {
  readonly class: 'business' | 'technical' | 'data';
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly ownerRole: OwnerRole;
  /** The desk inside the company that usually knows: accounts receivable, pricing, EDI analyst … */
  readonly desk: string;
  readonly title: string;
  readonly explanation: string;
  readonly suggestedFix: string;
  readonly allowedActions: readonly ExceptionAction[];
  /** Time to resolve it, from its opening. */
  readonly slaMinutes: number;
  /** Where the cause usually lies. */
  readonly blamedSystem?: 'partner' | 'erp' | 'wms' | 'carrier' | 'storefront' | 'hub';
}

type Definition = Omit<ExceptionDefinition, 'allowedActions'> & { actions: readonly ExceptionAction[] };

/** Every exception can be assigned, snoozed, noted and resolved besides its own actions. */
function define(definition: Definition): ExceptionDefinition {
  const { actions, ...rest } = definition;
  return { ...rest, allowedActions: [...actions, 'assign', 'snooze', 'note', 'resolve'] };
}

/** Holds lift themselves or by their own actions; resolving the record alone would leave the order stuck. */
function defineHold(definition: Definition): ExceptionDefinition {
  const { actions, ...rest } = definition;
  return { ...rest, allowedActions: [...actions, 'assign', 'snooze', 'note'] };
}

const delivery: readonly ExceptionAction[] = ['retry_delivery', 'discard_delivery'];

export const exceptionCatalog = {
  // Orders held as a whole
  CREDIT_HOLD: defineHold({
    class: 'business',
    severity: 'high',
    ownerRole: 'finance',
    desk: 'accounts receivable',
    title: 'Over the credit limit',
    explanation: 'Receivables, open orders and this order together exceed the customer’s credit limit.',
    suggestedFix: 'A payment or a higher limit releases it by itself; or release it once.',
    actions: ['release_hold', 'recheck', 'cancel_order'],
    slaMinutes: 240,
  }),
  CUSTOMER_BLOCKED: defineHold({
    class: 'business',
    severity: 'high',
    ownerRole: 'finance',
    desk: 'accounts receivable',
    title: 'The customer is blocked',
    explanation: 'The customer is blocked for shipping or altogether, or is inactive.',
    suggestedFix: 'Lift the block in the customer’s master data, or release this order once.',
    actions: ['release_hold', 'recheck', 'cancel_order'],
    slaMinutes: 240,
  }),
  SHIPTO_INVALID: defineHold({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'Unknown ship-to',
    explanation: 'The ship-to is not an active address of this customer, and no cross-reference names it.',
    suggestedFix: 'Approve a cross-reference to one of the customer’s addresses, or add the address.',
    actions: ['approve_cross_reference', 'recheck', 'cancel_order'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  MANUAL_HOLD: defineHold({
    class: 'business',
    severity: 'medium',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'Held by hand',
    explanation:
      'Somebody holds the order, or a line of it. What is reserved for it stays reserved; nothing more of it is released to a warehouse until somebody releases the hold.',
    suggestedFix: 'Release it when its reason is gone, or cancel the order.',
    actions: ['release_hold', 'cancel_order'],
    slaMinutes: 1440,
  }),
  SHIP_COMPLETE: defineHold({
    class: 'business',
    severity: 'medium',
    ownerRole: 'operations',
    desk: 'fulfilment',
    title: 'Waits to ship complete',
    explanation: 'The order must ship in one piece and not everything is in stock; what is there is reserved.',
    suggestedFix: 'It goes on when the rest arrives; or release it to ship what is there.',
    actions: ['release_hold', 'recheck', 'cancel_order'],
    slaMinutes: 1440,
  }),
  FX_STALE: defineHold({
    class: 'business',
    severity: 'medium',
    ownerRole: 'finance',
    desk: 'finance',
    title: 'No exchange rate',
    explanation: 'The order is in another currency than the customer’s account and no rate is at hand.',
    suggestedFix: 'Release it at the order’s currency, or have it sent again in the account’s.',
    actions: ['release_hold', 'cancel_order'],
    slaMinutes: 480,
  }),
  TEST_IN_PRODUCTION: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Test data on a production line',
    explanation: 'A test order or document arrived where production runs, or the other way round.',
    suggestedFix: 'Agree with the partner which indicator applies, correct the agreement, then work it again.',
    actions: ['resume_message', 'reject', 'cancel_order'],
    slaMinutes: 240,
    blamedSystem: 'partner',
  }),

  // Lines held
  PRICE_MISMATCH: defineHold({
    class: 'business',
    severity: 'medium',
    ownerRole: 'finance',
    desk: 'pricing',
    title: 'Price differs from the contract',
    explanation: 'The price of the purchase order and ours differ by more than the tolerance.',
    suggestedFix: 'Accept the buyer’s price, or fill at the contract price where the agreement says so.',
    actions: ['accept_price', 'recheck', 'cancel_line', 'cancel_order'],
    slaMinutes: 240,
    blamedSystem: 'partner',
  }),
  PRICE_MISSING: defineHold({
    class: 'data',
    severity: 'medium',
    ownerRole: 'finance',
    desk: 'pricing',
    title: 'No price',
    explanation: 'Neither the purchase order nor our price lists price this item.',
    suggestedFix: 'Add a price rule; the line then goes on by itself.',
    actions: ['accept_price', 'recheck', 'cancel_line', 'cancel_order'],
    slaMinutes: 240,
  }),
  PRICE_UNIT: defineHold({
    class: 'data',
    severity: 'medium',
    ownerRole: 'finance',
    desk: 'pricing',
    title: 'Price and quantity in units that do not compare',
    explanation: 'The price is per a unit that the item does not have.',
    suggestedFix: 'Add the unit to the item, or fill at the contract price.',
    actions: ['accept_price', 'recheck', 'cancel_line', 'cancel_order'],
    slaMinutes: 240,
    blamedSystem: 'partner',
  }),
  QUANTITY_IMPLAUSIBLE: defineHold({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Quantity that nobody would expect',
    explanation: 'The line asks for so much, or comes to so much money, that it looks like a slip of the keyboard.',
    suggestedFix:
      'Ask the buyer. If it is meant, release the hold; else cancel the line. An item that sells in such quantities gets a larger `implausibleFrom`.',
    actions: ['release_hold', 'recheck', 'cancel_line', 'cancel_order'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  PACK_MISMATCH: defineHold({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'The GTIN is of something else',
    explanation: 'The GTIN of the line is of another item, or of another pack, than the line orders.',
    suggestedFix:
      'Ask the buyer which one is meant. Release the hold to ship what the line says, or cancel the line; where the GTIN is wrong in the catalog, correct it there and the line goes on by itself.',
    actions: ['release_hold', 'recheck', 'cancel_line', 'cancel_order'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  ITEM_DISCONTINUED: defineHold({
    class: 'business',
    severity: 'medium',
    ownerRole: 'customer_service',
    desk: 'sales',
    title: 'Discontinued item',
    explanation: 'The item is discontinued and can no longer be ordered.',
    suggestedFix: 'Offer the item that supersedes it, or cancel the line.',
    actions: ['recheck', 'cancel_line', 'cancel_order'],
    slaMinutes: 480,
  }),
  ITEM_BLOCKED: defineHold({
    class: 'data',
    severity: 'medium',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Item not released for sale',
    explanation: 'The item is blocked or still a draft.',
    suggestedFix: 'Activate the item; the line then goes on by itself.',
    actions: ['recheck', 'cancel_line', 'cancel_order'],
    slaMinutes: 480,
  }),

  // Refused input
  UNKNOWN_CUSTOMER: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Unknown customer',
    explanation: 'No customer has the number that the order names.',
    suggestedFix: 'Create the customer or correct the number, then work the message again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  UNKNOWN_ITEM: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Unknown item',
    explanation: 'A line names an item that the catalog does not have, by SKU, GTIN or partner item number.',
    suggestedFix: 'Approve a cross-reference to one of our items, or create the item.',
    actions: ['approve_cross_reference', 'resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  UOM_UNKNOWN: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Unknown unit of measure',
    explanation: 'The item has no such unit.',
    suggestedFix: 'Add the unit to the item, then work the message again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  UOM_INEXACT: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Quantity does not come out even',
    explanation: 'The quantity is not a whole number of the item’s increments.',
    suggestedFix: 'Ask the buyer for a whole quantity, or correct the item’s units.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  QUANTITY_INVALID: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Quantity beyond what can be counted',
    explanation: 'The quantity is more than a million million base units.',
    suggestedFix: 'Ask the buyer for the right quantity; the order was not taken in.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  MONEY_INVALID: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Amount beyond what can be counted',
    explanation:
      'Quantity times price is more than the hub counts exactly (90 thousand million in a currency with cents).',
    suggestedFix: 'Ask the buyer for the right quantity and price; the order was not taken in.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  DUPLICATE_ORDER: define({
    class: 'business',
    severity: 'low',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Purchase order sent twice',
    explanation: 'The same purchase order with the same content came again; it was not taken a second time.',
    suggestedFix: 'Nothing, unless the buyer wants it twice.',
    actions: ['accept_as_new'],
    slaMinutes: 1440,
    blamedSystem: 'partner',
  }),
  ORDER_CHANGE_REVIEW: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'Purchase order sent again with other lines',
    explanation: 'A purchase order we already have came again as an original, with different content.',
    suggestedFix: 'Ask the buyer: a change, a second order, or a mistake.',
    actions: ['accept_as_new', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  ORDER_CHANGE_REQUESTED: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'The buyer asks for a change',
    explanation: 'A change or cancellation of a purchase order came in (860, ORDCHG). Nothing was changed by itself.',
    suggestedFix: 'Change or cancel what can still be changed, and answer the buyer.',
    actions: [],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  EXEMPTION_EXPIRED: define({
    class: 'data',
    severity: 'medium',
    ownerRole: 'finance',
    desk: 'finance',
    title: 'Tax exemption not valid',
    explanation: 'The customer is marked exempt, but no certificate is valid on the day of the order.',
    suggestedFix: 'Ask for a new certificate; tax is only an estimate until then.',
    actions: ['recheck'],
    slaMinutes: 1440,
  }),
  TERMS_MISMATCH: define({
    class: 'business',
    severity: 'low',
    ownerRole: 'finance',
    desk: 'accounts receivable',
    title: 'Other payment terms',
    explanation: 'The purchase order states other payment terms than agreed; the agreed ones apply.',
    suggestedFix: 'Tell the buyer which terms apply, or change the customer’s terms.',
    actions: [],
    slaMinutes: 1440,
    blamedSystem: 'partner',
  }),
  INVALID_INPUT: define({
    class: 'data',
    severity: 'medium',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Input could not be read',
    explanation: 'What arrived is malformed or does not match its schema; nothing of it was taken.',
    suggestedFix: 'Have it corrected and sent again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 240,
    blamedSystem: 'partner',
  }),

  // Fulfilment
  BACKORDER: define({
    class: 'business',
    severity: 'low',
    ownerRole: 'operations',
    desk: 'fulfilment',
    title: 'Backordered',
    explanation: 'Less is in stock than was ordered; the rest waits for supply.',
    suggestedFix: 'It is filled when stock arrives; or cancel the rest.',
    actions: ['cancel_line', 'cancel_order'],
    slaMinutes: 2880,
  }),
  SHORT_PICK: define({
    class: 'business',
    severity: 'medium',
    ownerRole: 'operations',
    desk: 'warehouse',
    title: 'Short pick: count the location',
    explanation: 'The warehouse found less than the book says. The difference is held until it has been counted.',
    suggestedFix: 'Count the location and enter what is there.',
    actions: ['complete_count'],
    slaMinutes: 240,
    blamedSystem: 'wms',
  }),
  RECEIPT_DISCREPANT: define({
    class: 'business',
    severity: 'medium',
    ownerRole: 'operations',
    desk: 'receiving',
    title: 'Receipt not as expected',
    explanation:
      'Goods came in damaged, refused, short or beyond their order and its tolerance. What is good is on sale; damaged goods are apart, and what is beyond the order or was refused is in quarantine.',
    suggestedFix:
      'Claim what is damaged or missing from the supplier or carrier. Accept the receipt to put on sale what is beyond the order, or send it back and adjust the stock.',
    actions: ['accept_receipt'],
    slaMinutes: 1440,
    blamedSystem: 'partner',
  }),
  OVER_SHIPMENT: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'operations',
    desk: 'warehouse',
    title: 'More than was ordered',
    explanation: 'A site reports that more of a line was picked, packed or shipped than was ordered.',
    suggestedFix: 'Ask the site; a higher sequence with the right quantity corrects it and closes this.',
    actions: [],
    slaMinutes: 240,
    blamedSystem: 'wms',
  }),
  CANCEL_TOO_LATE: define({
    class: 'business',
    severity: 'medium',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'Cancelled too late',
    explanation: 'More was cancelled than was left unshipped; what had shipped stays shipped.',
    suggestedFix: 'Offer a return.',
    actions: [],
    slaMinutes: 480,
  }),
  CANCELLED_BY_WAREHOUSE: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'Cancelled by the warehouse',
    explanation:
      'A warehouse says that it has cancelled goods of a release that nobody asked back. They are cancelled on the order, and no other site looks for them.',
    suggestedFix: 'Ask the warehouse why. Tell the buyer, or enter an order for what is still wanted.',
    actions: [],
    slaMinutes: 240,
    blamedSystem: 'wms',
  }),
  CANCEL_UNCONFIRMED: defineHold({
    class: 'business',
    severity: 'high',
    ownerRole: 'operations',
    desk: 'warehouse',
    title: 'The warehouse has not answered a cancellation',
    explanation:
      'A warehouse that works by EDI was asked to give a release back. It may still ship: its stock stays reserved until it is known.',
    suggestedFix:
      'Call the warehouse, then say whether it has cancelled or whether it is too late. It closes by itself when its 945 tells.',
    actions: ['confirm_cancelled', 'cancel_too_late'],
    slaMinutes: 120,
    blamedSystem: 'wms',
  }),
  CANCEL_DATE_AT_RISK: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'Cancel date at risk',
    explanation: 'The order may not ship before the date after which the buyer no longer wants it.',
    suggestedFix: 'Expedite it, or agree on another date.',
    actions: ['cancel_order'],
    slaMinutes: 240,
  }),
  RELEASE_REJECTED: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'operations',
    desk: 'warehouse',
    title: 'The warehouse refused the release',
    explanation: 'The warehouse answered the release with a definite refusal.',
    suggestedFix: 'Correct what it names, then retry.',
    actions: [...delivery, 'release_again', 'cancel_order'],
    slaMinutes: 60,
    blamedSystem: 'wms',
  }),
  RELEASE_UNROUTED: defineHold({
    class: 'technical',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'The release has nowhere to go',
    explanation: "The warehouse works by EDI, and its agreement does not let the release out; the order's stock waits.",
    suggestedFix: 'Correct the agreement, or what the location names; it goes out when that has changed.',
    actions: ['release_again', 'cancel_order'],
    slaMinutes: 60,
    blamedSystem: 'hub',
  }),
  TRACE_BREAK: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'operations',
    desk: 'quality',
    title: 'Lot or serial missing',
    explanation: 'A shipment holds goods that must be traced, without their lots or serials.',
    suggestedFix: 'Rescan the packages and send the missing numbers.',
    actions: [],
    slaMinutes: 60,
    blamedSystem: 'wms',
  }),
  SERIAL_DUP: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'operations',
    desk: 'quality',
    title: 'Serial in two places',
    explanation: 'A serial number was reported that is already somewhere else.',
    suggestedFix: 'Rescan, and quarantine until it is clear.',
    actions: [],
    slaMinutes: 60,
    blamedSystem: 'wms',
  }),
  DELIVERY_EXCEPTION: define({
    class: 'business',
    severity: 'medium',
    ownerRole: 'customer_service',
    desk: 'customer service',
    title: 'The carrier reports a problem',
    explanation: 'A package cannot be delivered as planned.',
    suggestedFix: 'Ask the carrier, and tell the customer.',
    actions: [],
    slaMinutes: 240,
    blamedSystem: 'carrier',
  }),

  // Facts
  CONFLICTING_DUPLICATE: define({
    class: 'data',
    severity: 'medium',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Same message, other content',
    explanation: 'A source sent the same document and sequence twice with different quantities; the first one counts.',
    suggestedFix: 'Ask the source which is right; a higher sequence corrects it.',
    actions: [],
    slaMinutes: 480,
  }),
  ORPHAN_EVENT: define({
    class: 'data',
    severity: 'medium',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'News about something unknown',
    explanation:
      'Somebody reported about an order, line, release or shipment that is not here, or did not appear within 24 hours.',
    suggestedFix:
      'Find out what it belongs to. Once that exists here, the report is applied and this resolves; nothing need be sent again.',
    actions: [],
    slaMinutes: 480,
  }),
  UNMAPPED_STATUS: define({
    class: 'data',
    severity: 'low',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Status code without a meaning',
    explanation: 'A system sent a code that its status table does not know; it was kept and not guessed.',
    suggestedFix: 'Add the code to the status table, then work the message again.',
    actions: ['resume_message'],
    slaMinutes: 1440,
  }),
  INVOICE_MISMATCH: define({
    class: 'business',
    severity: 'medium',
    ownerRole: 'finance',
    desk: 'finance',
    title: 'Invoice does not fit the order',
    explanation: 'An invoice bills more than shipped, another unit, or an order we do not know.',
    suggestedFix: 'Have the ERP correct it with a credit memo.',
    actions: [],
    slaMinutes: 480,
    blamedSystem: 'erp',
  }),
  REMIT_UNMATCHED: define({
    class: 'business',
    severity: 'medium',
    ownerRole: 'finance',
    desk: 'accounts receivable',
    title: 'Payment without an invoice',
    explanation: 'A payment names no open invoice; it counts as unapplied cash.',
    suggestedFix: 'Apply it in the ERP.',
    actions: [],
    slaMinutes: 1440,
  }),

  // Traffic
  UNKNOWN_PARTNER: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Unknown trading partner',
    explanation: 'No agreement matches the sender and receiver of the interchange.',
    suggestedFix: 'Set up the agreement, then work the message again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  SENDER_MISMATCH: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Interchange of another partner',
    explanation:
      'An interchange names one partner as its sender, but came by the folder or under the account of another.',
    suggestedFix:
      'Ask both partners. Accept it if the one hands in for the other; declare the connection as a shared mailbox if that is so always.',
    actions: ['accept_sender', 'resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  XREF_MISSING: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'customer_service',
    desk: 'data steward',
    title: 'Unknown code',
    explanation: 'A document names something by a code that no cross-reference knows.',
    suggestedFix: 'Approve a cross-reference; everything that waits for it goes on.',
    actions: ['approve_cross_reference', 'resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  MAP_FAILED: define({
    class: 'technical',
    severity: 'high',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Could not be translated',
    explanation: 'The document is well-formed but the map could not make sense of it.',
    suggestedFix: 'Correct the map or have the sender correct the document, then work it again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
  }),
  EDI_REJECTED: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'EDI document rejected',
    explanation: 'A document broke the standard or the partner’s guide and was rejected in its acknowledgment.',
    suggestedFix: 'Have the partner correct and send it again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  CONTROL_NUMBER_GAP: define({
    class: 'data',
    severity: 'medium',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Control numbers were passed over',
    explanation:
      'Interchanges to a partner do not follow each other by number: something was lost, or a restore moved the series on.',
    suggestedFix:
      'Tell the partner which numbers never come. After a restore ask which of them came, and compare with what was sent since the backup.',
    actions: ['reject'],
    slaMinutes: 1440,
  }),
  EDI_UNREADABLE: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Unreadable EDI',
    explanation: 'The bytes hold no readable interchange.',
    suggestedFix: 'Have the partner send it again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  EDI_TOO_LARGE: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Too much in one message',
    explanation:
      'A message holds more documents than are taken in at once. It is kept, unread, and its sender was not answered.',
    suggestedFix:
      'Have the partner send it in several interchanges, or raise CROSSDOCK_EDI_DOCUMENTS_MAX and work it again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  TRANSLATION_ENDED_HUB: define({
    class: 'technical',
    severity: 'critical',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'A message ends the hub',
    explanation: 'The hub ended while it translated this message, more than once. It is not tried again by itself.',
    suggestedFix:
      'Look at the message and at the hub’s last words in its log; have the sender send it in smaller parts, or give the hub more memory and work it again.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 60,
    blamedSystem: 'hub',
  }),
  FILE_REFUSED: define({
    class: 'data',
    severity: 'medium',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'File refused',
    explanation: 'A file in a partner’s folder was too large or could not be read.',
    suggestedFix: 'Have the partner send it in smaller pieces.',
    actions: [],
    slaMinutes: 240,
    blamedSystem: 'partner',
  }),
  RESUBMISSION_PROPOSED: defineHold({
    class: 'business',
    severity: 'high',
    ownerRole: 'operations',
    desk: 'inventory control',
    title: 'An edited message about stock',
    explanation: 'Somebody has edited a message that tells of stock; a second person has to agree before it counts.',
    suggestedFix: 'Compare it with the message that it corrects, then approve or reject it.',
    actions: ['approve_resubmission', 'reject'],
    slaMinutes: 240,
  }),
  ACK_REJECTED: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'The partner rejected our document',
    explanation: 'A functional acknowledgment rejected something we sent.',
    suggestedFix: 'Correct what the acknowledgment names, and send it again.',
    actions: ['retry_delivery'],
    slaMinutes: 120,
    blamedSystem: 'hub',
  }),
  ACK_UNMATCHED: define({
    class: 'data',
    severity: 'low',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Acknowledgment of something we did not send',
    explanation: 'An acknowledgment names a control number that we never used.',
    suggestedFix: 'Ask the partner.',
    actions: [],
    slaMinutes: 1440,
    blamedSystem: 'partner',
  }),
  ACK_OVERDUE: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'The partner has not acknowledged our document',
    explanation:
      'What we sent was handed over, but no functional acknowledgment (997, 999, CONTRL) has come in the time agreed: it may not have arrived.',
    suggestedFix:
      'Ask the partner whether it arrived. Send it again if it did not; accept it as acknowledged if it did. It closes by itself when the acknowledgment comes.',
    actions: ['resend_document', 'accept_as_acknowledged'],
    slaMinutes: 120,
    blamedSystem: 'partner',
  }),
  OBLIGATION_OVERDUE: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Something promised is overdue',
    explanation: 'Something that was promised, or promised to us, has not happened in time.',
    suggestedFix: 'Ask whoever owes it; it closes by itself when it arrives.',
    actions: [],
    slaMinutes: 120,
  }),
  NO_ROUTE: define({
    class: 'technical',
    severity: 'medium',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Nobody takes this message',
    explanation: 'No map is declared for what arrived.',
    suggestedFix: 'Declare a map, or tell the sender not to send it.',
    actions: ['resume_message', 'reject'],
    slaMinutes: 480,
  }),

  // Destinations
  DELIVERY_DEAD: define({
    class: 'technical',
    severity: 'critical',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Delivery gave up',
    explanation: 'The destination failed every attempt; what follows for the same order waits.',
    suggestedFix: 'Repair the destination, then retry.',
    actions: [...delivery],
    slaMinutes: 60,
  }),
  DELIVERY_REJECTED: define({
    class: 'business',
    severity: 'high',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'The destination refused it',
    explanation: 'The destination answered with a definite refusal; sending the same again would not help.',
    suggestedFix: 'Correct what it names, then retry.',
    actions: [...delivery],
    slaMinutes: 60,
  }),
  OUTPUT_INVALID: define({
    class: 'data',
    severity: 'high',
    ownerRole: 'edi',
    desk: 'EDI analyst',
    title: 'Not sent: it would break the standard',
    explanation: 'A document of ours was written, checked and not sent, because its receiver would have to reject it.',
    suggestedFix:
      'Correct the value that it names where it comes from, by an overlay if need be, then retry; or tolerate the fault in the agreement.',
    actions: [...delivery],
    slaMinutes: 120,
    blamedSystem: 'hub',
  }),
  AUTH_FAILED: define({
    class: 'technical',
    severity: 'critical',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Our credentials were refused',
    explanation: 'The destination does not accept our credentials; what met that is held until they are right.',
    suggestedFix: 'Replace the secret of the connection: what is held goes out again by itself.',
    actions: ['try_destination'],
    slaMinutes: 30,
  }),
  OUTCOME_UNKNOWN: define({
    class: 'technical',
    severity: 'critical',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'It is not known whether it arrived',
    explanation: 'The connection broke while the request was under way and the destination cannot be asked.',
    suggestedFix: 'Look it up in the destination, then confirm it or send it again.',
    actions: ['confirm_delivered', ...delivery],
    slaMinutes: 60,
  }),
  DUPLICATE_OUTSIDE: define({
    class: 'technical',
    severity: 'critical',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'Two of it at the destination',
    explanation: 'The destination holds several records under one natural key, or one with other content.',
    suggestedFix: 'Remove the surplus at the destination, then confirm the right one.',
    actions: ['confirm_delivered', 'discard_delivery'],
    slaMinutes: 60,
  }),
  ENDPOINT_DOWN: define({
    class: 'technical',
    severity: 'high',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'A system does not answer',
    explanation: 'The destination cannot be reached; what is meant for it queues up and nothing is lost.',
    suggestedFix: 'It goes on by itself when the system is back; ask its owner when that will be.',
    actions: ['try_destination', 'resume_destination'],
    slaMinutes: 60,
  }),
  QUOTA_AT_RISK: define({
    class: 'technical',
    severity: 'medium',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'A quota will not last',
    explanation:
      'At the present pace the destination’s quota is used up before it begins anew; what is meant for it waits.',
    suggestedFix: 'Raise the quota, or let what can wait go later; the reserves are kept for what is urgent.',
    actions: [],
    slaMinutes: 240,
  }),
  FLOW_FAILED: define({
    class: 'technical',
    severity: 'critical',
    ownerRole: 'integration',
    desk: 'integration',
    title: 'A step inside the hub failed',
    explanation: 'A flow could not do its work on this input; nothing of it was written.',
    suggestedFix: 'Read the error, correct its cause, then retry.',
    actions: [...delivery],
    slaMinutes: 60,
    blamedSystem: 'hub',
  }),
} as const satisfies Readonly<Record<string, ExceptionDefinition>>;

export type ExceptionCode = keyof typeof exceptionCatalog;

/** The definition of a code; a code that an older or newer hub wrote still reads as something. */
export function exceptionDefinition(code: string): ExceptionDefinition {
  return (exceptionCatalog as Readonly<Record<string, ExceptionDefinition>>)[code] ?? exceptionCatalog.FLOW_FAILED;
}

/** The title of an exception in the middle of a sentence; a code that is none of ours as it is. */
export function titleInSentence(code: string): string {
  if (!Object.hasOwn(exceptionCatalog, code)) return code;
  const { title } = exceptionDefinition(code);
  return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}
