// A stand-in for the sandbox in which server-side Google Tag Manager runs custom templates, as its reference says:
// only listed APIs, by require(); no globals; keys from the file that SGTM_CREDENTIALS names, and only the permitted.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import vm from "node:vm";

// A context of its own has no Node; this is what the language itself would give.
const HIDDEN = ["Array", "Date", "Function", "JSON", "Math", "Number", "Object", "Promise", "RegExp", "String", "globalThis"];
const FORBIDDEN = /\b(?:new|this|class|async|await|import|eval)\b|`/;
const ENCODINGS = ["hex", "base64", "base64url"];

/** The sections of a template file by name. */
export function sections(text) {
  const found = {};
  let current;
  for (const line of text.split("\n")) {
    const title = /^___([A-Z_]+)___$/.exec(line.trim());
    if (title) found[(current = title[1])] = "";
    else if (current) found[current] += `${line}\n`;
  }
  return found;
}

/** A container with one template: `run(data)` gives its value, `mocks` and `calls` are what its own tests use. */
export function container(template, { padded = false, now = 0 } = {}) {
  const permissions = JSON.parse(template.SERVER_PERMISSIONS);
  const permitted = permissions
    .filter(({ instance }) => instance.key.publicId === "use_custom_private_keys")
    .flatMap(({ instance }) => instance.param.find(({ key }) => key === "keyIds").value.listItem.map((item) => item.string));
  const mocks = {};
  const calls = {};

  function hmacSha256(text, keyId, { outputEncoding = "base64url" } = {}) {
    if (typeof text !== "string" || !ENCODINGS.includes(outputEncoding)) throw new Error("hmacSha256: wrong argument");
    if (!permitted.includes(keyId)) throw new Error(`hmacSha256: no permission for key ${keyId}`);
    const { keys } = JSON.parse(readFileSync(process.env.SGTM_CREDENTIALS, "utf8"));
    if (!Object.hasOwn(keys, keyId)) throw new Error(`hmacSha256: no key ${keyId}`);
    const signature = createHmac("sha256", Buffer.from(keys[keyId], "base64")).update(text, "utf8").digest(outputEncoding);
    return padded && outputEncoding === "base64url" ? signature.padEnd(Math.ceil(signature.length / 4) * 4, "=") : signature;
  }

  const apis = {
    getTimestampMillis: () => now,
    hmacSha256,
    makeNumber: Number,
    Math: { floor: Math.floor },
  };
  function require(name) {
    if (!Object.hasOwn(apis, name)) throw new Error(`require: there is no API ${name}`);
    const api = Object.hasOwn(mocks, name) ? () => mocks[name] : apis[name];
    if (typeof api !== "function") return api;
    return (...given) => {
      (calls[name] ??= []).push(given);
      return api(...given);
    };
  }

  const code = template.SANDBOXED_JS_FOR_SERVER;
  if (FORBIDDEN.test(code.replace(/\/\/.*$/gm, "").replace(/'[^']*'/g, "''"))) throw new Error("not sandboxed JavaScript");
  const body = vm.runInNewContext(`(function (require, data, ${HIDDEN}) { "use strict"; return (() => { ${code} })(); })`);
  return { run: (data) => body(require, data), mocks, calls };
}

/** Run one scenario of the template's own tests; throws where an assertion fails. */
export function scenario(template, code) {
  const { run, mocks, calls } = container(template);
  const check = (right, what) => {
    if (!right) throw new Error(what);
  };
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  new Function("runCode", "mock", "assertThat", "assertApi", code)(
    run,
    (name, value) => (mocks[name] = value),
    (value) => ({
      isEqualTo: (other) => check(same(value, other), `${value} is not ${other}`),
      isUndefined: () => check(value === undefined, `${value} is not undefined`),
    }),
    (name) => ({
      wasNotCalled: () => check(!calls[name], `${name} was called`),
      wasCalledWith: (...given) => check(calls[name]?.some((call) => same(call, given)), `${name}: ${JSON.stringify(calls[name])}`),
    }),
  );
}
