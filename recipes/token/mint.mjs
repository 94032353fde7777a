// Mint a token with which a browser may write customer data of one endpoint.
// Copy this file into your backend. It needs Node 18 or newer and nothing else.

import { createHmac } from "node:crypto";

const SHORTEST_KEY_BYTES = 32;

/**
 * Make a token.
 *
 * @param {Object<string, string>} keys base64 keys by key id: the field `keys` of the key document
 * @param {string} kid key to sign with
 * @param {string} audience what the consumer expects: the Pinpoint project's ID unless `token.audience` says otherwise
 * @param {string} endpointId the endpoint of the customer who is logged in, exactly as the tag will send it
 * @param {number} expiry end of the token's life in Unix seconds
 * @returns {string} value of the parameter `token`
 */
export function mint(keys, kid, audience, endpointId, expiry) {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(kid)) throw new Error("kid: use 1 to 32 letters, digits, _ and -");
  if (!Object.hasOwn(keys, kid)) throw new Error(`kid: there is no key ${kid}`);
  if (!audience || !endpointId) throw new Error("audience, endpointId: must not be empty");
  if (!Number.isSafeInteger(expiry)) throw new Error("expiry: use whole Unix seconds");
  const key = Buffer.from(keys[kid], "base64");
  if (key.length < SHORTEST_KEY_BYTES) throw new Error(`key ${kid}: use at least ${SHORTEST_KEY_BYTES} random bytes`);
  const signed = `v1\n${audience}\n${kid}\n${expiry}\n${endpointId}`;
  return `${kid}.${expiry}.${createHmac("sha256", key).update(signed, "utf8").digest("base64url")}`;
}
