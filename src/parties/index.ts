/** Who the hub trades with: customers, suppliers, their addresses, terms, credit and exposure. */
export {
  type CustomerDirectory,
  type CustomerSnapshot,
  createCustomerDirectory,
} from './customer-directory.ts';
export {
  listCustomers,
  listSuppliers,
  loadCreditGroups,
  loadCustomers,
  loadCustomersWithParents,
  loadSuppliers,
  putCustomers,
  putSuppliers,
} from './customers.ts';
export { foldExposure, loadExposure, lockExposure, recordExposure } from './exposure.ts';
export type { Exposure, ExposureChange } from './parties-types.ts';
