import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** Argon2id with OWASP's second recommendation: 19 MiB, two passes, one lane (RFC 9106 names the parameters). */
const settings = { memoryKiB: 19_456, passes: 2, parallelism: 1, tagLength: 32 };

function derive(
  password: string,
  nonce: Buffer,
  cost: { memoryKiB: number; passes: number; parallelism: number; tagLength: number },
): Promise<Buffer> {
  const parameters = {
    message: Buffer.from(password.normalize('NFKC'), 'utf8'),
    nonce,
    parallelism: cost.parallelism,
    tagLength: cost.tagLength,
    memory: cost.memoryKiB,
    passes: cost.passes,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** @returns a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive(password, nonce, settings);
  return `$argon2id$v=19$m=${settings.memoryKiB},t=${settings.passes},p=${settings.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const match = phc.exec(stored);
  if (match === null) return false;
  const expected = Buffer.from(match[5]!, 'base64');
  const tag = await derive(password, Buffer.from(match[4]!, 'base64'), {
    memoryKiB: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    tagLength: expected.length,
  });
  return timingSafeEqual(tag, expected);
}

let decoy: Promise<string> | undefined;

/** Spends the time of a check for an account that does not exist, so that the answer's time does not tell which do. */
export async function verifyNothing(password: string): Promise<false> {
  decoy ??= hashPassword('');
  await verifyPassword(password, await decoy);
  return false;
}
