// One command from standard input to standard output, both JSON.

import { readFileSync } from "node:fs";
import { faults } from "./language.mjs";
import { permissionsNeeded, permissionsOf, scenario } from "./sandbox.mjs";

const COMMANDS = {
  /** Scenario name to what failed; null where nothing did. */
  scenarios: ({ code, permissions, setup, scenarios }) => {
    const template = { code, permissions: permissionsOf(permissions) };
    return Object.fromEntries(scenarios.map(({ name, code: test }) => [name, failure(() => scenario(template, setup, test))]));
  },
  /** What the sandbox would refuse. */
  faults: ({ code, globals }) => faults(code, globals),
  /** Permissions that are declared, and those that are needed. */
  permissions: ({ code, permissions }) => ({ declared: Object.keys(permissionsOf(permissions)), needed: permissionsNeeded(code) }),
};

function failure(run) {
  try {
    run();
    return null;
  } catch (error) {
    return error.message;
  }
}

const [, , command] = process.argv;
process.stdout.write(JSON.stringify(COMMANDS[command](JSON.parse(readFileSync(0, "utf8")))));
