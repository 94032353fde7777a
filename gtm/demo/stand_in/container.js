/**
 * Reading an exported container (export format 2): from GTM's records to what the stand-in runs.
 *
 * It is strict. A field is either emulated, or known to change nothing in a browser, or the container is refused.
 */

import { CONSENT_TYPES } from "./consent.js";
import { OPERATOR_TYPES } from "./triggers.js";
import { parseTemplate } from "./url.js";
import { BUILT_IN_TYPES } from "./variables.js";

/** What GTM keeps about a record for its own screens. */
const PAPERWORK = ["accountId", "containerId", "fingerprint", "name", "notes", "parentFolderId", "path", "tagManagerUrl"];
const FIRING_OPTIONS = ["ONCE_PER_EVENT", "ONCE_PER_LOAD", "UNLIMITED"];
const DEFAULT_CACHE_BUSTER = "gtmcb";
/** Variables of the runtime itself, by the name under which triggers know them. */
const RUNTIME_VARIABLES = [["_event", { type: "built-in", builtIn: "EVENT" }]];

/** The container holds what the stand-in does not emulate; `faults` names all of it. */
export class ContainerError extends Error {
  /** @param {string[]} faults */
  constructor(faults) {
    super(`the stand-in does not run this container: ${faults.join("; ")}`);
    this.name = "ContainerError";
    this.faults = faults;
  }
}

/**
 * @param {object} exported A container as GTM exports it.
 * @returns {{name: string, tags: object[], triggers: Map<string, object>, variables: Map<string, object>}} Tags in
 *   their order, triggers by id, variables by name.
 * @throws {ContainerError} It holds something unknown.
 */
export function readContainer(exported) {
  const reader = new Reader();
  const container = reader.read(exported);
  if (reader.faults.length) {
    throw new ContainerError(reader.faults);
  }
  return container;
}

class Reader {
  faults = [];

