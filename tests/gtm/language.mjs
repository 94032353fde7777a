// Sandboxed JavaScript as its reference describes it: ECMAScript 5.1 with const, let and arrow functions, without
// constructors, `this`, regular expressions and globals, and with the listed methods of texts and arrays alone.
// https://developers.google.com/tag-platform/tag-manager/templates/sandboxed-javascript and .../standard-library
//
// Needs Node's own parser: node --expose-internals

import { createRequire } from "node:module";

const { parse } = createRequire(import.meta.url)("internal/deps/acorn/acorn/dist/acorn");

const NODES = new Set([
  "Program", "BlockStatement", "EmptyStatement", "ExpressionStatement", "VariableDeclaration", "VariableDeclarator",
  "FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression", "ReturnStatement",
  "IfStatement", "ConditionalExpression", "SwitchStatement", "SwitchCase", "ForStatement", "ForInStatement",
  "WhileStatement", "DoWhileStatement", "BreakStatement", "ContinueStatement",
  "Identifier", "Literal", "ArrayExpression", "ObjectExpression", "Property", "MemberExpression", "CallExpression",
  "UnaryExpression", "UpdateExpression", "BinaryExpression", "LogicalExpression", "AssignmentExpression", "SequenceExpression",
]); // prettier-ignore

const METHODS = new Set([
  "concat", "every", "filter", "forEach", "indexOf", "join", "lastIndexOf", "map", "pop", "push", "reduce", "reduceRight",
  "reverse", "shift", "slice", "some", "sort", "splice", "toString", "unshift",
  "charAt", "match", "replace", "search", "split", "substring", "toLowerCase", "toLocaleLowerCase", "toLocaleUpperCase",
  "toUpperCase", "trim", "hasOwnProperty",
]); // prettier-ignore

const NATIVE = [Array, String, Number, Boolean, Object, Function].flatMap(({ prototype }) =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([, { value }]) => typeof value === "function"),
);
const MISSING = new Set(NATIVE.map(([name]) => name).filter((name) => !METHODS.has(name)));

/** What the sandbox would refuse in `code`, as a list of sentences; `globals` are the names that it is given. */
export function faults(code, globals) {
  let program;
  try {
    program = parse(code, { ecmaVersion: 2015, allowReturnOutsideFunction: true });
  } catch (error) {
    return [`not ECMAScript 5.1 with arrow functions, const and let: ${error.message}`];
  }
  const known = new Set([...globals, "undefined"]);
  const found = [];
  visit(program, null, (node) => declared(node).forEach((name) => known.add(name)));
  visit(program, null, (node, parent) => found.push(...judged(node, parent, known)));
  return found;
}

function visit(node, parent, see) {
  see(node, parent);
  for (const child of Object.values(node).flat()) {
    if (typeof child?.type === "string") visit(child, node, see);
  }
}

function declared(node) {
  if (node.type === "VariableDeclarator") return [node.id.name];
  return (node.params ?? []).concat(node.id ?? []).map(({ name }) => name);
}

function judged(node, parent, known) {
  const property = parent?.type === "MemberExpression" && parent.property === node && !parent.computed;
  const key = parent?.type === "Property" && parent.key === node && !parent.computed;
  const name = node.type === "Identifier" ? node.name : node.value;
  if (!NODES.has(node.type)) return [`no ${node.type} in the sandbox`];
  if (node.regex) return [`no regular expression in the sandbox: ${node.raw}`];
  if (node.type === "Property" && (node.kind !== "init" || node.method || node.shorthand || node.computed)) return ["only plain properties in the sandbox"];
  if ((property || (parent?.computed && parent.property === node && node.type === "Literal")) && MISSING.has(name)) return [`no method ${name} in the sandbox`];
  if (node.type === "Identifier" && !property && !key && !known.has(name)) return [`no global ${name} in the sandbox`];
  return [];
}
