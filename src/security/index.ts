export { type ApiKey, createApiKey, limitApiKey, listApiKeys, revokeApiKey, rotateApiKey } from './api-keys.ts';
export { type AuditEntry, type AuditRecord, listAudit, recordAudit, verifyAudit } from './audit.ts';
export { adminKeyFile, loadAdminKey, loadMasterKey, masterKeyFile } from './key-files.ts';
export { hashPassword, verifyPassword } from './passwords.ts';
export { createPrincipal, type Principal } from './principal.ts';
export type { RequestRate } from './request-rates.ts';
export { ACTIONS, type Action, actionsOf, ROLES, type Role, roleActions } from './roles.ts';
export { createSealing, type Sealing } from './sealing.ts';
export { createSecurity, type Security } from './security.ts';
export { sessionLifetimeMs } from './sessions.ts';
export { ensureTenant, listTenants, readTenant, type Tenant } from './tenants.ts';
export { digestToken, sameText } from './tokens.ts';
export {
  actorsNamed,
  createUser,
  listUsers,
  nameOfActor,
  namesOfActors,
  type User,
  type UserChange,
  updateUser,
} from './users.ts';
export { isWebhookSecret, verifyWebhook, type WebhookHeaders } from './webhook-signature.ts';