  read(exported) {
    this.#fields("export", exported, ["exportFormatVersion", "exportTime", "containerVersion"]);
    this.#oneOf("export.exportFormatVersion", exported.exportFormatVersion, [2]);
    // A list of nothing changes nothing, whatever it is a list of.
    const version = Object.fromEntries(
      Object.entries(exported.containerVersion ?? {}).filter(([, records]) => !Array.isArray(records) || records.length),
    );
    this.#fields("containerVersion", version, [
      "containerVersionId",
      "description",
      "container",
      "tag",
      "trigger",
      "variable",
      "folder",
      "builtInVariable",
    ]);
    this.#oneOf("container.usageContext", String(version.container?.usageContext), ["WEB"]);
    const variables = new Map([
      ...(version.builtInVariable ?? []).map((record) => this.#builtIn(record)),
      ...(version.variable ?? []).map((record) => this.#variable(record)),
    ]);
    const known = new Map([...variables, ...RUNTIME_VARIABLES]);
    const triggers = new Map((version.trigger ?? []).map((record) => this.#trigger(record, known)));
    const tags = (version.tag ?? []).filter(({ paused }) => !paused);
    return {
      name: version.container?.name ?? "",
      tags: tags.map((record) => this.#tag(record, variables, triggers)),
      triggers,
      variables: known,
    };
  }

  #builtIn(record) {
    const where = `built-in variable ${record.name}`;
    this.#fields(where, record, ["type"]);
    this.#oneOf(`${where}: type`, record.type, [...BUILT_IN_TYPES]);
    return [record.name, { type: "built-in", builtIn: record.type }];
  }

  #variable(record) {
    const where = `variable ${record.name}`;
    this.#fields(where, record, ["variableId", "type", "parameter", "formatValue"]);
    switch (record.type) {
      case "c": {
        const { value } = this.#parameters(where, record.parameter, { value: "TEMPLATE" });
        this.#literal(`${where}: value`, value);
        this.#fields(`${where}: formatValue`, record.formatValue ?? {}, []);
        return [record.name, { type: "constant", value }];
      }
      case "v":
        return [record.name, { type: "data layer", ...this.#dataLayerVariable(where, record) }];
      default:
        this.#refuse(`${where}: type ${record.type}`);
        return [record.name, {}];
    }
  }

  #dataLayerVariable(where, record) {
    const { dataLayerVersion, name, setDefaultValue, defaultValue } = this.#parameters(where, record.parameter, {
      dataLayerVersion: "INTEGER",
      name: "TEMPLATE",
      setDefaultValue: "BOOLEAN",
      defaultValue: "TEMPLATE",
    });
    this.#oneOf(`${where}: dataLayerVersion`, dataLayerVersion, ["2"]);
    this.#literal(`${where}: name`, name);
    const formats = {
      convertUndefinedToValue: "ifUndefined",
      convertNullToValue: "ifNull",
      convertTrueToValue: "ifTrue",
      convertFalseToValue: "ifFalse",
    };
    this.#fields(`${where}: formatValue`, record.formatValue ?? {}, Object.keys(formats));
    const format = Object.entries(record.formatValue ?? {}).map(([key, parameter]) => {
      this.#oneOf(`${where}: formatValue.${key}: type`, parameter.type, ["TEMPLATE"]);
      this.#literal(`${where}: formatValue.${key}`, parameter.value ?? "");
      return [formats[key], parameter.value ?? ""];
    });
    return {
      path: name,
      defaultValue: setDefaultValue === "true" ? (defaultValue ?? "") : undefined,
      format: Object.fromEntries(format),
    };
  }

  #trigger(record, variables) {
    const where = `trigger ${record.name}`;
    this.#fields(where, record, ["triggerId", "type", "customEventFilter", "filter"]);
    this.#oneOf(`${where}: type`, record.type, ["CUSTOM_EVENT"]);
    const conditions = [...(record.customEventFilter ?? []), ...(record.filter ?? [])];
    return [record.triggerId, { conditions: conditions.map((one) => this.#condition(where, one, variables)) }];
  }

  #condition(where, record, variables) {
    this.#fields(`${where}: condition`, record, ["type", "parameter"]);
    this.#oneOf(`${where}: condition`, record.type, [...OPERATOR_TYPES]);
    const { arg0, arg1, negate, ignore_case } = this.#parameters(`${where}: condition`, record.parameter, {
      arg0: "TEMPLATE",
      arg1: "TEMPLATE",
      negate: "BOOLEAN",
      ignore_case: "BOOLEAN",
    });
    const [{ variable } = {}, ...more] = parseTemplate(arg0 ?? "");
    if (!variables.has(variable) || more.length) {
      this.#refuse(`${where}: condition on ${arg0}`);
    }
    this.#literal(`${where}: condition`, arg1);
    if (record.type === "MATCH_REGEX" && !isRegex(arg1)) {
      this.#refuse(`${where}: condition ${arg1} is no regular expression`);
    }
    return {
      operator: record.type,
      variable,
      wanted: arg1,
      negate: negate === "true",
      ignoreCase: ignore_case === "true",
    };
  }

  #tag(record, variables, triggers) {
    const where = `tag ${record.name}`;
    this.#fields(where, record, [
      "tagId",
      "type",
      "parameter",
      "paused",
      "firingTriggerId",
      "blockingTriggerId",
      "tagFiringOption",
      "monitoringMetadata",
      "consentSettings",
    ]);
    this.#oneOf(`${where}: type`, record.type, ["img"]);
    this.#oneOf(`${where}: tagFiringOption`, record.tagFiringOption, FIRING_OPTIONS);
    this.#fields(`${where}: monitoringMetadata`, record.monitoringMetadata ?? {}, ["type"]);
    const { url, useCacheBuster, cacheBusterQueryParam } = this.#parameters(where, record.parameter, {
      url: "TEMPLATE",
      useCacheBuster: "BOOLEAN",
      cacheBusterQueryParam: "TEMPLATE",
    });
    for (const id of [...(record.firingTriggerId ?? []), ...(record.blockingTriggerId ?? [])]) {
      if (!triggers.has(id)) {
        this.#refuse(`${where}: trigger ${id}`);
      }
    }
    return {
      name: record.name,
      url: this.#url(`${where}: url`, url ?? "", variables),
      cacheBuster: useCacheBuster === "true" ? cacheBusterQueryParam || DEFAULT_CACHE_BUSTER : null,
      firing: record.firingTriggerId ?? [],
      blocking: record.blockingTriggerId ?? [],
      option: record.tagFiringOption,
      consent: this.#consent(`${where}: consentSettings`, record.consentSettings ?? { consentStatus: "NOT_SET" }),
    };
  }

  #url(where, text, variables) {
    const parts = parseTemplate(text);
    let before = "";
    parts.forEach(({ variable, text: literal }, index) => {
      if (variable && !variables.has(variable)) {
        this.#refuse(`${where}: variable ${variable}`);
      } else if (variable && index === 0) {
        before = variables.get(variable).value ?? "";
      } else if (variable && !before.includes("?")) {
        this.#refuse(`${where}: {{${variable}}} stands before the query`);
      }
      before += literal ?? "";
    });
    if (!/^https?:\/\/[^"<>]*$/.test(before)) {
      this.#refuse(`${where}: must begin with http:// or https://, also by a constant, and hold no " < >`);
    }
    return parts;
  }

  #consent(where, record) {
    this.#fields(where, record, ["consentStatus", "consentType"]);
    this.#oneOf(`${where}.consentStatus`, record.consentStatus, ["NOT_SET", "NOT_NEEDED", "NEEDED"]);
    if (record.consentStatus !== "NEEDED") {
      return [];
    }
    const types = (record.consentType?.list ?? []).map(({ value }) => value);
    if (!types.length || !types.every((type) => CONSENT_TYPES.has(type))) {
      this.#refuse(`${where}: consentType ${types}`);
    }
    return types;
  }

  /** Values of parameters by key, each of its one type. */
  #parameters(where, parameters, types) {
    const values = {};
    for (const { key, type, value, ...more } of parameters ?? []) {
      this.#oneOf(`${where}: parameter`, key, Object.keys(types));
      this.#oneOf(`${where}: parameter ${key}: type`, type, [types[key]]);
      this.#fields(`${where}: parameter ${key}`, more, []);
      values[key] = value;
    }
    return values;
  }

  #fields(where, record, known) {
    for (const field of Object.keys(record)) {
      if (!known.includes(field) && !PAPERWORK.includes(field)) {
        this.#refuse(`${where}: ${field}`);
      }
    }
  }

  #oneOf(where, value, known) {
    if (!known.includes(value)) {
      this.#refuse(`${where} ${value}`);
    }
  }

  #literal(where, text) {
    if (typeof text !== "string" || text.includes("{{")) {
      this.#refuse(`${where} ${text}`);
    }
  }

  #refuse(fault) {
    this.faults.push(fault);
  }
}

function isRegex(text) {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}
