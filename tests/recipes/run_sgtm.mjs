// Tokens of the template for the vectors, and what its own tests say; JSON on standard input and output.

import { readFileSync, writeFileSync } from "node:fs";
import { container, scenario, sections } from "./sgtm.mjs";

const SECONDS = 3600;

const { template: text, vectors, padded, scenarios } = JSON.parse(readFileSync(0, "utf8"));
const template = sections(text);

const tokens = vectors.map(({ keys, kid, audience, endpoint_id, expiry }) => {
  writeFileSync(process.env.SGTM_CREDENTIALS, JSON.stringify({ keys }));
  try {
    const now = (expiry - SECONDS) * 1000 + 999;
    return container(template, { padded, now }).run({ keyId: kid, audience, endpointId: endpoint_id, seconds: String(SECONDS) });
  } catch (error) {
    return `error: ${error.message}`;
  }
});
const failures = scenarios.flatMap(({ name, code }) => {
  try {
    scenario(template, code);
    return [];
  } catch (error) {
    return [`${name}: ${error.message}`];
  }
});
process.stdout.write(JSON.stringify({ tokens, failures }));
