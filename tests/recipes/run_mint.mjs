// Tokens of mint.mjs for the vectors on standard input, as JSON on standard output.

import { readFileSync } from "node:fs";
import { mint } from "../../recipes/token/mint.mjs";

const vectors = JSON.parse(readFileSync(0, "utf8"));
const tokens = vectors.map(({ keys, kid, audience, endpoint_id, expiry }) => {
  try {
    return mint(keys, kid, audience, endpoint_id, expiry);
  } catch (error) {
    return `error: ${error.message}`;
  }
});
process.stdout.write(JSON.stringify(tokens));
