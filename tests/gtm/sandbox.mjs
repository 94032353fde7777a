// A stand-in for the sandbox in which Google Tag Manager runs a custom template of a web container, and for the test
// runner of its template editor. It knows the APIs that the template uses, and refuses what its permissions do not name,
// also where an API is mocked, which the editor's own runner does not do.
// https://developers.google.com/tag-platform/tag-manager/templates/api, .../permissions and .../tests

import { isDeepStrictEqual } from "node:util";
import { faults } from "./language.mjs";

/** Every API: the permission that it needs, which of its arguments that must allow, and what it does without a mock. */
const APIS = {
  addConsentListener: { permission: "access_consent", subject: 0 },
  encodeUriComponent: { run: (text) => (text.isWellFormed() ? encodeURIComponent(text) : undefined) },
  generateRandom: {},
  getTimestampMillis: {},
  isConsentGranted: { permission: "access_consent", subject: 0 },
  logToConsole: { permission: "logging" },
  makeString: { run: String },
  queryPermission: {},
  sendPixel: { permission: "send_pixel", subject: 0 },
};

const plain = ({ type, ...value }) =>
  ({
    1: () => value.string,
    2: () => value.listItem.map(plain),
    3: () => Object.fromEntries(value.mapKey.map((key, index) => [plain(key), plain(value.mapValue[index])])),
    8: () => value.boolean,
  })[type]();

const ALLOWS = {
  send_pixel: ({ allowedUrls, urls }, url) => allowedUrls === "any" || urls.some((pattern) => covers(pattern, url)),
  access_consent: ({ consentTypes }, asked) => consentTypes.some(({ consentType, read }) => consentType === asked && read),
  logging: () => true,
};

/** Whether a URL pattern, with * for subdomains and at the end of the path, covers a URL. */
function covers(pattern, url) {
  const [, scheme, host, path] = /^(https?:)\/\/([^/]+)(\/.*)$/.exec(pattern);
  const asked = new URL(url);
  const subdomains = host.startsWith("*.") ? asked.host.endsWith(host.slice(1)) : asked.host === host;
  const place = asked.pathname + asked.search;
  const below = path.endsWith("*") ? place.startsWith(path.slice(0, -1)) : place === path;
  return asked.protocol === scheme && asked.username === "" && subdomains && below;
}

/** The permissions that a template declares: name to settings. */
export function permissionsOf(text) {
  const declared = JSON.parse(text).map(({ instance: { key, param } }) => [
    key.publicId,
    Object.fromEntries(param.map((setting) => [setting.key, plain(setting.value)])),
  ]);
  return Object.fromEntries(declared);
}

/** The permissions that the APIs in a template's code need. */
export function permissionsNeeded(code) {
  const names = [...code.matchAll(/\brequire\('(\w+)'\)/g)].map(([, name]) => APIS[name]?.permission);
  return [...new Set(names.filter(Boolean))];
}

const refuse = (what) => {
  throw new Error(what);
};

function compiled(code, names) {
  const found = faults(code, names);
  if (found.length > 0) refuse(found.join("; "));
  return new Function(...names, `"use strict"; ${code}`);
}

/** One template for one scenario: what its code may call, and what was called. */
class Sandbox {
  mocks = {};
  calls = {};

  constructor({ code, permissions }) {
    this.template = compiled(code, ["require", "data"]);
    this.permissions = permissions;
  }

  require = (name) => {
    const api = Object.hasOwn(APIS, name) ? APIS[name] : refuse(`no API ${name} in this runner`);
    return (...given) => {
      this.#check(name, api, given);
      this.#note(name, given);
      return (this.mocks[name] ?? api.run ?? (() => refuse(`${name} needs a mock`)))(...given);
    };
  };

  run = (data) => {
    const reports = ["gtmOnSuccess", "gtmOnFailure"].map((name) => [name, () => this.#note(name, [])]);
    return this.template(this.require, { ...data, ...Object.fromEntries(reports) });
  };

  #check(name, { permission, subject }, given) {
    if (!permission) return;
    const settings = this.permissions[permission] ?? refuse(`${name} without the permission ${permission}`);
    if (!ALLOWS[permission](settings, given[subject])) refuse(`${permission} does not cover ${given[subject]}`);
  }

  #note(name, given) {
    (this.calls[name] ??= []).push(given);
  }
}

const holds = (subject, items) => items.every((item) => subject.indexOf(item) !== -1);

const assertThat = (subject, message = `${JSON.stringify(subject)}`.slice(0, 300)) => {
  const check = (right, what) => right || refuse(`${message} ${what}`);
  return {
    isEqualTo: (other) => check(isDeepStrictEqual(subject, other), `is not ${JSON.stringify(other)}`),
    isTrue: () => check(subject === true, "is not true"),
    contains: (...items) => check(holds(subject, items), `does not contain ${items}`),
    doesNotContain: (...items) => check(!holds(subject, items), `contains ${items}`),
  };
};

const assertApi = (calls) => (name) => ({
  wasCalled: () => calls[name] || refuse(`${name} was not called`),
  wasNotCalled: () => calls[name] && refuse(`${name} was called`),
});

const mock = (mocks) => (name, stand) => {
  if (typeof stand !== "function" || !Object.hasOwn(APIS, name)) refuse(`mock an API with a function, not ${name}`);
  mocks[name] = stand;
};

/** Run one scenario of a template's own tests; throws where the template or an assertion fails. */
export function scenario(template, setup, code) {
  const sandbox = new Sandbox(template);
  const tools = {
    runCode: sandbox.run,
    require: sandbox.require,
    mock: mock(sandbox.mocks),
    assertThat,
    assertApi: assertApi(sandbox.calls),
    fail: refuse,
  };
  compiled(`${setup}\n${code}`, Object.keys(tools))(...Object.values(tools));
}
