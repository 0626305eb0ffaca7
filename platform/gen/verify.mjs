#!/usr/bin/env node
// Made by `npm run generate` from the source of Assent; do not edit.
// Contains the package canonicalize (Apache-2.0). How to use it: node verify.mjs --help
// platform/assent-verify.ts
import { createReadStream } from "node:fs";
import { open, readdir, readFile as readFile2, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

// shared/errors.ts
var AssentError = class extends Error {
  name = "AssentError";
  code;
  detail;
  constructor(code2, message, detail = {}, cause) {
    super(message, cause === void 0 ? void 0 : { cause });
    this.code = code2;
    this.detail = detail;
  }
};

// node_modules/canonicalize/lib/canonicalize.js
function serializeString(value) {
  if (!value.isWellFormed()) {
    throw new Error("Lone surrogate is not allowed");
  }
  return JSON.stringify(value);
}
function serializePrimitive(value) {
  switch (typeof value) {
    case "number":
      if (isNaN(value)) {
        throw new Error("NaN is not allowed");
      }
      if (!isFinite(value)) {
        throw new Error("Infinity is not allowed");
      }
      return JSON.stringify(value);
    case "string":
      return serializeString(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      return JSON.stringify(value);
  }
}
function enterValue(value, seen) {
  let wrappers = null;
  while (value !== null && typeof value === "object" && typeof value.toJSON === "function") {
    if (seen.has(value)) {
      throw new Error("Circular reference detected");
    }
    seen.add(value);
    (wrappers ??= []).push(value);
    value = value.toJSON();
  }
  if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    value = value.valueOf();
  }
  if (value === null || typeof value !== "object") {
    if (wrappers !== null) {
      for (const wrapper of wrappers) seen.delete(wrapper);
    }
    return serializePrimitive(value);
  }
  if (seen.has(value)) {
    throw new Error("Circular reference detected");
  }
  seen.add(value);
  return {
    container: value,
    // null marks an array frame; object frames carry their sorted keys.
    // `sort()`'s default comparator orders by UTF-16 code unit, which is the
    // order JCS requires.
    keys: Array.isArray(value) ? null : Object.keys(value).sort(),
    // Next child to serialize; the frame resumes here after a nested
    // container's subtree completes.
    index: 0,
    // Whether no member has been emitted yet (controls comma placement).
    first: true,
    // toJSON wrappers to release from `seen` when this frame completes.
    wrappers
  };
}
function canonicalize(object2) {
  if (object2 === null || typeof object2 !== "object") {
    return serializePrimitive(object2);
  }
  const seen = /* @__PURE__ */ new Set();
  const root = enterValue(object2, seen);
  if (typeof root !== "object") {
    return root;
  }
  let result = root.keys === null ? "[" : "{";
  const stack = [root];
  outer:
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const container = frame.container;
      if (frame.keys === null) {
        while (frame.index < container.length) {
          const i = frame.index++;
          if (i > 0) {
            result += ",";
          }
          const element = container[i];
          const value = element === void 0 || typeof element === "symbol" || typeof element === "function" ? null : element;
          if (value === null || typeof value !== "object") {
            result += serializePrimitive(value);
            continue;
          }
          const child = enterValue(value, seen);
          if (typeof child !== "object") {
            result += child === void 0 ? "null" : child;
            continue;
          }
          result += child.keys === null ? "[" : "{";
          stack.push(child);
          continue outer;
        }
        result += "]";
      } else {
        const keys2 = frame.keys;
        while (frame.index < keys2.length) {
          const key2 = keys2[frame.index++];
          const value = container[key2];
          if (value === void 0 || typeof value === "symbol" || typeof value === "function") {
            continue;
          }
          if (value === null || typeof value !== "object") {
            if (frame.first) {
              frame.first = false;
            } else {
              result += ",";
            }
            result += serializeString(key2) + ":" + serializePrimitive(value);
            continue;
          }
          const child = enterValue(value, seen);
          if (child === void 0) {
            continue;
          }
          if (frame.first) {
            frame.first = false;
          } else {
            result += ",";
          }
          result += serializeString(key2) + ":";
          if (typeof child !== "object") {
            result += child;
            continue;
          }
          result += child.keys === null ? "[" : "{";
          stack.push(child);
          continue outer;
        }
        result += "}";
      }
      seen.delete(container);
      if (frame.wrappers !== null) {
        for (const wrapper of frame.wrappers) seen.delete(wrapper);
      }
      stack.pop();
    }
  return result;
}

// shared/wire/canonical.ts
var encoder = new TextEncoder();
var decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var MAX_DEPTH = 32;
var invalid = (problem, cause) => new AssentError("RECORD_INVALID", `Not canonical JSON: ${problem}.`, { problem }, cause);
var encodeUtf8 = (text2) => encoder.encode(text2);
function decodeUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw invalid("the bytes are not UTF-8", cause);
  }
}
function checkPlain(value, depth) {
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw invalid(`${value} is not a number that JSON can hold`);
    return;
  }
  if (typeof value !== "object") throw invalid(`a value of type ${typeof value} has no JSON form`);
  if (depth > MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkPlain(value[i], depth + 1);
    return;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw invalid("only plain objects and arrays are allowed");
  for (const member of Object.values(value)) checkPlain(member, depth + 1);
}
function encodeCanonical(value) {
  checkPlain(value, 1);
  return encodeUtf8(canonicalText(value));
}
function canonicalText(value) {
  let text2;
  try {
    text2 = canonicalize(value);
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : "the value cannot be written", cause);
  }
  if (text2 === void 0) throw invalid("the value has no JSON form");
  return text2;
}
function decodeCanonical(bytes) {
  const text2 = decodeUtf8(bytes);
  let value;
  try {
    value = JSON.parse(text2);
  } catch (cause) {
    throw invalid("the text is not JSON", cause);
  }
  if (keysInOrder(value, 1) && JSON.stringify(value) === text2 && !text2.includes("\\ud")) return value;
  checkPlain(value, 1);
  if (canonicalText(value) !== text2) throw invalid("the same value is written otherwise in canonical form");
  return value;
}
function keysInOrder(value, depth) {
  if (typeof value !== "object" || value === null) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => keysInOrder(item, depth + 1));
  let previous;
  for (const key2 of Object.keys(value)) {
    if (previous !== void 0 && previous >= key2) return false;
    previous = key2;
    const member = value[key2];
    if (typeof member === "object" && member !== null && !keysInOrder(member, depth + 1)) return false;
  }
  return true;
}
var HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
function toHex(bytes) {
  let text2 = "";
  for (const byte of bytes) text2 += HEX[byte];
  return text2;
}
var NIBBLES = Uint8Array.from({ length: 128 }, (_, code2) => {
  const value = "0123456789abcdef".indexOf(String.fromCharCode(code2));
  return value === -1 ? 16 : value;
});
function fromHex(text2) {
  const bytes = new Uint8Array(text2.length >> 1);
  let wrong2 = text2.length & 1;
  for (let i = 0; i < bytes.length; i++) {
    const high = NIBBLES[text2.charCodeAt(2 * i)] ?? 16;
    const low = NIBBLES[text2.charCodeAt(2 * i + 1)] ?? 16;
    wrong2 |= (high | low) & 16;
    bytes[i] = high << 4 | low;
  }
  if (wrong2 !== 0) throw new AssentError("RECORD_INVALID", "Not lowercase hexadecimal text with two digits a byte.");
  return bytes;
}

// shared/transparency/bytes.ts
var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
var SEXTET = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));
function concatBytes(...parts) {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
function sameBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
function toBase64(bytes) {
  let text2 = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes[at] << 16 | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0);
    const left = bytes.length - at;
    text2 += ALPHABET[group >> 18] + ALPHABET[group >> 12 & 63];
    text2 += left > 1 ? ALPHABET[group >> 6 & 63] : "=";
    text2 += left > 2 ? ALPHABET[group & 63] : "=";
  }
  return text2;
}
function fromBase64(text2) {
  if (text2.length % 4 !== 0) return void 0;
  const padding = text2.endsWith("==") ? 2 : text2.endsWith("=") ? 1 : 0;
  const letters = text2.length - padding;
  const bytes = new Uint8Array(text2.length / 4 * 3 - padding);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < letters; i++) {
    const value = SEXTET.get(text2[i]);
    if (value === void 0) return void 0;
    held = (held << 6 | value) & 65535;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits & 255;
    }
  }
  return (held & (1 << bits) - 1) === 0 ? bytes : void 0;
}

// shared/transparency/tree.ts
var HASH_BYTES = 32;
var MAX_SIZE = Number.MAX_SAFE_INTEGER;
var isSize = (size) => Number.isSafeInteger(size) && size >= 0;
var leafInput = new Uint8Array(1 + 16 * 1024);
var nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = 1;
function leafHash(p, record) {
  const length = 1 + record.length;
  if (length > leafInput.length) return p.sha256(concatBytes(Uint8Array.of(0), record));
  leafInput.set(record, 1);
  return p.sha256(leafInput.subarray(0, length));
}
function nodeHash(p, left, right) {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    return p.sha256(concatBytes(Uint8Array.of(1), left, right));
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return p.sha256(nodeInput);
}

// shared/transparency/verifier-key.ts
var cosignatureMessage = (time2, text2) => concatBytes(encodeUtf8(`cosignature/v1
time ${time2}
`), text2);
var SCHEMES = {
  1: {
    keyBytes: 32,
    verify: (p, key2, text2, signature2) => signature2.length === 64 && p.verifyEd25519(key2, text2, signature2) ? { time: null } : void 0
  },
  4: {
    keyBytes: 32,
    verify: (p, key2, text2, signature2) => {
      if (signature2.length !== 72) return void 0;
      const time2 = Number(new DataView(signature2.buffer, signature2.byteOffset, 8).getBigUint64(0));
      if (!isSize(time2)) return void 0;
      return p.verifyEd25519(key2, cosignatureMessage(time2, text2), signature2.subarray(8)) ? { time: time2 } : void 0;
    }
  }
};
var verifySignature = (p, key2, text2, signature2) => SCHEMES[key2.type].verify(p, key2.publicKey, text2, signature2);
var invalid2 = (problem) => new AssentError("KEY_INVALID", `Not a verifier key: ${problem}.`, { problem });
var isKeyName = (name) => name !== "" && !/[\p{White_Space}\p{Cc}\p{Cs}+]/u.test(name);
function verifierKey(p, name, type, publicKey) {
  if (!isKeyName(name)) throw invalid2("a name is not empty and has no space and no plus sign");
  if (publicKey.length !== SCHEMES[type].keyBytes) throw invalid2(`type ${type} has ${SCHEMES[type].keyBytes} bytes`);
  const digest = p.sha256(concatBytes(encodeUtf8(`${name}
`), Uint8Array.of(type), publicKey));
  return { name, keyId: toHex(digest.subarray(0, 4)), type, publicKey };
}
var encodeVkey = (key2) => `${key2.name}+${key2.keyId}+${toBase64(concatBytes(Uint8Array.of(key2.type), key2.publicKey))}`;
function parseVkey(p, text2) {
  const [, name, keyId, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text2) ?? [];
  if (name === void 0 || base64 === void 0) throw invalid2("expected name+keyid+base64");
  const bytes = fromBase64(base64);
  if (bytes === void 0 || bytes.length === 0) throw invalid2("its last part is not canonical base64");
  const type = bytes[0];
  if (type !== 1 && type !== 4) throw invalid2(`signature type ${type} is not known here`);
  const key2 = verifierKey(p, name, type, bytes.subarray(1));
  if (key2.keyId !== keyId) throw invalid2(`key id ${keyId} is not that of this name and key, ${key2.keyId}`);
  return key2;
}
function parseVkeyFile(p, bytes) {
  let text2;
  try {
    text2 = decodeUtf8(bytes);
  } catch {
    throw invalid2("the file is not UTF-8");
  }
  if (!text2.endsWith("\n")) throw invalid2("the file does not end with a line feed");
  return parseVkey(p, text2.slice(0, -1));
}
var sameIdentity = (a, b) => a.name === b.name && a.keyId === b.keyId;

// shared/transparency/note.ts
var MAX_SIGNATURES = 100;
var MAX_NOTE_BYTES = 512 * 1024;
var invalid3 = (problem) => new AssentError("CHECKPOINT_INVALID", `Not a valid signed note: ${problem}.`, { problem });
function parseSignatureLine(line, number2) {
  const [dash, name, base64, ...more] = line.split(" ");
  if (dash !== "\u2014" || name === void 0 || base64 === void 0 || more.length > 0 || !isKeyName(name)) {
    throw invalid3(`signature line ${number2} is not "\u2014 name base64"`);
  }
  const bytes = fromBase64(base64);
  if (bytes === void 0) throw invalid3(`signature line ${number2} is not canonical base64`);
  if (bytes.length <= 4) throw invalid3(`signature line ${number2} holds no signature`);
  return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}
function parseNote(bytes) {
  if (bytes.length > MAX_NOTE_BYTES) throw invalid3(`it is longer than ${MAX_NOTE_BYTES} bytes`);
  let note;
  try {
    note = decodeUtf8(bytes);
  } catch {
    throw invalid3("it is not UTF-8");
  }
  if (note.startsWith("\uFEFF")) throw invalid3("it starts with a byte order mark");
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(note)) throw invalid3("it holds a control character");
  if (!note.endsWith("\n")) throw invalid3("it does not end with a line feed");
  const blank = note.lastIndexOf("\n\n");
  if (blank === -1) throw invalid3("it has no blank line before its signatures");
  const lines = note.slice(blank + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw invalid3(`it has more than ${MAX_SIGNATURES} signature lines`);
  return { text: note.slice(0, blank + 1), signatures: lines.map((line, i) => parseSignatureLine(line, i + 1)) };
}
function verifyNote(p, note, keys2) {
  const text2 = encodeUtf8(note.text);
  const signers = [];
  const unknown = [];
  for (const line of note.signatures) {
    const key2 = keys2.find((known) => sameIdentity(known, line));
    if (key2 === void 0) {
      unknown.push(line);
      continue;
    }
    const statement = verifySignature(p, key2, text2, line.signature);
    if (statement === void 0) throw invalid3(`the signature of ${key2.name} (${key2.keyId}) does not verify`);
    signers.push({ name: key2.name, keyId: key2.keyId, type: key2.type, time: statement.time });
  }
  return { signers, unknown };
}

// shared/transparency/policy.ts
var MAX_LINES = 1e3;
var trustLog = (key2) => ({ logs: [key2], witnesses: [], quorum: null });
var MAJORITY = "majority";
function encodePolicy(log, witnesses) {
  const enough = Math.floor(witnesses.length / 2) + 1;
  const names = witnesses.map(({ name }) => name).join(" ");
  const quorum = names === "" ? ["quorum none"] : [`group ${MAJORITY} ${enough} ${names}`, `quorum ${MAJORITY}`];
  return encodeUtf8(
    [
      "# Made by the owner of the log. Compare the keys with those that you have from elsewhere, then it says whom you trust.",
      `log ${encodeVkey(log)}`,
      ...witnesses.map((key2) => `witness ${key2.name} ${encodeVkey(key2)}`),
      ...quorum,
      ""
    ].join("\n")
  );
}
function parsePolicy(p, bytes) {
  const policy = { logs: [], witnesses: [], quorum: null };
  const voices = /* @__PURE__ */ new Map();
  const inGroup = /* @__PURE__ */ new Set();
  let quorums = 0;
  let number2 = 0;
  const invalid8 = (problem, cause) => new AssentError("TRUST_POLICY_INVALID", `Trust policy, line ${number2}: ${problem}.`, { line: `${number2}` }, cause);
  const readKey = (text2, type, others) => {
    let key2;
    try {
      key2 = parseVkey(p, text2 ?? "");
    } catch (cause) {
      throw invalid8(cause instanceof Error ? cause.message.replace(/\.$/, "") : "no verifier key", cause);
    }
    if (key2.type !== type) throw invalid8(`a key of type ${type} is needed here, not ${key2.type}`);
    if (others.some((other) => sameBytes(other.publicKey, key2.publicKey)))
      throw invalid8("the same key is listed twice");
    return key2;
  };
  const define = (voice) => {
    if (voice.name === "none" || voices.has(voice.name)) throw invalid8(`the name ${voice.name} is taken`);
    voices.set(voice.name, voice);
  };
  const named = (name) => {
    const voice = voices.get(name ?? "");
    if (voice === void 0) throw invalid8(`${name ?? "nothing"} is not a witness or group of an earlier line`);
    return voice;
  };
  const readGroup = (name, amount, names) => {
    const members = names.map(named);
    if (name === void 0 || members.length === 0)
      throw invalid8("a group has a name, all, any or a number, and members");
    for (const member of names) {
      if (inGroup.has(member)) throw invalid8(`${member} is a member twice`);
      inGroup.add(member);
    }
    const threshold = amount === "all" ? members.length : amount === "any" ? 1 : Number(amount);
    if (!/^(all|any|[1-9][0-9]*)$/.test(amount ?? "") || threshold > members.length) {
      throw invalid8(`all, any or a number from 1 to ${members.length} is needed, not ${amount}`);
    }
    define({ name, kind: "group", threshold, members });
  };
  const lines = readLines(bytes);
  for (const line of lines) {
    number2++;
    const [word, ...items] = line.split(/[ \t]+/).filter((item) => item !== "");
    if (word === void 0 || word.startsWith("#")) continue;
    if (word === "log" && items.length <= 2) {
      policy.logs.push(readKey(items[0], 1, policy.logs));
    } else if (word === "witness" && items.length >= 2 && items.length <= 3) {
      const key2 = readKey(items[1], 4, policy.witnesses);
      policy.witnesses.push(key2);
      define({ name: items[0], kind: "witness", key: key2 });
    } else if (word === "group") {
      readGroup(items[0], items[1], items.slice(2));
    } else if (word === "quorum" && items.length === 1) {
      if (++quorums > 1) throw invalid8("there is more than one quorum");
      policy.quorum = items[0] === "none" ? null : named(items[0]);
    } else {
      throw invalid8(`${word} with ${items.length} items is not a line of a policy`);
    }
  }
  if (quorums === 0) throw invalid8('the line "quorum ..." is missing; "quorum none" asks for no witness');
  return policy;
}
function readLines(bytes) {
  const invalid8 = (problem) => new AssentError("TRUST_POLICY_INVALID", `Trust policy: ${problem}.`);
  let text2;
  try {
    text2 = decodeUtf8(bytes);
  } catch {
    throw invalid8("it is not UTF-8");
  }
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text2)) throw invalid8("it holds a control character");
  if (!text2.endsWith("\n")) throw invalid8("it does not end with a line feed");
  const lines = text2.slice(0, -1).split("\n");
  if (lines.length > MAX_LINES) throw invalid8(`it has more than ${MAX_LINES} lines`);
  return lines;
}
var hasSpoken = (voice, signers) => voice.kind === "witness" ? signers.some((signer2) => sameIdentity(signer2, voice.key)) : voice.members.filter((member) => hasSpoken(member, signers)).length >= voice.threshold;
function policyAccepts(policy, origin, signers) {
  const byLog = policy.logs.some((log) => log.name === origin && signers.some((signer2) => sameIdentity(signer2, log)));
  return byLog && (policy.quorum === null || hasSpoken(policy.quorum, signers));
}

// shared/transparency/checkpoint.ts
var invalid4 = (problem) => new AssentError("CHECKPOINT_INVALID", `Not a valid checkpoint: ${problem}.`, { problem });
function parseSize(digits) {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(digits)) return void 0;
  const size = Number(digits);
  return isSize(size) ? size : void 0;
}
function parseCheckpoint(bytes) {
  const note = parseNote(bytes);
  const [origin, digits, base64, ...extensions] = note.text.slice(0, -1).split("\n");
  if (origin === void 0 || digits === void 0 || base64 === void 0)
    throw invalid4("it has fewer than three lines");
  if (origin === "" || extensions.includes("")) throw invalid4("one of its lines is empty");
  const size = parseSize(digits);
  if (size === void 0)
    throw invalid4("its second line is not a size: decimal digits without leading zero, below 2^53");
  const root = fromBase64(base64);
  if (root?.length !== HASH_BYTES) throw invalid4("its third line is not the canonical base64 of a 32-byte root");
  return { origin, size, root, note };
}

// shared/transparency/tree-proofs.ts
var half = (n) => Math.floor(n / 2);
var isHash = (bytes) => bytes.length === HASH_BYTES;
function verifyInclusion(p, { leaf, index, size, proof, root }) {
  if (!isSize(index) || !isSize(size) || index >= size || !isHash(leaf)) return false;
  let node = index;
  let last = size - 1;
  let hash3 = leaf;
  for (const sibling of proof) {
    if (last === 0 || !isHash(sibling)) return false;
    if (node % 2 === 1 || node === last) {
      hash3 = nodeHash(p, sibling, hash3);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash3 = nodeHash(p, hash3, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && sameBytes(hash3, root);
}
function verifyConsistency(p, claim2) {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim2;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (!isHash(oldRoot) || !isHash(newRoot) || !proof.every(isHash)) return false;
  if (oldSize === newSize) return proof.length === 0 && sameBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && sameBytes(oldRoot, p.sha256(new Uint8Array(0)));
  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  const [first, ...rest] = node === 0 ? [oldRoot, ...proof] : proof;
  if (first === void 0) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(p, sibling, oldHash);
      newHash = nodeHash(p, sibling, newHash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newHash = nodeHash(p, newHash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && sameBytes(oldHash, oldRoot) && sameBytes(newHash, newRoot);
}

// shared/transparency/proof.ts
var HEADER = "c2sp.org/tlog-proof@v1";
var MAX_HASHES = 53;
var MAX_PROOF_BYTES = MAX_NOTE_BYTES + 128 * 1024;
var invalid5 = (problem) => new AssentError("PROOF_INVALID", `Not a valid proof: ${problem}.`, { problem });
function parseProof(bytes) {
  if (bytes.length > MAX_PROOF_BYTES) throw invalid5(`it is longer than ${MAX_PROOF_BYTES} bytes`);
  let text2;
  try {
    text2 = decodeUtf8(bytes);
  } catch {
    throw invalid5("it is not UTF-8");
  }
  const blank = text2.indexOf("\n\n");
  if (blank === -1) throw invalid5("it has no blank line before its checkpoint");
  const lines = text2.slice(0, blank).split("\n");
  if (lines.shift() !== HEADER) throw invalid5(`its first line is not ${HEADER}`);
  let extra = null;
  if (lines[0]?.startsWith("extra ")) {
    extra = fromBase64(lines.shift().slice("extra ".length)) ?? null;
    if (extra === null) throw invalid5("its extra data is not canonical base64");
  }
  const [word, digits, ...more] = (lines.shift() ?? "").split(" ");
  const index = parseSize(digits ?? "");
  if (word !== "index" || index === void 0 || more.length > 0)
    throw invalid5('the line "index N" is missing or wrong');
  if (lines.length > MAX_HASHES) throw invalid5(`it has more than ${MAX_HASHES} hashes`);
  const hashes = lines.map((line, i) => {
    const hash3 = fromBase64(line);
    if (hash3?.length !== HASH_BYTES) throw invalid5(`hash ${i + 1} is not the canonical base64 of 32 bytes`);
    return hash3;
  });
  return { index, hashes, checkpoint: encodeUtf8(text2.slice(blank + 2)), extra };
}

// shared/transparency/receipt.ts
var refuse = (code2, message) => new AssentError(code2, message);
function checkReceipt(p, parts, logKey) {
  const checkpoint = headOf(p, parts.accepted, logKey);
  const other = headOf(p, parts.aggregated, logKey);
  if (checkpoint.note.text !== other.note.text)
    throw refuse("RECEIPT_UNPROVEN", "The two proofs of the receipt end with different checkpoints.");
  const index = indexOf(p, parts.accepted, checkpoint);
  const outcomeIndex = indexOf(p, parts.aggregated, checkpoint);
  const said = fieldsOf(parts.statement, "statement");
  const ended = fieldsOf(parts.outcome, "outcome");
  const statement = toHex(p.sha256(parts.statement));
  const outcome = toHex(p.sha256(parts.outcome));
  const { study, round: round2, attempt, plan, member, approval, blob, bytes, examples } = said;
  const place2 = { study, round: round2, attempt };
  for (const [name, value] of Object.entries({ ...place2, plan, result: "aggregated" }))
    if (ended[name] !== value) throw differs("The outcome", name, ended[name], value);
  const participants = ended["participants"];
  const own = participants.filter((each) => isFields(each) && each["member"] === member);
  if (own.length !== 1 || !same(own[0], { member, statement, blob, weight: examples }))
    throw refuse(
      "RECEIPT_MISMATCH",
      `The outcome does not count the update of ${shown(member)} once, with its weight.`
    );
  expectRecord("update.accepted", parts.accepted, place2, {
    member,
    statement,
    approval,
    blob,
    bytes,
    weight: examples,
    norm: textOr("a decimal", detailOf(parts.accepted)["norm"])
  });
  const { aggregate, model, metrics } = ended;
  const members = participants.length;
  expectRecord("round.aggregated", parts.aggregated, place2, { plan, outcome, members, aggregate, model, metrics });
  if (outcomeIndex <= index)
    throw refuse("RECEIPT_MISMATCH", "The coordinator\u2019s log counts the update after the aggregate, not before it.");
  const figures = { ...place2, plan, member, statement, outcome, weight: examples, members, aggregate, model };
  return { ...figures, index, outcomeIndex, checkpoint };
}
function signedHead(p, note, logKey) {
  return under("RECEIPT_UNSIGNED", () => {
    const checkpoint = parseCheckpoint(note);
    const { signers } = verifyNote(p, checkpoint.note, [logKey]);
    if (checkpoint.origin !== logKey.name || !signers.some((signer2) => sameIdentity(signer2, logKey)))
      throw refuse("RECEIPT_UNSIGNED", `The checkpoint is of ${checkpoint.origin}, not signed by ${logKey.name}.`);
    return checkpoint;
  });
}
var headOf = (p, { proof }, logKey) => signedHead(p, under("RECEIPT_UNPROVEN", () => parseProof(proof)).checkpoint, logKey);
function indexOf(p, { record, proof }, { size, root }) {
  const { index, hashes } = parseProof(proof);
  if (!verifyInclusion(p, { leaf: leafHash(p, record), index, size, proof: hashes, root }))
    throw refuse("RECEIPT_UNPROVEN", `The proof does not show the record to be number ${index} of the log.`);
  return index;
}
function expectRecord(kind, { record }, place2, detail) {
  const found = fieldsOf(record, "audit record");
  const expected = { v: 1, at: textOr("a time", found["at"]), kind, ...place2, detail };
  if (same(found, expected)) return;
  const flat = ({ detail: inner, ...outer }) => ({ ...outer, ...isFields(inner) ? inner : {} });
  const [has, wants] = [flat(found), flat(expected)];
  const name = [.../* @__PURE__ */ new Set([...Object.keys(wants), ...Object.keys(has)])].find((key2) => !same(has[key2], wants[key2]));
  throw differs(`The coordinator\u2019s record ${kind}`, name ?? "detail", has[name ?? "detail"], wants[name ?? "detail"]);
}
var textOr = (what, value) => typeof value === "string" ? value : what;
var differs = (what, name, has, wants) => refuse("RECEIPT_MISMATCH", `${what} says ${name} ${shown(has)}; it must be ${shown(wants)}.`);
function shown(value) {
  const text2 = value === void 0 ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text2.length > 80 ? `${text2.slice(0, 80)}...` : text2;
}
var isFields = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
function same(a, b) {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))];
  return Array.isArray(a) === Array.isArray(b) && one.length === other.size && one.every(([key2, value]) => other.has(key2) && same(value, other.get(key2)));
}
function fieldsOf(bytes, what) {
  const value = under("RECEIPT_MISMATCH", () => decodeCanonical(bytes));
  if (!isFields(value) || what === "outcome" && !Array.isArray(value["participants"]))
    throw refuse("RECEIPT_MISMATCH", `The ${what} of the receipt is not one.`);
  return value;
}
function detailOf({ record }) {
  const { detail } = fieldsOf(record, "audit record");
  return isFields(detail) ? detail : {};
}
function under(code2, read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AssentError) || error.code === code2) throw error;
    throw new AssentError(code2, error.message, {}, error);
  }
}
function checkHistory(p, a, b, proof) {
  const [older, newer] = a.size <= b.size ? [a, b] : [b, a];
  const claim2 = { oldSize: older.size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root, proof };
  if (verifyConsistency(p, claim2)) return;
  const what = older.size === newer.size ? "have different roots" : "are not shown to be of one history";
  throw refuse(
    "RECEIPT_HISTORY",
    `Two checkpoints of ${older.origin}, of ${older.size} and ${newer.size} records, ${what}.`
  );
}

// shared/transparency/receipt-file.ts
var FORMAT = "assent-receipt/v1";
var MAX_RECEIPT_BYTES = 8 * 1024 * 1024;
var invalid6 = (problem) => new AssentError("EXPORT_INVALID", `Not a receipt: ${problem}.`);
function fields(value, where, ...names) {
  const found = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  if (found.length !== names.length || names.some((name) => !found.includes(name)))
    throw invalid6(`${where} does not have exactly ${names.join(", ")}`);
  return value;
}
function bytesOf(value, where) {
  const bytes = typeof value === "string" ? fromBase64(value) : void 0;
  if (bytes === void 0) throw invalid6(`${where} is not canonical base64`);
  return bytes;
}
function textOf(value, where) {
  if (typeof value !== "string") throw invalid6(`${where} is not a text`);
  return value;
}
var orNull = (value, read) => value === null ? null : read(value);
function signedOf(value, where) {
  const { record, signature: signature2, key: key2 } = fields(value, where, "record", "signature", "key");
  return {
    bytes: bytesOf(record, `${where}.record`),
    signature: bytesOf(signature2, `${where}.signature`),
    key: bytesOf(key2, `${where}.key`)
  };
}
function readLogged(value) {
  const { accepted: accepted2, aggregated, seen, consistency } = fields(
    value,
    "logged",
    "accepted",
    "aggregated",
    "seen",
    "consistency"
  );
  const recordOf = (logged) => {
    const { record, proof } = fields(logged, "logged", "record", "proof");
    return { record: bytesOf(record, "logged.record"), proof: bytesOf(proof, "logged.proof") };
  };
  if (!Array.isArray(consistency)) throw invalid6("logged.consistency is not a list");
  return {
    accepted: orNull(accepted2, recordOf),
    aggregated: orNull(aggregated, recordOf),
    seen: orNull(seen, (note) => bytesOf(note, "logged.seen")),
    consistency: consistency.map((hash3) => bytesOf(hash3, "logged.consistency"))
  };
}
function readRecomputed(value) {
  const { aggregate, model } = fields(value, "recomputed", "aggregate", "model");
  const hash3 = (each) => textOf(each, "recomputed");
  return { aggregate: orNull(aggregate, hash3), model: orNull(model, hash3) };
}
function parseReceiptFile(p, bytes) {
  if (bytes.length > MAX_RECEIPT_BYTES) throw invalid6(`it is longer than ${MAX_RECEIPT_BYTES} bytes`);
  const all = ["format", "log", "statement", "outcome", "logged", "recomputed"];
  const file = fields(decodeCanonical(bytes), "the file", ...all);
  if (file["format"] !== FORMAT) throw invalid6(`its format is not ${FORMAT}`);
  const judged = (value, read) => {
    const { result, code: code2, at, ...evidence } = value;
    if (result !== "verified" && result !== "refused") throw invalid6("its result is neither verified nor refused");
    const why = orNull(code2, (each) => textOf(each, "code"));
    return { result, code: why, at: textOf(at, "at"), evidence: read(evidence) };
  };
  return {
    log: parseVkey(p, textOf(file["log"], "log")),
    statement: signedOf(file["statement"], "statement"),
    outcome: signedOf(file["outcome"], "outcome"),
    logged: orNull(file["logged"], (value) => judged(value, readLogged)),
    recomputed: orNull(file["recomputed"], (value) => judged(value, readRecomputed))
  };
}
var isSigned = (p, kind, { bytes, signature: signature2, key: key2 }) => p.verifyEd25519(key2, concatBytes(encodeUtf8(`assent/${kind}/v1
`), bytes), signature2);
function verifyReceiptFile(p, bytes, policy) {
  try {
    const { log, logged, ...file } = parseReceiptFile(p, bytes);
    if (policy !== null && !policy.logs.some((trusted) => encodeVkey(trusted) === encodeVkey(log)))
      return {
        ok: false,
        message: `The receipt is of the log ${log.name} (${log.keyId}), which is not among those you trust.`
      };
    for (const [kind, name] of [
      ["update", "statement"],
      ["outcome", "outcome"]
    ])
      if (!isSigned(p, kind, file[name]))
        return { ok: false, message: `The signature of the ${name} does not verify.` };
    const { accepted: accepted2 = null, aggregated = null, seen = null, consistency = [] } = logged?.evidence ?? {};
    if (logged === null || accepted2 === null || aggregated === null)
      return { ok: false, message: `The receipt shows nothing of the log (${logged?.code ?? "not there yet"}).` };
    const parts = { statement: file.statement.bytes, outcome: file.outcome.bytes, accepted: accepted2, aggregated };
    const { checkpoint, study, round: round2, attempt, member, ...figures } = checkReceipt(p, parts, log);
    if (seen !== null) checkHistory(p, signedHead(p, seen, log), checkpoint, consistency);
    const { origin, size, root, note } = checkpoint;
    const { signers } = verifyNote(p, note, [log, ...policy?.witnesses ?? []]);
    if (policy !== null && !policyAccepts(policy, origin, signers))
      return { ok: false, message: `The checkpoint of ${origin} lacks the cosignatures that the policy asks for.` };
    if (logged.result === "refused")
      return { ok: false, message: `The institution refused it (${logged.code ?? "no code"}).` };
    const { statement, weight, aggregate, model, index, outcomeIndex } = figures;
    const told = { study, round: round2, attempt, member, statement, weight, aggregate, model, index, outcomeIndex };
    return { ok: true, ...told, origin, size, root: toHex(root), authenticated: policy !== null, signers };
  } catch (error) {
    if (error instanceof AssentError) return { ok: false, message: error.message };
    throw error;
  }
}

// shared/transparency/sense/state.ts
var MOST_FINDINGS = 1e4;
var startKnowledge = (gaps) => ({
  gaps,
  log: null,
  member: null,
  people: /* @__PURE__ */ new Map(),
  keys: /* @__PURE__ */ new Map(),
  setUp: null,
  singleAdmin: false,
  // What a new installation asks of itself until its admins say otherwise.
  rules: { approvals: 2, release: "bounds", factor: 3, rows: 50 },
  policies: /* @__PURE__ */ new Map(),
  studies: /* @__PURE__ */ new Map(),
  rounds: /* @__PURE__ */ new Map(),
  over: /* @__PURE__ */ new Map(),
  claims: [],
  findings: [],
  found: 0
});
function fail(k, index, message, round2 = null) {
  const finding = { index, message };
  k.found++;
  if (k.findings.length < MOST_FINDINGS) k.findings.push(finding);
  round2?.failures.push(finding);
}
function lack(k, index, message, round2 = null) {
  if (!k.gaps) fail(k, index, message, round2);
  else round2?.unseen.add(message);
}
var PREFIXES = /* @__PURE__ */ new Map();
function signedMessage(kind, bytes) {
  let prefix = PREFIXES.get(kind);
  if (prefix === void 0) PREFIXES.set(kind, prefix = encodeUtf8(`assent/${kind}/v1
`));
  return concatBytes(prefix, bytes);
}
function claim(k, about) {
  k.claims.push({ round: null, ...about });
}
var roundName = ({ study, round: round2, attempt }) => `round ${round2}${attempt > 1 ? `, attempt ${attempt},` : ""} of ${study}`;
function roundAt(k, { index, study, round: round2, attempt }) {
  if (study === null || round2 === null) {
    fail(k, index, "names no round");
    return void 0;
  }
  const key2 = `${study}/${round2}/${attempt ?? 1}`;
  let found = k.rounds.get(key2);
  if (found === void 0) {
    const about = { study, round: round2, attempt: attempt ?? 1 };
    const empty = { approvals: [], releaseAsked: [], sealed: [], trained: [], failures: [] };
    found = { ...about, ...empty, offered: null, declined: null, intended: null, unconfirmed: null, unseen: /* @__PURE__ */ new Set() };
    k.rounds.set(key2, found);
  }
  return found;
}
var keyOfRound = ({ study, round: round2, attempt }) => `${study}/${round2}/${attempt}`;
function entitled(k, id, key2, role) {
  const person2 = k.people.get(id);
  return person2?.key === key2 && person2.roles.includes(role) ? person2 : void 0;
}

// shared/transparency/sense/lines.ts
var UNSEEN = "records before it are withheld, and could take an approval or an account back";
function lineOf(round2, outcome, gaps, nameOf) {
  const { study, attempt, intended: intended2, failures, unseen } = round2;
  const approver2 = ({ index, person: person2, key: key2, name, policy }) => ({
    record: index,
    person: person2,
    key: key2,
    name: nameOf(name),
    policy
  });
  const of = (purpose) => round2.approvals.filter((given) => given.purpose === purpose).map(approver2);
  return {
    study,
    round: round2.round,
    attempt,
    outcome,
    record: intended2?.index ?? null,
    bytes: intended2?.bytes ?? null,
    approvals: of("train"),
    releases: of("release"),
    members: [],
    ...verdictOf(failures, unseen, gaps)
  };
}
function lineOfOpen({ study, round: round2, attempt, accepted: accepted2, failures, unseen }, outcome, record, gaps) {
  const said = { approvals: [], releases: [], members: [...accepted2.keys()], bytes: null, record };
  return { study, round: round2, attempt, outcome, ...said, ...verdictOf(failures, unseen, gaps) };
}
function verdictOf(failures, unseen, gaps) {
  if (failures.length > 0)
    return { verdict: "failed", reasons: failures.map(({ index, message }) => `record ${index} ${message}`) };
  const reasons = [...unseen, ...gaps ? [UNSEEN] : []];
  return { verdict: reasons.length > 0 ? "not-shown" : "ok", reasons };
}
var visible = (text2) => text2.replace(
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu,
  (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`
);
var by = ({ person: person2, key: key2, name, policy }) => person2 === null ? `the policy ${(policy ?? "").slice(0, 16)}` : `${name === null ? person2 : `${visible(name)} (${person2})`} with key ${key2.slice(0, 16)}`;
var WORDS = { ok: "ok", "not-shown": "NOT SHOWN", failed: "FAILED" };
function lineInWords(line) {
  const parts = [line.bytes === null ? line.outcome : `${line.outcome}, ${line.bytes} bytes`];
  if (line.approvals.length > 0) parts.push(`approved by ${line.approvals.map(by).join(" and ")}`);
  if (line.releases.length > 0) parts.push(`released by ${line.releases.map(by).join(" and ")}`);
  if (line.members.length > 0) parts.push(`updates of ${line.members.join(", ")}`);
  const about = `${WORDS[line.verdict].padEnd(9)} ${roundName(line)}: ${parts.join("; ")}`;
  return line.reasons.length === 0 ? about : `${about}; ${line.reasons.map(visible).join("; ")}`;
}

// shared/transparency/report.ts
var describe = ({ name, time: time2 }) => time2 === null ? name : `${name} at ${new Date(time2 * 1e3).toISOString().replace(".000", "")}`;
var CONFIRMED = { policy: "confirmed by your policy", fingerprint: "confirmed by the fingerprint that you typed" };
var standing = ({ whose, key: key2, confirmed }) => `Key of ${whose}, ${key2.slice(0, 16)}: ${confirmed === null ? "UNCONFIRMED, it came with the package" : CONFIRMED[confirmed]}`;
function evidenceInWords({ from, to, withheld, openings, keys: keys2, ...rest }, size) {
  const { rounds, signatures: signatures2, verdict } = rest.sense;
  const whole = from === 0 && to === size ? "the whole log" : `records ${from} to ${to - 1} of ${size}`;
  const nothing = "What cannot be judged for that is said to be not shown.";
  return [
    `Shown: ${whole}${withheld > 0 ? `, of which ${withheld} are withheld and stand there by their hash alone. ${nothing}` : ""}`,
    `Rounds: ${rounds.ok} ok, ${rounds.notShown} not shown, ${rounds.failed} failed; ${signatures2} signatures of people and installation checked`,
    ...verdict === "ok" ? [] : ["Not everything could be judged: see the lines marked NOT SHOWN"],
    ...keys2.map(standing),
    `Fingerprint of whose log this is: ${rest.fingerprint}`,
    `The policy that came with the package is ${rest.ownPolicy}`,
    ...openings > 0 ? [`Names and texts opened: ${openings}`] : [],
    ...rest.unvouched.length > 0 ? [`Signed by nobody: ${rest.unvouched.join(", ")}`] : []
  ];
}
function reportInWords(result) {
  const lines = [];
  if (result.ok) {
    const { size, root, origin, authenticated, signers, unconfirmed, evidence } = result;
    const unknown = evidence ? [] : unconfirmed;
    const known = signers.filter((signer2) => !unknown.includes(signer2));
    const word = evidence?.sense.verdict === "not-shown" ? "NOT SHOWN IN FULL" : "OK";
    const content = `${word}: ${size} ${size === 1 ? "record" : "records"} of ${origin}, root ${root}`;
    lines.push(
      authenticated ? `${content}, signed by ${known.map(describe).join(", ")}` : `${content}: consistent, signer not authenticated (give --key or --policy)`
    );
    if (authenticated && unknown.length > 0)
      lines.push(
        `    and by keys that came with the export, which nobody has confirmed: ${unknown.map(describe).join(", ")}`
      );
    if (evidence) lines.push(...evidenceInWords(evidence, size));
  } else {
    lines.push(`FAILED: ${result.where} ${visible(result.message)}`);
    for (const { index, message } of result.sense?.findings.slice(1) ?? [])
      lines.push(`        record ${index} ${visible(message)}`);
    const more = (result.sense?.found ?? 0) - (result.sense?.findings.length ?? 0);
    if (more > 0) lines.push(`        and ${more} more`);
  }
  return lines.map((line) => `${line}
`).join("");
}
function receiptInWords(result) {
  if (!result.ok) return `FAILED: ${result.message}`;
  const { member, round: round2, study, weight, statement, index, outcomeIndex, size, origin, root, signers } = result;
  const content = `record ${index} of ${origin} counts update ${statement} of ${member} in round ${round2} of ${study} with weight ${weight}, and record ${outcomeIndex} its aggregate ${result.aggregate}; ${size} records, root ${root}`;
  return result.authenticated ? `OK: ${content}, signed by ${signers.map(describe).join(", ")}` : `OK: ${content}: consistent, signer not authenticated (give --key or --policy)`;
}

// shared/transparency/export-files.ts
function fault(place2, message) {
  const where = typeof place2 === "number" ? `record ${place2}` : place2;
  const index = typeof place2 === "number" ? { index: `${place2}` } : {};
  return new AssentError("EXPORT_INVALID", `${where}: ${message}`, { where, message, ...index });
}
function readingFrom(place2, parse) {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AssentError && error.code !== "EXPORT_INVALID") throw fault(place2, error.message);
    throw error;
  }
}
async function readFile(files, listing, path, limit) {
  const size = listing.get(path);
  if (size === void 0) throw fault(path, "is missing from the export.");
  if (size > limit) throw fault(path, `is longer than the ${limit} bytes that it may have.`);
  return await files.read(path);
}
async function* readLines2(chunks, limit) {
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      let bytes = chunk.subarray(start, end);
      if (rest.length > 0) {
        bytes = concatBytes(rest, bytes);
        rest = new Uint8Array(0);
      }
      if (bytes.length > limit) {
        yield { bytes, problem: "too long" };
        return;
      }
      yield { bytes, problem: null };
      start = end + 1;
    }
    rest = concatBytes(rest, chunk.subarray(start));
    if (rest.length > limit) {
      yield { bytes: rest, problem: "too long" };
      return;
    }
  }
  if (rest.length > 0) yield { bytes: rest, problem: "no line feed" };
}

// shared/transparency/layout.ts
var ENTRIES_FILE = "entries.jsonl";
var CHECKPOINT_FILE = "checkpoint";
var LOG_KEY_FILE = "log.vkey";
var WITNESS_KEYS_FILE = "witness.vkeys";
var POLICY_FILE = "trust.policy";
var HISTORY_FILE = "checkpoints.jsonl";
var RANGE_FILE = "range";
var KEYS_FILE = "keys.json";
var SIGNED_FILE = "signed.jsonl";
var OPENINGS_FILE = "openings.jsonl";
var README_FILE = "README.txt";
var PROGRAM_FILES = ["verify.html", "verify.mjs"];
var MAX_RECORD_BYTES = 16 * 1024;
var TILE_WIDTH = 256;
function tilePath(tile, width) {
  const digits = String(tile);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const path = padded.replace(/(...)(?=.)/g, "x$1/");
  return `tile/0/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}
var tileWidth = (tile, size) => Math.max(0, Math.min(TILE_WIDTH, size - tile * TILE_WIDTH));
var tileBytes = (width) => width * HASH_BYTES;
var proofIndexDigits = (path) => /^proof\/([0-9]+)\.tlog-proof$/.exec(path)?.[1];

// shared/transparency/frontier.ts
var copyFrontier = (frontier) => ({ size: frontier.size, hashes: [...frontier.hashes] });
function completeSubtrees(start, end) {
  const found = [];
  for (let at = start; at < end; ) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      level++;
    }
    found.push({ level, index: at / width });
    at += width;
  }
  return found;
}
function pushLeaf(p, frontier, leaf) {
  pushSubtree(p, frontier, 0, leaf);
}
function pushSubtree(p, frontier, level, subtree) {
  const width = 2 ** level;
  let hash3 = subtree;
  for (let rest = frontier.size / width; rest % 2 === 1; rest = (rest - 1) / 2)
    hash3 = nodeHash(p, frontier.hashes.pop(), hash3);
  frontier.hashes.push(hash3);
  frontier.size += width;
}
function frontierRoot(p, frontier) {
  if (frontier.size === 0) return p.sha256(new Uint8Array(0));
  return frontier.hashes.reduceRight((right, left) => nodeHash(p, left, right));
}

// shared/transparency/range.ts
var HEADER2 = "assent/range/v1";
var wholeLog = (size) => ({ from: 0, to: size, withheld: 0, left: [], right: [] });
var invalid7 = (problem) => new AssentError("LOG_INVALID", `Not the range of an evidence package: ${problem}.`, { problem });
function parseRange(bytes, size) {
  const text2 = decodeUtf8(bytes);
  if (!text2.endsWith("\n")) throw invalid7("it does not end with a line feed");
  const lines = text2.slice(0, -1).split("\n");
  if (lines.shift() !== HEADER2) throw invalid7(`its first line is not ${HEADER2}`);
  const number2 = (word) => {
    const line = lines.shift() ?? "";
    const value = line.startsWith(`${word} `) ? parseSize(line.slice(word.length + 1)) : void 0;
    if (value === void 0) throw invalid7(`the line "${word} N" is missing or wrong`);
    return value;
  };
  const [from, to, withheld] = [number2("from"), number2("to"), number2("withheld")];
  if (from > to || to > size || from === to && size > 0 || withheld > to - from)
    throw invalid7(`records ${from} to ${to} with ${withheld} withheld are no stretch of a log of ${size}`);
  if (from % TILE_WIDTH !== 0 || to % TILE_WIDTH !== 0 && to !== size)
    throw invalid7(`it is not cut at multiples of ${TILE_WIDTH}`);
  const hashes = (side, count2) => Array.from({ length: count2 }, () => {
    const line = lines.shift() ?? "";
    const hash3 = line.startsWith(`${side} `) ? fromBase64(line.slice(side.length + 1)) : void 0;
    if (hash3?.length !== HASH_BYTES) throw invalid7(`a line "${side} HASH" is missing or wrong`);
    return hash3;
  });
  const left = hashes("left", completeSubtrees(0, from).length);
  const right = hashes("right", completeSubtrees(to, size).length);
  if (lines.length > 0) throw invalid7("it has lines too many");
  return { from, to, withheld, left, right };
}
var frontierBefore = ({ from, left }) => ({ size: from, hashes: [...left] });
function rootAfter(p, frontier, { to, right }, size) {
  completeSubtrees(to, size).forEach(({ level }, i) => pushSubtree(p, frontier, level, right[i]));
  return frontierRoot(p, frontier);
}

// shared/transparency/verify-head.ts
var MAX_KEY_FILE_BYTES = 64 * 1024;
var EVIDENCE_FILES = [
  RANGE_FILE,
  KEYS_FILE,
  SIGNED_FILE,
  OPENINGS_FILE,
  README_FILE,
  ...PROGRAM_FILES
];
function checkSignedCheckpoint(p, where, bytes, keys2) {
  const checkpoint = readingFrom(where, () => parseCheckpoint(bytes));
  const { signers, unknown } = readingFrom(where, () => verifyNote(p, checkpoint.note, keys2.all));
  if (checkpoint.origin !== keys2.log.name) {
    throw fault(
      where,
      `is of the log ${checkpoint.origin}, but ${LOG_KEY_FILE} is the key of ${keys2.log.name}.`
    );
  }
  if (!signers.some((signer2) => sameIdentity(signer2, keys2.log))) {
    throw fault(where, `is not signed by the key of ${LOG_KEY_FILE}.`);
  }
  const [stranger] = unknown;
  if (stranger !== void 0) {
    throw fault(where, `has a signature by ${stranger.name} (${stranger.keyId}), whose key is not in the export.`);
  }
  return { checkpoint, signers };
}
async function readWitnessKeys(p, files, listing) {
  const path = WITNESS_KEYS_FILE;
  if (!listing.has(path)) return [];
  const bytes = await readFile(files, listing, path, MAX_KEY_FILE_BYTES);
  return readingFrom(path, () => {
    const lines = decodeUtf8(bytes).split(/(?<=\n)/);
    return lines.map((line) => parseVkeyFile(p, encodeUtf8(line)));
  });
}
async function checkPolicyFile(p, files, listing, log) {
  const path = POLICY_FILE;
  if (!listing.has(path)) return;
  const bytes = await readFile(files, listing, path, MAX_KEY_FILE_BYTES);
  const { witnesses } = readingFrom(path, () => parsePolicy(p, bytes));
  if (!sameBytes(bytes, encodePolicy(log, witnesses)))
    throw fault(path, "is not the policy of this log and these witnesses.");
}
async function readHead(p, files, listing, policy) {
  const log = await readFile(files, listing, LOG_KEY_FILE, MAX_KEY_FILE_BYTES).then(
    (bytes2) => readingFrom(LOG_KEY_FILE, () => parseVkeyFile(p, bytes2))
  );
  if (log.type !== 1) throw fault(LOG_KEY_FILE, "is not the key of a log but of a witness.");
  if (policy !== null && !policy.logs.some((trusted) => encodeVkey(trusted) === encodeVkey(log))) {
    throw fault(LOG_KEY_FILE, `is the key ${log.name} (${log.keyId}), which is not among those you trust.`);
  }
  await checkPolicyFile(p, files, listing, log);
  const witnesses = await readWitnessKeys(p, files, listing);
  const keys2 = { log, all: [...policy?.logs ?? [], ...policy?.witnesses ?? [], log, ...witnesses] };
  const bytes = await readFile(files, listing, CHECKPOINT_FILE, MAX_NOTE_BYTES);
  const { checkpoint, signers } = checkSignedCheckpoint(p, CHECKPOINT_FILE, bytes, keys2);
  const silent = witnesses.find((key2) => !signers.some((signer2) => sameIdentity(signer2, key2)));
  if (silent !== void 0) {
    throw fault(
      WITNESS_KEYS_FILE,
      `names ${silent.name} (${silent.keyId}), whose signature is not under the checkpoint.`
    );
  }
  if (policy !== null && !policyAccepts(policy, checkpoint.origin, signers)) {
    throw fault(
      CHECKPOINT_FILE,
      `lacks the cosignatures that the policy asks for (${policy.quorum?.name ?? "none"}).`
    );
  }
  return { checkpoint, bytes, keys: keys2, signers };
}
function checkListing(listing, size, { from, to }, isEvidence) {
  const covered = /* @__PURE__ */ new Set([
    CHECKPOINT_FILE,
    LOG_KEY_FILE,
    WITNESS_KEYS_FILE,
    POLICY_FILE
  ]);
  if (!listing.has(ENTRIES_FILE)) throw fault(ENTRIES_FILE, "is missing from the export.");
  covered.add(ENTRIES_FILE);
  const more = isEvidence ? EVIDENCE_FILES : [HISTORY_FILE];
  for (const path of more) covered.add(path);
  for (let tile = from / TILE_WIDTH; tile * TILE_WIDTH < to; tile++) {
    const width = tileWidth(tile, size);
    const path = tilePath(tile, width);
    const length = listing.get(path);
    if (length === void 0) throw fault(path, "is missing from the export.");
    if (length !== tileBytes(width))
      throw fault(path, `has ${length} bytes instead of ${tileBytes(width)}.`);
    covered.add(path);
  }
  const proofs = /* @__PURE__ */ new Map();
  for (const path of listing.keys()) {
    if (covered.has(path)) continue;
    const index = parseSize(proofIndexDigits(path) ?? "");
    if (index === void 0 || index < from || index >= to)
      throw fault(path, "is not covered by the log: nothing vouches for it.");
    proofs.set(index, path);
  }
  return proofs;
}

// shared/transparency/verify-entries.ts
var MAX_HISTORY_LINE = 1024 * 1024;
async function* readHistory(p, files, listing, head) {
  const path = HISTORY_FILE;
  if (!listing.has(path)) return;
  let number2 = 0;
  let previous = -1;
  for await (const line of readLines2(files.stream(path), MAX_HISTORY_LINE)) {
    number2++;
    const where = `${path} line ${number2}`;
    if (line.problem !== null)
      throw fault(where, line.problem === "too long" ? "is too long." : "does not end with a line feed.");
    const text2 = readingFrom(where, () => decodeCanonical(line.bytes));
    if (typeof text2 !== "string") throw fault(where, "is not a JSON string.");
    const { checkpoint } = checkSignedCheckpoint(p, where, encodeUtf8(text2), head.keys);
    const { size, root } = checkpoint;
    if (size <= previous)
      throw fault(where, `is over ${size} records, not more than the ${previous} of the line before.`);
    if (size > head.checkpoint.size) throw fault(where, `is over ${size} records, more than the export holds.`);
    previous = size;
    yield { size, root, where };
  }
  if (number2 === 0) throw fault(path, "is empty.");
}
function readRecord(bytes, index) {
  const record = readingFrom(index, () => decodeCanonical(bytes));
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    throw fault(index, "is not a JSON object.");
  }
  return record;
}
async function checkEntries(p, files, listing, head, range, wanted, observe) {
  const { size, root } = head.checkpoint;
  const leaves = /* @__PURE__ */ new Map();
  const byEntries = frontierBefore(range);
  let withheld = 0;
  let parting = null;
  let surplus2 = false;
  let tile = new Uint8Array(0);
  const history = readHistory(p, files, listing, head);
  let earlier = await history.next();
  const forks = [];
  const compareHistory = async () => {
    if (earlier.done || earlier.value.size !== byEntries.size) return;
    if (!sameBytes(frontierRoot(p, byEntries), earlier.value.root)) forks.push(earlier.value);
    earlier = await history.next();
  };
  let coming;
  const readTile = async (index) => {
    tile = Uint8Array.from(await (coming ?? files.read(tileOf(index, size))));
    const next = index + TILE_WIDTH;
    coming = next < range.to ? files.read(tileOf(next, size)) : void 0;
    coming?.catch(() => {
    });
  };
  const toldLeaf = (index) => {
    const slot = index % TILE_WIDTH;
    return tile.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES);
  };
  await compareHistory();
  for await (const line of readLines2(files.stream(ENTRIES_FILE), MAX_RECORD_BYTES)) {
    const index = byEntries.size;
    if (index === range.to) {
      surplus2 = true;
      break;
    }
    if (line.problem === "too long") throw fault(parting?.index ?? index, "is longer than 16 KiB.");
    if (line.problem !== null) throw fault(parting?.index ?? index, "does not end with a line feed.");
    if (index % TILE_WIDTH === 0) await readTile(index);
    const told = toldLeaf(index);
    const kept = observe === null || line.bytes.length > 0;
    const leaf = kept ? leafHash(p, line.bytes) : told;
    if (!kept) withheld++;
    if (parting === null && !sameBytes(leaf, told)) parting = { index, byTiles: copyFrontier(byEntries) };
    if (parting !== null) pushLeaf(p, parting.byTiles, told);
    else {
      const record = kept ? readRecord(line.bytes, index) : void 0;
      const wait = observe?.(index, record);
      if (wait !== void 0) await wait;
    }
    pushLeaf(p, byEntries, leaf);
    if (wanted.has(index)) leaves.set(index, leaf);
    if (parting === null && !earlier.done) await compareHistory();
  }
  const count2 = byEntries.size;
  if (count2 < range.to) parting ??= { index: count2, byTiles: copyFrontier(byEntries) };
  if (parting !== null) {
    for (let index = count2; index < range.to; index++) {
      if (index % TILE_WIDTH === 0) await readTile(index);
      pushLeaf(p, parting.byTiles, toldLeaf(index));
    }
    throw blame(p, head, range, byEntries, surplus2, parting);
  }
  if (surplus2) throw fault(range.to, `is one too many: the ${covers(range, size)} records.`);
  if (withheld !== range.withheld)
    throw fault(RANGE_FILE, `says that ${range.withheld} records are withheld, but ${withheld} are.`);
  const found = rootAfter(p, byEntries, range, size);
  if (!sameBytes(found, root)) {
    const beside = range.left.length + range.right.length > 0 ? `, with the hashes of ${RANGE_FILE},` : "";
    const these = `these ${range.to - range.from} records${beside} give ${toHex(found)}`;
    throw fault(CHECKPOINT_FILE, `has the root ${toHex(root)}, but ${these}.`);
  }
  const [fork] = forks;
  if (fork !== void 0) {
    throw fault(
      fork.where,
      `has another root than the first ${fork.size} records give: the log was rewritten or forked.`
    );
  }
  return leaves;
}
var covers = ({ to }, size) => to === size ? `checkpoint covers ${size}` : `range ends after ${to}`;
var tileOf = (index, size) => {
  const tile = Math.floor(index / TILE_WIDTH);
  return tilePath(tile, tileWidth(tile, size));
};
function blame(p, { checkpoint }, range, byEntries, surplus2, { index, byTiles }) {
  const { size, root } = checkpoint;
  const path = tileOf(index, size);
  const gives = (frontier) => frontier.size === range.to && sameBytes(rootAfter(p, copyFrontier(frontier), range, size), root);
  const tilesHold = gives(byTiles);
  if (!surplus2 && gives(byEntries)) {
    return fault(
      path,
      `does not hold the leaf hash of record ${index}; the records themselves agree with the checkpoint.`
    );
  }
  const message = index === byEntries.size ? `is missing: the export ends after ${index} records, the ${covers(range, size)}.` : `does not match its leaf hash in ${path}.`;
  return fault(index, tilesHold ? message : `${message} The leaf hashes do not give the checkpoint's root either.`);
}

// shared/transparency/sense/read.ts
var Misread = class extends Error {
  name = "Misread";
};
var wrong = (at, wanted) => new Misread(`${at === "" ? "it" : at} is not ${wanted}`);
var matching = (pattern, wanted) => (value, at) => {
  if (typeof value !== "string" || !pattern.test(value)) throw wrong(at, wanted);
  return value;
};
var text = (value, at) => {
  if (typeof value !== "string") throw wrong(at, "text");
  return value;
};
var hash = matching(/^[0-9a-f]{64}$/, "64 hex digits");
var key = matching(/^[0-9a-f]{64}$/, "a public key");
var signature = matching(/^[0-9a-f]{128}$/, "128 hex digits");
var nonce = matching(/^[0-9a-f]{32}$/, "32 hex digits");
var slug = matching(/^[a-z][a-z0-9-]{0,62}$/, "an id");
var person = matching(/^p-[0-9a-f]{16}$/, "the id of a person");
var code = matching(/^[A-Z][A-Z_]*$/, "a code");
var decimal = matching(/^-?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,3})?$/, "a decimal number");
var TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
var time = (value, at) => {
  const day = typeof value === "string" ? TIME.exec(value)?.[1] : void 0;
  const exists = day !== void 0 && day >= "01" && (day <= "28" || isDay(value));
  if (!exists) throw wrong(at, "a time");
  return value;
};
function isDay(value) {
  const milliseconds = Date.parse(value);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === value;
}
var count = (value, at) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw wrong(at, "a count");
  return value;
};
var number = (least, most = Number.MAX_SAFE_INTEGER) => (value, at) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most)
    throw wrong(at, `a number from ${least}`);
  return value;
};
var flag = (value, at) => {
  if (typeof value !== "boolean") throw wrong(at, "true or false");
  return value;
};
var oneOf = (...values) => (value, at) => {
  if (!values.includes(value)) throw wrong(at, values.join(" or "));
  return value;
};
var orNull2 = (read) => (value, at) => value === null ? null : read(value, at);
var list = (read, least = 0, most = Number.MAX_SAFE_INTEGER) => (value, at) => {
  if (!Array.isArray(value) || value.length < least || value.length > most) throw wrong(at, "a list of that length");
  for (const item of value) read(item, at);
  return value;
};
var anything = (value) => value;
var object = (fields3) => reader(fields3, true);
var some = (fields3) => reader(fields3, false);
function reader(fields3, exact) {
  const names = Object.keys(fields3);
  const read = (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(at, "an object");
    const given = value;
    for (const name of names) {
      if (!Object.hasOwn(given, name)) throw new Misread(`${name} is missing`);
      fields3[name](given[name], name);
    }
    if (exact && Object.keys(given).length > names.length) throw surplus(given, names);
    return given;
  };
  return Object.assign(read, { fields: names, exact });
}
var surplus = (given, names) => new Misread(`${Object.keys(given).find((name) => !names.includes(name))} is not a field that it has`);
var place = number(1);
var HEAD = ["v", "at", "kind", "study", "round", "attempt", "detail"];
var optional = (read, value, at) => value === void 0 ? null : read(value, at);
function readHead2(record) {
  const { v, at, kind, study, round: round2, attempt, detail } = record;
  for (const name of Object.keys(record)) if (!HEAD.includes(name)) throw surplus(record, HEAD);
  if (v !== 1) throw wrong("v", "1");
  return {
    at: time(at, "at"),
    kind: text(kind, "kind"),
    study: optional(slug, study, "study"),
    round: optional(place, round2, "round"),
    attempt: optional(place, attempt, "attempt"),
    detail
  };
}

// shared/transparency/sense/signed-forms.ts
var version = oneOf(1);
var locale = oneOf("en", "zh");
var roles = list(oneOf("steward", "approver", "auditor", "admin"), 0, 4);
var by2 = list(key, 1, 2);
var method = oneOf("password");
var reason = orNull2(hash);
var round = { study: slug, round: number(1), attempt: number(1), plan: hash };
var signer = (...held) => object({ person, key, role: oneOf(...held), method, authenticatedAt: time });
var installation = object({
  person: oneOf(null),
  key,
  role: oneOf("installation"),
  method: oneOf("policy"),
  authenticatedAt: time
});
var approver = signer("approver");
var personOrInstallation = (value, at) => value?.role === "installation" ? installation(value, at) : approver(value, at);
var SIGNED_FORMS = {
  account: object({
    v: version,
    action: oneOf("set-up", "add", "change-roles", "deactivate", "issue-key"),
    person,
    key,
    roles,
    by: by2,
    at: time,
    nonce
  }),
  rules: object({
    v: version,
    approvals: number(1, 9),
    release: object({ when: oneOf("always", "bounds"), norm: decimal }),
    floor: object({ rows: number(1), perClass: number(1) }),
    by: by2,
    at: time,
    nonce
  }),
  approval: object({
    v: version,
    decision: oneOf("approve", "decline"),
    purpose: oneOf("train", "release"),
    ...round,
    studyHash: hash,
    inputModel: hash,
    cohort: list(slug, 1),
    aggregation: text,
    secureAggregation: oneOf(null),
    privacy: oneOf(null),
    snapshot: hash,
    rows: count,
    releases: list(text, 1),
    vectors: list(text, 1),
    maxBytes: count,
    normBound: decimal,
    update: orNull2(object({ blob: hash, bytes: count, norm: decimal })),
    meaning: text,
    locale,
    screen: hash,
    reason,
    signer: personOrInstallation,
    needed: number(1, 9),
    prior: list(hash, 0, 8),
    at: time,
    policy: orNull2(hash),
    notBefore: time,
    notAfter: time,
    nonce
  }),
  revocation: object({
    v: version,
    ...round,
    approval: hash,
    meaning: text,
    locale,
    reason,
    signer: signer("approver", "steward"),
    at: time,
    nonce
  }),
  policy: object({
    v: version,
    study: slug,
    studyHash: hash,
    member: slug,
    bounds: object({
      rounds: number(1),
      attempts: number(1),
      bytes: number(1),
      norm: decimal,
      cohort: number(1),
      hours: orNull2(object({ from: number(0, 23), to: number(1, 24) })),
      epsilon: oneOf(null)
    }),
    meaning: text,
    locale,
    needed: number(2, 9),
    at: time,
    notBefore: time,
    notAfter: time,
    nonce
  }),
  participation: object({
    v: version,
    decision: oneOf("join", "move", "leave"),
    study: slug,
    studyHash: hash,
    member: slug,
    dataset: text,
    snapshot: hash,
    mapping: hash,
    rows: count,
    documents: list(
      object({
        kind: oneOf("ethics-approval", "impact-assessment", "contract", "other"),
        name: hash,
        sha256: hash,
        bytes: count
      }),
      0,
      20
    ),
    meaning: text,
    locale,
    reason,
    signer: signer("steward"),
    at: time,
    nonce
  })
};
var readSigned = (kind, bytes) => SIGNED_FORMS[kind](decodeCanonical(bytes), "");

// shared/transparency/sense/accounts.ts
var ACTIONS = {
  "account.changed": "change-roles",
  "account.deactivated": "deactivate",
  "account.key-issued": "issue-key"
};
function conflict(roles3) {
  if (new Set(roles3).size !== roles3.length) return "names a role twice";
  if (roles3.includes("admin") && roles3.includes("approver")) return "makes an admin an approver";
  if (roles3.includes("auditor") && roles3.length > 1) return "gives an auditor another role";
  return void 0;
}
function checkAdmins(k, index, by3, signatures2, needed, what) {
  const signers = signatures2.map(({ signer: signer2 }) => signer2);
  if (by3.join() !== signers.join()) fail(k, index, `${what} names other signers than have signed it`);
  const admins = /* @__PURE__ */ new Set();
  for (const signer2 of signers) {
    const id = k.keys.get(signer2);
    const person2 = id === void 0 ? void 0 : k.people.get(id);
    if (person2?.key === signer2 && person2.roles.includes("admin")) admins.add(person2.id);
    else lack(k, index, `${what} is signed by the key ${signer2.slice(0, 16)}, which is no admin's then`);
  }
  if (new Set(signers).size !== signers.length) fail(k, index, `${what} is signed by one key twice`);
  if (admins.size < needed) lack(k, index, `${what} is signed by ${admins.size} of ${needed} admins that it takes`);
}
function logSucceeded(k, { index }, detail, bytes) {
  if (k.log !== null && detail.predecessor.log !== k.log)
    fail(k, index, "follows another log than the one that it is in");
  if (detail.kept.size > index) fail(k, index, "keeps more records than there are before it");
  k.log = detail.log;
  const by3 = detail.signatures.map(({ signer: signer2 }) => signer2);
  checkAdmins(k, index, by3, detail.signatures, k.singleAdmin ? 1 : 2, "the successor log");
  if (bytes.length > 0) claimAll(k, index, "succession", bytes, detail.signatures);
}
function claimAll(k, index, kind, bytes, signatures2) {
  const message = signedMessage(kind, bytes);
  for (const { signer: signer2, signature: signature2 } of signatures2)
    claim(k, { index, what: `${kind} by ${signer2.slice(0, 16)}`, key: signer2, message, signature: signature2 });
}
function closeSetUp(k, index) {
  if (k.setUp === null) return;
  const { admins, index: last } = k.setUp;
  k.setUp = null;
  if (admins.length === 1 && !k.singleAdmin)
    lack(k, Math.min(last, index), "is the only admin of the set-up, and no record says that this was chosen");
  if (admins.length > 2) fail(k, last, `is one of ${admins.length} accounts of the set-up; two admins make it`);
}
function accountAdded(k, { index }, detail, bytes) {
  const said = readSigned("account", bytes);
  claimAll(k, index, "account", bytes, detail.signatures);
  const same2 = said.person === detail.person && said.key === detail.key && said.roles.join() === detail.roles.join();
  if (!same2 || said.action !== (detail.setUp ? "set-up" : "add"))
    fail(k, index, "does not say what its signed account says");
  if (k.people.has(detail.person)) fail(k, index, `adds ${detail.person}, who has an account already`);
  if (k.keys.has(detail.key)) fail(k, index, "gives a key to a second person");
  const problem = conflict(detail.roles);
  if (problem !== void 0) fail(k, index, problem);
  if (detail.setUp) {
    if (k.people.size > (k.setUp?.admins.length ?? 0)) fail(k, index, "is a set-up after accounts were made");
    if (said.by.join() !== detail.key || detail.signatures.length !== 1 || detail.signatures[0].signer !== detail.key)
      fail(k, index, "is a set-up that is not signed by its own key alone");
    if (!detail.roles.includes("admin")) fail(k, index, "is a set-up of somebody who is no admin");
    k.setUp = { admins: [...k.setUp?.admins ?? [], detail.person], index };
  } else {
    closeSetUp(k, index);
    checkAdmins(k, index, said.by, detail.signatures, 1, "the account");
  }
  k.people.set(detail.person, { id: detail.person, key: detail.key, roles: detail.roles, name: detail.name });
  k.keys.set(detail.key, detail.person);
}
function accountChanged(k, { index }, kind, detail, bytes) {
  const said = readSigned("account", bytes);
  closeSetUp(k, index);
  claimAll(k, index, "account", bytes, detail.signatures);
  const same2 = said.person === detail.person && said.key === detail.key && said.roles.join() === detail.roles.join();
  if (!same2 || said.action !== ACTIONS[kind]) fail(k, index, "does not say what its signed account says");
  const issued = kind === "account.key-issued";
  checkAdmins(
    k,
    index,
    said.by,
    detail.signatures,
    issued && !k.singleAdmin ? 2 : 1,
    issued ? "the new key" : "the change"
  );
  const problem = conflict(detail.roles);
  if (problem !== void 0) fail(k, index, problem);
  if (kind === "account.deactivated" && detail.roles.length > 0)
    fail(k, index, "deactivates an account and leaves it roles");
  const before = k.people.get(detail.person);
  if (before === void 0) {
    lack(k, index, `changes the account of ${detail.person}, whom no record added`);
  } else if (before.key !== (detail.retired ?? detail.key)) {
    lack(k, index, `is about another key than the one that ${detail.person} has`);
  }
  if (issued && k.keys.has(detail.key)) fail(k, index, "issues a key that somebody had before");
  if (issued && before !== void 0 && before.roles.join() !== detail.roles.join())
    lack(k, index, "changes roles while it issues a key");
  k.people.set(detail.person, { id: detail.person, key: detail.key, roles: detail.roles, name: before?.name ?? "" });
  k.keys.set(detail.key, detail.person);
}
function singleAdmin(k, { index }, detail) {
  const admins = k.setUp?.admins ?? [];
  if (admins.length !== 1 || admins[0] !== detail.person)
    lack(k, index, "says that there is one admin, but does not follow the set-up of that one");
  k.singleAdmin = true;
}
function rulesChanged(k, { index }, detail, bytes) {
  const said = readSigned("rules", bytes);
  closeSetUp(k, index);
  claimAll(k, index, "rules", bytes, detail.signatures);
  const same2 = said.approvals === detail.approvals && said.release.when === detail.release && said.floor.rows === detail.rows && said.floor.perClass === detail.perClass;
  if (!same2) fail(k, index, "does not say what the signed rules say");
  checkAdmins(k, index, said.by, detail.signatures, k.singleAdmin ? 1 : 2, "the change of rules");
  const factor = Number(said.release.norm);
  k.rules = { approvals: detail.approvals, release: detail.release, factor, rows: detail.rows };
}

// shared/transparency/sense/participation.ts
var DAY = 24 * 36e5;
var POLICY_DAYS = 90;
var POLICY_SIGNERS = 2;
function studyDecided(k, { index, study, at }, decision, detail, bytes) {
  const said = readSigned("participation", bytes);
  const message = signedMessage("participation", bytes);
  claim(k, {
    index,
    what: `participation by ${detail.person}`,
    key: detail.signer,
    message,
    signature: detail.signature
  });
  const joins = decision !== "leave";
  const same2 = said.decision === decision && said.study === study && said.studyHash === detail.definition && said.signer.person === detail.person && said.signer.key === detail.signer && (!joins || said.dataset === detail.dataset && said.snapshot === detail.snapshot && said.mapping === detail.mapping) && (!joins || said.rows === detail.rows && said.documents.length === detail.documents) && (joins || said.reason === detail.reason);
  if (!same2) fail(k, index, "does not say what its signed decision says");
  if (k.member !== null && said.member !== k.member.id)
    fail(k, index, `is signed for ${said.member}, another institution`);
  if (said.at > at) fail(k, index, "was signed after it was recorded");
  if (entitled(k, detail.person, detail.signer, "steward") === void 0)
    lack(k, index, `is signed by ${detail.person}, who is no steward with this key then`);
  if (study === null) return;
  const joined = k.studies.get(study);
  if (decision === "move" && (joined === void 0 || joined.left !== null))
    lack(k, index, `moves ${study}, which was not joined`);
  if (joins) {
    const stewards = joined?.left === null ? joined.stewards : /* @__PURE__ */ new Set();
    k.studies.set(study, { stewards: stewards.add(detail.person), left: null, last: joined?.last ?? null });
  } else {
    if (joined === void 0 || joined.left !== null) lack(k, index, `leaves ${study}, which was not joined`);
    else joined.left = index;
  }
}
function policySigned(k, { index, study, at }, detail, bytes) {
  const { policy: hash3, person: person2, signer: key2, signature: signature2 } = detail;
  let policy = k.policies.get(hash3);
  if (policy === void 0) {
    policy = {
      hash: hash3,
      said: readSigned("policy", bytes),
      message: signedMessage("policy", bytes),
      signers: [],
      revokedAt: null,
      replaced: false
    };
    k.policies.set(hash3, policy);
    checkPolicy(k, index, study, policy.said);
  }
  claim(k, { index, what: `policy by ${person2}`, key: key2, message: policy.message, signature: signature2 });
  const { said, signers } = policy;
  if (said.notAfter !== detail.notAfter || said.needed !== detail.needed)
    fail(k, index, "does not say what its policy says");
  if (policy.revokedAt !== null) fail(k, index, "signs a policy that was revoked");
  if (said.at > at) fail(k, index, "was signed after it was recorded");
  if (entitled(k, person2, key2, "approver") === void 0)
    lack(k, index, `is signed by ${person2}, who is no approver with this key then`);
  if (study !== null && k.studies.get(study)?.stewards.has(person2))
    fail(k, index, `is signed by ${person2}, who as steward joined ${study}`);
  if (signers.some((other) => other.person === person2 || other.key === key2))
    fail(k, index, `is the second signature by ${person2}; two people sign a policy`);
  else signers.push({ person: person2, key: key2 });
  if (detail.number !== signers.length)
    lack(k, index, `counts as signature ${detail.number}, but is number ${signers.length}`);
}
function checkPolicy(k, index, study, said) {
  if (said.study !== study) fail(k, index, `is a policy for ${said.study}`);
  if (k.member !== null && said.member !== k.member.id)
    fail(k, index, `is a policy of ${said.member}, another institution`);
  if (said.needed < POLICY_SIGNERS) fail(k, index, "is a policy that fewer than two people sign");
  if (Date.parse(said.notAfter) - Date.parse(said.notBefore) > POLICY_DAYS * DAY)
    fail(k, index, `is a policy for more than ${POLICY_DAYS} days`);
}
function policyRevoked(k, { index }, detail) {
  const policy = k.policies.get(detail.policy);
  if (policy === void 0) lack(k, index, "revokes a policy that nobody signed");
  else {
    policy.revokedAt ??= index;
    policy.replaced = detail.replacedBy !== null;
  }
}
function outsidePolicy(k, { said: policy, revokedAt }, said) {
  const { bounds } = policy;
  const hour = new Date(said.at).getUTCHours();
  if (revokedAt !== null) return `was revoked by record ${revokedAt}`;
  if (policy.study !== said.study || policy.studyHash !== said.studyHash) return "is for another study";
  if (k.member !== null && policy.member !== k.member.id) return "is of another institution";
  if (said.at < policy.notBefore || said.at >= policy.notAfter)
    return `is in force from ${policy.notBefore} to ${policy.notAfter}`;
  if (said.round > bounds.rounds) return `ends with round ${bounds.rounds}`;
  if (said.attempt > bounds.attempts) return `allows ${bounds.attempts} attempts`;
  if (said.maxBytes > bounds.bytes) return `allows ${bounds.bytes} bytes, not ${said.maxBytes}`;
  if (!(Number(said.normBound) <= Number(bounds.norm))) return `allows a norm of ${bounds.norm}, not ${said.normBound}`;
  if (said.cohort.length < bounds.cohort) return `asks for a cohort of ${bounds.cohort}, not ${said.cohort.length}`;
  if (bounds.hours !== null && (hour < bounds.hours.from || hour >= bounds.hours.to))
    return `holds from ${bounds.hours.from} to ${bounds.hours.to} o'clock`;
  return null;
}

// shared/transparency/sense/approvals.ts
var HOUR = 36e5;
var LONGEST = { train: 7 * 24, release: 24 };
function decided(k, place2, decision, detail, bytes) {
  const { index } = place2;
  const round2 = roundAt(k, place2);
  if (round2 === void 0) return;
  const over = k.over.get(keyOfRound(round2));
  if (over !== void 0) fail(k, index, `decides about a round that was over (${over})`);
  const said = readSigned("approval", bytes);
  const message = signedMessage("approval", bytes);
  const by3 = detail.person ?? "the installation";
  claim(k, { index, round: round2, what: `approval by ${by3}`, key: detail.signer, message, signature: detail.signature });
  checkInstallation(k, index, round2, detail, message);
  const difference = differs2(said, decision, detail, place2);
  if (difference !== null) fail(k, index, `says another ${difference} than the approval that was signed`, round2);
  checkTimes(k, index, round2, said, place2.at);
  checkOffer(k, index, round2, said);
  if (detail.person === null) checkAutomatic(k, index, round2, detail, said);
  else checkPerson(k, index, round2, detail.person, detail.signer, detail, said);
  if (decision === "decline") {
    round2.declined ??= { index, person: detail.person };
    return;
  }
  const name = detail.person === null ? null : k.people.get(detail.person)?.name ?? null;
  round2.approvals.push({
    index,
    hash: detail.approval,
    purpose: detail.purpose,
    person: detail.person,
    key: detail.signer,
    name,
    policy: detail.policy,
    asked: detail.person === null ? 1 : k.rules.approvals,
    said,
    revokedAt: null
  });
}
function checkInstallation(k, index, round2, detail, message) {
  if (k.member === null) return lack(k, index, "comes before the institution enrolled", round2);
  const { key: key2 } = k.member;
  const { installation: installation2, signer: signer2, signature: signature2 } = detail;
  if (key2 === signer2 && signature2 === installation2) return;
  claim(k, { index, round: round2, what: "approval by the installation", key: key2, message, signature: installation2 });
}
function differs2(said, decision, detail, { study, round: round2, attempt }) {
  const pairs = [
    ["decision", said.decision, decision],
    ["purpose", said.purpose, detail.purpose],
    ["study", said.study, study],
    ["round", said.round, round2],
    ["attempt", said.attempt, attempt ?? 1],
    ["plan", said.plan, detail.plan],
    ["model", said.inputModel, detail.inputModel],
    ["update", said.update?.blob ?? null, detail.update],
    ["signer", said.signer.key, detail.signer],
    ["person", said.signer.person, detail.person],
    ["policy", said.policy, detail.policy],
    ["reason", said.reason, detail.reason],
    ["end", said.notAfter, detail.notAfter],
    ["number of people", said.needed, detail.needed]
  ];
  return pairs.find(([, a, b]) => a !== b)?.[0] ?? null;
}
function checkTimes(k, index, round2, said, recorded) {
  const hours = (Date.parse(said.notAfter) - Date.parse(said.notBefore)) / HOUR;
  if (hours > LONGEST[said.purpose]) fail(k, index, `lasts more than ${LONGEST[said.purpose]} hours`, round2);
  if (said.at > recorded) fail(k, index, "was signed after it was recorded", round2);
  if (said.signer.authenticatedAt > said.at) fail(k, index, "was signed before the password was typed", round2);
  if (said.purpose === "release" !== (said.update !== null))
    fail(k, index, "is about no update that could be released, or about one before it is there", round2);
}
function checkOffer(k, index, round2, said) {
  const { offered } = round2;
  if (offered === null) return lack(k, index, "decides about a round that was not offered", round2);
  if (said.plan !== offered.plan) fail(k, index, `is for another plan than record ${offered.index} offers`, round2);
  if (said.inputModel !== offered.inputModel)
    fail(k, index, `is for another model than record ${offered.index} offers`, round2);
  if (said.maxBytes > offered.maxBytes) fail(k, index, `allows more bytes than record ${offered.index} offers`, round2);
}
function checkAutomatic(k, index, round2, detail, said) {
  if (said.decision !== "approve") fail(k, index, "is a refusal that no person signed", round2);
  if (said.purpose === "release") fail(k, index, "releases an update that no person saw", round2);
  if (k.member !== null && detail.signer !== k.member.key)
    fail(k, index, "is automatic, but not by the installation", round2);
  if (detail.policy === null) return fail(k, index, "is automatic and names no policy", round2);
  const policy = k.policies.get(detail.policy);
  if (policy === void 0) return lack(k, index, "is automatic under a policy that nobody signed", round2);
  const have = policy.signers.filter(({ person: person2 }) => k.people.get(person2)?.roles.includes("approver")).length;
  const needed = Math.max(policy.said.needed, k.rules.approvals);
  if (have < needed) lack(k, index, `is automatic under a policy that ${have} of ${needed} approvers signed`, round2);
  const outside = outsidePolicy(k, policy, said);
  if (outside !== null) fail(k, index, `is automatic under a policy that ${outside}`, round2);
}
function checkPerson(k, index, round2, person2, key2, detail, said) {
  if (detail.policy !== null) fail(k, index, "is by a person and by a policy", round2);
  if (entitled(k, person2, key2, "approver") === void 0)
    lack(k, index, `is signed by ${person2}, who is no approver with this key then`, round2);
  if (k.studies.get(round2.study)?.stewards.has(person2))
    fail(k, index, `is signed by ${person2}, who as steward joined ${round2.study}`, round2);
  if (said.decision === "decline") return;
  if (detail.needed !== k.rules.approvals)
    lack(k, index, `says that ${detail.needed} people decide, but the rules then ask for ${k.rules.approvals}`, round2);
  const before = round2.approvals.filter((other) => countsBeside(k, other, said));
  if (before.some((other) => other.person === person2 || other.key === key2))
    fail(k, index, `is the second approval by ${person2}`, round2);
  if (detail.number !== before.length + 1)
    lack(k, index, `counts as approval ${detail.number}, but is number ${before.length + 1}`, round2);
  if (said.prior.join() !== before.map(({ hash: hash3 }) => hash3).join())
    lack(k, index, "does not name the approvals that were given before it", round2);
}
function countsBeside(k, { purpose, person: person2, revokedAt, said }, now) {
  const same2 = purpose === now.purpose && said.update?.blob === now.update?.blob && said.snapshot === now.snapshot;
  const may = person2 === null || k.people.get(person2)?.roles.includes("approver") === true;
  return same2 && may && revokedAt === null && now.at < said.notAfter;
}
function revoked(k, place2, detail, bytes) {
  const { index } = place2;
  const said = readSigned("revocation", bytes);
  const message = signedMessage("revocation", bytes);
  const { person: person2, signer: key2, signature: signature2 } = detail;
  claim(k, { index, what: `revocation by ${person2}`, key: key2, message, signature: signature2 });
  const same2 = said.study === place2.study && said.round === place2.round && said.attempt === (place2.attempt ?? 1) && said.plan === detail.plan && said.approval === detail.approval && said.reason === detail.reason && said.signer.person === person2 && said.signer.key === key2;
  if (!same2) fail(k, index, "does not say what its signed revocation says");
  if (said.at > place2.at) fail(k, index, "was signed after it was recorded");
  if (entitled(k, person2, key2, said.signer.role) === void 0)
    lack(k, index, `is signed by ${person2}, who is no ${said.signer.role} with this key then`);
  const name = keyOfRound(said);
  if (k.over.has(name)) return;
  const approval = k.rounds.get(name)?.approvals.find(({ hash: hash3 }) => hash3 === detail.approval);
  if (approval === void 0) lack(k, index, "revokes an approval that was not given");
  else approval.revokedAt ??= index;
}

// shared/transparency/sense/coordinator.ts
var startCoordinator = () => ({ members: /* @__PURE__ */ new Set(), open: /* @__PURE__ */ new Map() });
var placeKey = ({ study, round: round2, attempt }) => `${study ?? ""}/${round2 ?? 0}/${attempt ?? 1}`;
function opened(k, c, place2, { plan }) {
  const { index, study, round: round2, attempt } = place2;
  if (study === null || round2 === null) return fail(k, index, "names no round");
  if (c.open.has(placeKey(place2))) fail(k, index, "opens a round that is open");
  const about = { study, round: round2, attempt: attempt ?? 1, index, plan };
  c.open.set(placeKey(place2), { ...about, decisions: /* @__PURE__ */ new Map(), accepted: /* @__PURE__ */ new Map(), failures: [], unseen: /* @__PURE__ */ new Set() });
}
function decisionReceived(k, c, place2, detail) {
  const { index } = place2;
  const { member, decision, approval } = detail;
  if (!c.members.has(member)) lack(k, index, `is a decision of ${member}, who is no member then`);
  const round2 = c.open.get(placeKey(place2));
  if (round2 === void 0) return lack(k, index, "is a decision about a round that is not open");
  if (decision === "approve") round2.decisions.set(member, approval);
  else if (round2.decisions.get(member) === approval || !round2.accepted.has(member)) round2.decisions.delete(member);
}
function accepted(k, c, place2, detail) {
  const { index } = place2;
  const { member, approval } = detail;
  if (!c.members.has(member)) lack(k, index, `takes an update of ${member}, who is no member then`);
  const round2 = c.open.get(placeKey(place2));
  if (round2 === void 0) return lack(k, index, "takes an update for a round that is not open");
  const approved = round2.decisions.get(member);
  if (approved === void 0)
    lack(k, index, `takes an update of ${member}, who has not approved ${roundName(round2)}`, round2);
  else if (approved !== approval)
    fail(k, index, `takes an update of ${member} under another approval than was announced`, round2);
  if (round2.accepted.has(member)) fail(k, index, `takes a second update of ${member}`, round2);
  round2.accepted.set(member, index);
}
function closed(k, c, place2, plan, members) {
  const { index } = place2;
  const round2 = c.open.get(placeKey(place2));
  if (round2 === void 0) {
    lack(k, index, "ends a round that is not open");
    return void 0;
  }
  c.open.delete(placeKey(place2));
  if (round2.plan !== plan) fail(k, index, `ends another plan than record ${round2.index} opens`, round2);
  if (round2.accepted.size < members)
    lack(k, index, `averages ${members} updates; ${round2.accepted.size} were accepted`, round2);
  return round2;
}

// shared/transparency/sense/forms.ts
var keys = object({ member: key, log: key, witness: key });
var roles2 = list(oneOf("steward", "approver", "auditor", "admin"), 0, 4);
var signatures = list(object({ signer: key, signature }), 1, 2);
var account = { account: hash, person, key, roles: roles2, signatures };
var signed = { signer: key, signature, person };
var decided2 = object({
  purpose: oneOf("train", "release"),
  plan: hash,
  inputModel: hash,
  approval: hash,
  update: orNull2(hash),
  signer: key,
  signature,
  person: orNull2(person),
  installation: signature,
  number: number(1),
  needed: number(1),
  policy: orNull2(hash),
  reason: orNull2(hash),
  notAfter: time
});
var update = object({
  plan: hash,
  approval: hash,
  statement: hash,
  blob: hash,
  bytes: count,
  outbox: count
});
var failed = object({ plan: hash, code });
var undelivered = object({ plan: hash, approval: hash, statement: hash, code });
var FORMS = {
  "log.created": object({ origin: text, log: key, software: text, program: oneOf("node", "coordinator") }),
  /** The log goes on under another key, from the last state of it that was anchored. */
  "log.succeeded": object({
    predecessor: object({ origin: text, log: key, size: count, root: hash }),
    kept: object({ size: count, root: hash }),
    origin: text,
    log: key,
    decision: hash,
    signatures
  }),
  "account.added": object({ ...account, name: hash, setUp: flag }),
  "account.changed": object(account),
  "account.deactivated": object(account),
  "account.key-issued": object({ ...account, retired: key }),
  "account.single-admin": object({ person }),
  "rules.changed": object({
    rules: hash,
    approvals: count,
    release: oneOf("always", "bounds"),
    rows: count,
    perClass: count,
    signatures
  }),
  "enrolment.requested": object({ consortium: slug, member: slug, url: text, coordinator: keys, keys }),
  "study.joined": object({
    definition: hash,
    dataset: text,
    snapshot: hash,
    mapping: hash,
    rows: count,
    record: hash,
    decision: hash,
    documents: count,
    ...signed
  }),
  "study.moved": object({
    definition: hash,
    from: object({ dataset: text, snapshot: hash }),
    to: object({ dataset: text, snapshot: hash }),
    mapping: hash,
    rows: count,
    decision: hash,
    ...signed
  }),
  "study.left": object({
    definition: hash,
    record: hash,
    decision: hash,
    reason: orNull2(hash),
    ...signed
  }),
  "policy.signed": object({
    policy: hash,
    ...signed,
    number: number(1),
    needed: number(2),
    notAfter: time
  }),
  "policy.revoked": object({ policy: hash, person, replacedBy: orNull2(hash) }),
  "round.offered": object({
    plan: hash,
    inputModel: hash,
    members: count,
    maxBytes: count,
    sendBy: time
  }),
  "round.blocked": failed,
  "round.lapsed": failed,
  "round.failed": failed,
  "approval.granted": decided2,
  "approval.declined": decided2,
  "approval.revoked": object({
    plan: hash,
    approval: hash,
    revocation: hash,
    reason: orNull2(hash),
    ...signed
  }),
  "release.requested": object({
    plan: hash,
    update: hash,
    bytes: count,
    norm: decimal,
    why: oneOf("always", "norm")
  }),
  "training.started": object({
    plan: hash,
    approval: hash,
    snapshot: hash,
    run: count,
    why: oneOf("approved", "interrupted")
  }),
  /** How and with what it was trained, too, which says nothing here. */
  "training.finished": some({ snapshot: hash, examples: count, update: hash }),
  "training.failed": object({ plan: hash, approval: hash, run: count, code }),
  "update.sealed": object({
    plan: hash,
    approval: hash,
    statement: hash,
    blob: hash,
    bytes: count,
    norm: decimal
  }),
  "update.intended": update,
  "update.sent": update,
  "update.unconfirmed": undelivered,
  "update.refused": undelivered,
  // The coordinator's log.
  "member.admitted": object({ member: slug, keys, directory: hash, sequence: count }),
  "member.removed": object({
    member: slug,
    directory: hash,
    sequence: count,
    reason: orNull2(hash)
  }),
  "round.opened": object({ plan: hash, inputModel: hash, members: count, sendBy: time }),
  "decision.received": object({
    member: slug,
    decision: oneOf("approve", "decline"),
    approval: hash,
    record: hash
  }),
  "update.accepted": object({
    member: slug,
    statement: hash,
    approval: hash,
    blob: hash,
    bytes: count,
    weight: count,
    norm: decimal
  }),
  "round.aggregated": object({
    plan: hash,
    outcome: hash,
    members: count,
    aggregate: hash,
    model: hash,
    metrics: anything
  }),
  "round.aborted": object({ plan: hash, outcome: hash, reason: text })
};
var isJudged = (kind) => Object.hasOwn(FORMS, kind);

// shared/transparency/sense/updates.ts
function intended(k, place2, detail) {
  const { index, at } = place2;
  const round2 = roundAt(k, place2);
  if (round2 === void 0) return;
  const over = k.over.get(keyOfRound(round2));
  if (over !== void 0) {
    const used = over === "sent" ? ": its approvals are used up" : "";
    return fail(k, index, `sends for ${roundName(round2)}, which was over (${over})${used}`);
  }
  if (round2.intended !== null)
    return fail(k, index, `sends a second time: record ${round2.intended.index} used the approvals up`, round2);
  round2.intended = { ...detail, index };
  const { offered } = round2;
  if (offered === null) lack(k, index, "sends for a round that was not offered", round2);
  else {
    if (detail.plan !== offered.plan)
      fail(k, index, `sends for another plan than record ${offered.index} offers`, round2);
    if (detail.bytes > offered.maxBytes)
      fail(k, index, `sends ${detail.bytes} bytes; record ${offered.index} offers ${offered.maxBytes} at most`, round2);
  }
  if (round2.declined !== null) fail(k, index, `sends although record ${round2.declined.index} declines`, round2);
  const joined = k.studies.get(round2.study);
  if (joined === void 0) lack(k, index, `sends for ${round2.study}, which was not joined`, round2);
  else if (joined.left !== null) fail(k, index, `sends for ${round2.study}, which record ${joined.left} left`, round2);
  const sealed = round2.sealed.find(({ statement }) => statement === detail.statement);
  if (round2.sealed.length > 0 && (sealed?.blob !== detail.blob || sealed.bytes !== detail.bytes))
    fail(k, index, "sends another update than was sealed", round2);
  const training = judge(k, round2, index, at, detail, "train");
  checkTrained(k, round2, index, training);
  if (needsRelease(k, round2, sealed ?? null)) judge(k, round2, index, at, detail, "release");
  const named = round2.approvals.find(({ hash: hash3 }) => hash3 === detail.approval);
  if (named === void 0) lack(k, index, "names an approval that was not given for this round", round2);
}
function needsRelease(k, round2, sealed) {
  const { release, factor } = k.rules;
  const last = k.studies.get(round2.study)?.last ?? null;
  const jumps = sealed !== null && last !== null && Number(sealed.norm) > factor * last.norm;
  return round2.releaseAsked.length > 0 || release === "always" || jumps;
}
function judge(k, round2, index, at, update2, purpose) {
  const given = round2.approvals.filter((approval) => approval.purpose === purpose);
  const why = [];
  const counted = [];
  for (const approval of given) {
    const problem = unfit(k, approval, at, update2) ?? twice(approval, counted);
    if (problem === null) counted.push(approval);
    else why.push(`record ${approval.index} ${problem}`);
  }
  const automatic = counted.some(({ person: person2 }) => person2 === null);
  const needed = automatic ? 1 : counted.at(-1)?.asked ?? k.rules.approvals;
  if (counted.length >= needed) return counted;
  const what = purpose === "train" ? "approvals" : "approvals to release this very update";
  const others = why.length > 0 ? ` (${why.join("; ")})` : "";
  const message = `sends for ${roundName(round2)} with ${counted.length} of ${needed} ${what}${others}`;
  lack(k, index, message, round2);
  return counted;
}
function unfit(k, approval, at, update2) {
  const { said, purpose, revokedAt } = approval;
  if (revokedAt !== null) return `was revoked by record ${revokedAt}`;
  const policy = approval.policy === null ? void 0 : k.policies.get(approval.policy);
  if (policy !== void 0 && policy.revokedAt !== null && !policy.replaced)
    return `rests on a policy that record ${policy.revokedAt} revokes`;
  if (said.plan !== update2.plan) return "is for another plan";
  if (at < said.notBefore) return `holds from ${said.notBefore} on`;
  if (at >= said.notAfter) return `ended at ${said.notAfter}`;
  if (update2.bytes > said.maxBytes) return `allows ${said.maxBytes} bytes`;
  if (purpose === "release" && (said.update?.blob !== update2.blob || said.update.bytes !== update2.bytes))
    return "is for another update";
  return null;
}
var twice = (approval, counted) => counted.some((other) => other.key === approval.key || other.person !== null && other.person === approval.person) ? "is by the same person again" : null;
function checkTrained(k, round2, index, counted) {
  for (const { said, index: approved } of counted) {
    const other = round2.trained.find(({ snapshot }) => snapshot !== said.snapshot);
    if (other !== void 0)
      fail(k, index, `sends what record ${other.index} trained on other data than record ${approved} approves`, round2);
  }
}
function trained(k, place2, { examples }) {
  const round2 = roundAt(k, place2);
  const floor = round2?.trained.at(-1)?.floor ?? k.rules.rows;
  if (round2 !== void 0 && examples < floor)
    lack(k, place2.index, `trains on ${examples} rows; the institution's floor is ${floor}`, round2);
}
function sent(k, place2, detail) {
  const { index } = place2;
  const round2 = roundAt(k, place2);
  if (round2 === void 0) return void 0;
  const over = k.over.get(keyOfRound(round2));
  const { intended: intended2 } = round2;
  if (over !== void 0) fail(k, index, `sends for ${roundName(round2)}, which was over (${over})`);
  else if (intended2 === null) lack(k, index, `sends for ${roundName(round2)} what no record committed to leave`, round2);
  else {
    const same2 = ["plan", "approval", "statement", "blob", "bytes", "outbox"].every(
      (field) => intended2[field] === detail[field]
    );
    if (!same2) fail(k, index, `sends another update than record ${intended2.index} committed to leave`, round2);
  }
  const norm = round2.sealed.find(({ statement }) => statement === detail.statement)?.norm;
  const study = k.studies.get(round2.study);
  if (study !== void 0 && norm !== void 0 && round2.round >= (study.last?.round ?? 0))
    study.last = { round: round2.round, norm: Number(norm) };
  const { unconfirmed } = round2;
  const taken = round2.approvals.find(({ revokedAt }) => revokedAt !== null && revokedAt > (intended2?.index ?? 0));
  if (unconfirmed !== null)
    round2.unseen.add(
      `record ${unconfirmed} gave it up when its approval ended, and record ${index} says that it had left`
    );
  else if (taken !== void 0) fail(k, index, `sends although record ${taken.revokedAt} revokes the approval`, round2);
  return round2;
}

// shared/transparency/sense/walk.ts
var BATCH = 4096;
var MAX_FINDINGS = 100;
function startWalk(p, about, say) {
  const k = startKnowledge(!about.whole);
  const c = startCoordinator();
  const names = /* @__PURE__ */ new Map();
  const nameOf = (commitment) => commitment === null ? null : names.get(commitment) ?? null;
  const counts = { ok: 0, notShown: 0, failed: 0 };
  let waiting = [];
  let signatures2 = 0;
  let last = 0;
  let running = Promise.resolve();
  function flush() {
    const [claims, lines] = [k.claims, waiting];
    [k.claims, waiting] = [[], []];
    signatures2 += claims.length;
    const checked = verifyAll(p, claims);
    const before = running;
    running = (async () => {
      await before;
      (await checked).forEach((ok, i) => {
        const { index, what, round: round2 } = claims[i];
        if (!ok) fail(k, index, `bears a signature that does not verify (${what})`, round2);
      });
      for (const make of lines) {
        const line = make();
        counts[line.verdict === "not-shown" ? "notShown" : line.verdict]++;
        say(line);
      }
    })();
    return before;
  }
  function finish(place2, outcome) {
    const round2 = roundAt(k, place2);
    if (round2 !== void 0) finishRound(round2, outcome);
  }
  function finishRound(round2, outcome) {
    const key2 = keyOfRound(round2);
    k.rounds.delete(key2);
    if (k.over.has(key2)) return;
    k.over.set(key2, outcome);
    const { gaps } = k;
    waiting.push(() => lineOf(round2, outcome, gaps, nameOf));
  }
  const judges = {
    "log.created": (_, { log }) => void (k.log = log),
    "log.succeeded": (place2, detail, signed2) => logSucceeded(k, place2, detail, signed2),
    "account.added": (place2, detail, signed2) => accountAdded(k, place2, detail, signed2),
    "account.changed": (place2, detail, signed2) => accountChanged(k, place2, "account.changed", detail, signed2),
    "account.deactivated": (place2, detail, signed2) => accountChanged(k, place2, "account.deactivated", detail, signed2),
    "account.key-issued": (place2, detail, signed2) => accountChanged(k, place2, "account.key-issued", detail, signed2),
    "account.single-admin": (place2, detail) => singleAdmin(k, place2, detail),
    "rules.changed": (place2, detail, signed2) => rulesChanged(k, place2, detail, signed2),
    "enrolment.requested": ({ index }, { member, keys: keys2 }) => {
      closeSetUp(k, index);
      const same2 = keys2.member === about.keys.member && keys2.witness === about.keys.witness;
      if (!same2) fail(k, index, "enrols with other keys than keys.json has");
      if (k.log !== null && keys2.log !== k.log) fail(k, index, "enrols with another log key than this log has");
      if (k.member !== null && k.member.key !== keys2.member) fail(k, index, "enrols with another key than before");
      k.member = { id: member, key: keys2.member };
    },
    "study.joined": (place2, detail, signed2) => studyDecided(k, place2, "join", { reason: null, ...detail }, signed2),
    "study.moved": (place2, { to, ...detail }, signed2) => studyDecided(k, place2, "move", { reason: null, documents: 0, ...to, ...detail }, signed2),
    "study.left": (place2, detail, signed2) => studyDecided(k, place2, "leave", detail, signed2),
    "policy.signed": (place2, detail, signed2) => policySigned(k, place2, detail, signed2),
    "policy.revoked": (place2, detail) => policyRevoked(k, place2, detail),
    "round.offered": (place2, detail) => {
      const round2 = roundAt(k, place2);
      if (round2 === void 0) return;
      if (round2.offered !== null || k.over.has(keyOfRound(round2)))
        fail(k, place2.index, "offers a round that was offered before", round2);
      else round2.offered = { ...detail, index: place2.index };
    },
    "round.blocked": (place2) => finish(place2, "not sent"),
    "round.lapsed": (place2) => finish(place2, "not sent"),
    "round.failed": (place2) => finish(place2, "not sent"),
    "approval.granted": (place2, detail, signed2) => decided(k, place2, "approve", detail, signed2),
    "approval.declined": (place2, detail, signed2) => {
      decided(k, place2, "decline", detail, signed2);
      finish(place2, "declined");
    },
    "approval.revoked": (place2, detail, signed2) => revoked(k, place2, detail, signed2),
    "release.requested": (place2, detail) => void roundAt(k, place2)?.releaseAsked.push(detail),
    "training.started": (place2, { snapshot }) => void roundAt(k, place2)?.trained.push({ index: place2.index, snapshot, floor: k.rules.rows }),
    "training.failed": (place2) => finish(place2, "not sent"),
    "training.finished": (place2, detail) => trained(k, place2, detail),
    "update.sealed": (place2, detail) => void roundAt(k, place2)?.sealed.push(detail),
    "update.intended": (place2, detail) => intended(k, place2, detail),
    "update.sent": (place2, detail) => {
      const round2 = sent(k, place2, detail);
      if (round2 !== void 0) finishRound(round2, "sent");
    },
    "update.unconfirmed": (place2) => {
      const round2 = roundAt(k, place2);
      if (round2 !== void 0) round2.unconfirmed = place2.index;
    },
    "update.refused": (place2) => finish(place2, "refused"),
    "member.admitted": (_, { member }) => void c.members.add(member),
    "member.removed": ({ index }, { member }) => {
      if (!c.members.delete(member)) lack(k, index, `removes ${member}, who was no member`);
    },
    "round.opened": (place2, detail) => opened(k, c, place2, detail),
    "decision.received": (place2, detail) => decisionReceived(k, c, place2, detail),
    "update.accepted": (place2, detail) => accepted(k, c, place2, detail),
    "round.aggregated": (place2, { plan, members }) => endOpen(place2, plan, members, "aggregated"),
    "round.aborted": (place2, { plan }) => endOpen(place2, plan, 0, "aborted")
  };
  function endOpen(place2, plan, members, outcome) {
    const round2 = closed(k, c, place2, plan, members);
    if (round2 === void 0) return;
    const { gaps } = k;
    waiting.push(() => lineOfOpen(round2, outcome, place2.index, gaps));
  }
  return {
    take(index, record, signed2) {
      last = index;
      if (record === void 0) {
        k.gaps = true;
        return void 0;
      }
      const { kind } = record;
      if (typeof kind !== "string" || !isJudged(kind)) return void 0;
      try {
        const { at, study, round: round2, attempt, detail } = readHead2(record);
        const judge2 = judges[kind];
        judge2({ index, at, study, round: round2, attempt }, FORMS[kind](detail, "detail"), signed2 ?? new Uint8Array(0));
      } catch (error) {
        if (!(error instanceof Misread || error instanceof AssentError && error.code === "RECORD_INVALID"))
          throw error;
        fail(k, index, `cannot be read as ${kind}: ${error.message}`);
      }
      return k.claims.length >= BATCH || waiting.length >= BATCH ? flush() : void 0;
    },
    opened(commitment, value) {
      if (typeof value === "string") names.set(commitment, value);
    },
    async end() {
      closeSetUp(k, Number.MAX_SAFE_INTEGER);
      if (k.log !== null && k.log !== about.keys.log)
        lack(k, last, "is the last of a log whose key, as its records say, is another than signs the checkpoint");
      for (const round2 of k.rounds.values()) finishRound(round2, round2.intended === null ? "open" : "not confirmed");
      for (const round2 of c.open.values()) waiting.push(() => lineOfOpen(round2, "open", null, k.gaps));
      await flush();
      await running;
      const { found } = k;
      const findings = k.findings.toSorted((a, b) => a.index - b.index).slice(0, MAX_FINDINGS);
      const unjudged = k.gaps || counts.notShown > 0;
      const verdict = found > 0 ? "failed" : unjudged ? "not-shown" : "ok";
      return { verdict, rounds: counts, signatures: signatures2, findings, found };
    }
  };
}
async function verifyAll(p, claims) {
  const all = claims.map(({ key: key2, message, signature: signature2 }) => ({
    publicKey: fromHex(key2),
    message,
    signature: fromHex(signature2)
  }));
  if (p.verifyAllEd25519) return p.verifyAllEd25519(all);
  return all.map(({ publicKey, message, signature: signature2 }) => p.verifyEd25519(publicKey, message, signature2));
}

// shared/records/fingerprint.ts
function fingerprint(primitives2, keys2) {
  const first = primitives2.sha256(encodeCanonical({ fingerprint: 1, keys: keys2 }));
  const second = primitives2.sha256(first);
  const bytes = new Uint8Array([...first, ...second]);
  const groups = Array.from({ length: 8 }, (_, group) => {
    let value = 0;
    for (let i = 0; i < 5; i++) value = value * 256 + bytes[group * 5 + i];
    return String(value % 1e5).padStart(5, "0");
  });
  return groups.join(" ");
}
var sameFingerprint = (typed, expected) => typed.replace(/[\s-]/g, "") === expected.replace(/\s/g, "");

// shared/transparency/signed-in.ts
var SIGNED_IN = {
  "log.succeeded": { field: "decision", kind: "succession" },
  "account.added": { field: "account", kind: "account" },
  "account.changed": { field: "account", kind: "account" },
  "account.deactivated": { field: "account", kind: "account" },
  "account.key-issued": { field: "account", kind: "account" },
  "rules.changed": { field: "rules", kind: "rules" },
  "policy.signed": { field: "policy", kind: "policy" },
  "approval.granted": { field: "approval", kind: "approval" },
  "approval.declined": { field: "approval", kind: "approval" },
  "approval.revoked": { field: "revocation", kind: "revocation" },
  "study.joined": { field: "decision", kind: "participation" },
  "study.moved": { field: "decision", kind: "participation" },
  "study.left": { field: "decision", kind: "participation" }
};
function signedName({ kind, detail }) {
  if (typeof kind !== "string" || !Object.hasOwn(SIGNED_IN, kind) || typeof detail !== "object" || detail === null)
    return null;
  const hash3 = detail[SIGNED_IN[kind].field];
  return typeof hash3 === "string" ? hash3 : null;
}

// shared/transparency/verify-evidence.ts
var MAX_SIGNED_LINE = 256 * 1024;
var MAX_OPENING_LINE = 1024 * 1024;
var MAX_TEXT_FILE = 64 * 1024;
var readKeys = object({ member: key, log: key, witness: key });
function linesOf(files, listing, path, limit) {
  const lines = (listing.has(path) ? readLines2(files.stream(path), limit) : none())[Symbol.asyncIterator]();
  let number2 = 0;
  return {
    where: () => `${path} line ${number2}`,
    async next() {
      const found = await lines.next();
      if (found.done === true) return void 0;
      const value = found.value;
      number2++;
      if (value.problem !== null)
        throw fault(
          `${path} line ${number2}`,
          value.problem === "too long" ? "is too long." : "does not end with a line feed."
        );
      return value.bytes;
    }
  };
}
async function* none() {
}
var mentions = (value, text2) => typeof value === "object" && value !== null ? Object.values(value).some((item) => mentions(item, text2)) : value === text2;
async function readEvidence(p, files, listing, head, range, says, say) {
  const keys2 = await readOwnerKeys(files, listing, head);
  const policyBytes = await readFile(files, listing, POLICY_FILE, MAX_TEXT_FILE);
  const own = readingFrom(POLICY_FILE, () => parsePolicy(p, policyBytes));
  if (!sameBytes(policyBytes, encodePolicy(head.keys.log, own.witnesses)))
    throw fault(POLICY_FILE, "is not the policy of this log and these witnesses.");
  const signed2 = linesOf(files, listing, SIGNED_FILE, MAX_SIGNED_LINE);
  const openings = linesOf(files, listing, OPENINGS_FILE, MAX_OPENING_LINE);
  const named = /* @__PURE__ */ new Set();
  const kept = /* @__PURE__ */ new Map();
  const others = /* @__PURE__ */ new Map();
  const walk = startWalk(p, { whole: range.from === 0, keys: keys2 }, say);
  let opening = await nextOpening();
  let opened2 = 0;
  async function nextOpening() {
    const bytes = await openings.next();
    if (bytes === void 0) return void 0;
    return readingFrom(openings.where(), () => readOpening(p, openings.where(), bytes));
  }
  async function signedBytes(index, hash3) {
    const again = kept.get(hash3);
    if (again !== void 0) return again;
    if (named.has(hash3)) throw fault(index, "names a signed record that an earlier one has named.");
    const bytes = await signed2.next();
    if (bytes === void 0)
      throw fault(SIGNED_FILE, `ends before the signed record that record ${index} names.`);
    if (toHex(p.sha256(bytes)) !== hash3)
      throw fault(signed2.where(), `is not the signed record that record ${index} names.`);
    named.add(hash3);
    return bytes;
  }
  async function openWhat(record, bytes) {
    const said = bytes === null ? "" : readingFrom(signed2.where(), () => decodeUtf8(bytes));
    while (opening !== void 0 && (mentions(record, opening.commitment) || said.includes(`"${opening.commitment}"`))) {
      if (record["kind"] === "account.added") walk.opened(opening.commitment, opening.value);
      opened2++;
      opening = await nextOpening();
    }
  }
  async function takeNamed(index, record, hash3) {
    const bytes = hash3 === null ? null : await signedBytes(index, hash3);
    if (hash3 !== null && record["kind"] === "policy.signed") kept.set(hash3, bytes);
    if (opening !== void 0) await openWhat(record, bytes);
    await walk.take(index, record, bytes);
  }
  return {
    observe(index, record) {
      if (record === void 0) return walk.take(index, void 0, null);
      const hash3 = signedName(record);
      noteKeys(others, record);
      return hash3 === null && opening === void 0 ? walk.take(index, record, null) : takeNamed(index, record, hash3);
    },
    async end() {
      if (await signed2.next() !== void 0) throw fault(signed2.where(), "is named by no record that is shown.");
      if (opening !== void 0) throw fault(openings.where(), "opens nothing that a shown record names.");
      const sense = await walk.end();
      return {
        from: range.from,
        to: range.to,
        withheld: range.withheld,
        openings: opened2,
        fingerprint: fingerprint(p, keys2),
        keys: standings(p, head, keys2, others, says),
        ownPolicy: policyAccepts(own, head.checkpoint.origin, head.signers) ? "met" : "not met",
        unvouched: [README_FILE, ...PROGRAM_FILES].filter((path) => listing.has(path)),
        sense
      };
    }
  };
}
async function readOwnerKeys(files, listing, head) {
  const path = KEYS_FILE;
  const bytes = await readFile(files, listing, path, MAX_TEXT_FILE);
  const keys2 = readingFrom(path, () => {
    try {
      return readKeys(decodeCanonical(bytes), "");
    } catch (error) {
      throw fault(path, `does not hold three keys: ${error.message}.`);
    }
  });
  if (keys2.log !== toHex(head.keys.log.publicKey))
    throw fault(path, `has another log key than ${LOG_KEY_FILE}.`);
  return keys2;
}
function readOpening(p, where, bytes) {
  const line = decodeCanonical(bytes);
  const { commitment, salt, value, ...more } = line ?? {};
  const isOpening = typeof commitment === "string" && typeof salt === "string" && value !== void 0;
  if (!isOpening || Object.keys(more).length > 0) throw fault(where, "is no opening: commitment, salt and value.");
  if (toHex(p.sha256(concatBytes(fromHex(salt), encodeCanonical(value)))) !== commitment)
    throw fault(where, "does not open its commitment: the salt or the value was changed.");
  return { commitment, value };
}
function noteKeys(others, { kind, detail }) {
  if (kind !== "enrolment.requested" && kind !== "member.admitted" && kind !== "member.succeeded") return;
  const { member, keys: keys2, coordinator } = detail;
  try {
    if (kind === "enrolment.requested") others.set("the coordinator", readKeys(coordinator, ""));
    else if (typeof member === "string") others.set(member, readKeys(keys2, ""));
  } catch {
  }
}
function standings(p, head, keys2, others, { policy, fingerprints }) {
  const confirmed = /* @__PURE__ */ new Set();
  for (const typed of fingerprints) {
    const found2 = [keys2, ...others.values()].find((known) => sameFingerprint(typed, fingerprint(p, known)));
    if (found2 === void 0)
      throw fault(KEYS_FILE, `holds no keys with the fingerprint ${typed}, nor does a record.`);
    for (const one of Object.values(found2)) confirmed.add(one);
  }
  const trusted = [...policy?.logs ?? [], ...policy?.witnesses ?? []].map(encodeVkey);
  const standing2 = (whose, hex, vkey) => ({
    whose,
    key: hex,
    confirmed: vkey !== null && trusted.includes(vkey) ? "policy" : confirmed.has(hex) ? "fingerprint" : null
  });
  const found = [standing2("log", keys2.log, encodeVkey(head.keys.log)), standing2("installation", keys2.member, null)];
  for (const signer2 of head.signers) {
    const witness = head.keys.all.find(
      (one) => one.type === 4 && one.name === signer2.name && one.keyId === signer2.keyId
    );
    if (witness === void 0) continue;
    const whose = [...others].find(([, { witness: hex }]) => hex === toHex(witness.publicKey))?.[0];
    found.push(
      standing2(
        `witness ${witness.name}${whose === void 0 ? "" : ` (${whose})`}`,
        toHex(witness.publicKey),
        encodeVkey(witness)
      )
    );
  }
  return found;
}

// shared/transparency/verify.ts
var MAX_RANGE_BYTES = 16 * 1024;
async function checkProofs(p, files, listing, head, proofs, leaves) {
  const { size, root } = head.checkpoint;
  for (const [index, path] of proofs) {
    const bytes = await readFile(files, listing, path, MAX_PROOF_BYTES);
    const proof = readingFrom(path, () => parseProof(bytes));
    if (proof.index !== index) throw fault(path, `is a proof for record ${proof.index}.`);
    if (proof.extra !== null) throw fault(path, "has extra data, which nothing vouches for.");
    if (!sameBytes(proof.checkpoint, head.bytes)) throw fault(path, "does not end with the checkpoint of this export.");
    const leaf = leaves.get(index);
    if (!verifyInclusion(p, { leaf, index, size, proof: proof.hashes, root })) {
      throw fault(path, `does not lead from record ${index} to the checkpoint's root.`);
    }
  }
}
async function verifyExport(p, files, policy, { fingerprints = [], say = () => {
} } = {}) {
  try {
    const listing = new Map((await files.list()).map(({ path, size: size2 }) => [path, size2]));
    for (const [path, size2] of listing) if (size2 < 0) throw fault(path, "is not a plain file.");
    const head = await readHead(p, files, listing, policy);
    const { size, root, origin } = head.checkpoint;
    const isEvidence = listing.has(RANGE_FILE);
    const rangeBytes = isEvidence ? await readFile(files, listing, RANGE_FILE, MAX_RANGE_BYTES) : null;
    const range = rangeBytes === null ? wholeLog(size) : readingFrom(RANGE_FILE, () => parseRange(rangeBytes, size));
    const proofs = checkListing(listing, size, range, isEvidence);
    const evidence = isEvidence ? await readEvidence(p, files, listing, head, range, { policy, fingerprints }, say) : null;
    const leaves = await checkEntries(p, files, listing, head, range, proofs, evidence?.observe ?? null);
    const beside = await evidence?.end();
    await checkProofs(p, files, listing, head, proofs, leaves);
    await files.finish?.();
    const [finding] = beside?.sense.findings ?? [];
    if (finding !== void 0) return { ok: false, where: `record ${finding.index}`, ...finding, sense: beside.sense };
    const confirmed = beside?.keys.find(({ whose }) => whose === "log")?.confirmed ?? null;
    const trusted = [...policy?.logs ?? [], ...policy?.witnesses ?? []];
    const unconfirmed = head.signers.filter((signer2) => !trusted.some((key2) => sameIdentity(key2, signer2)));
    const sound = { size, root: toHex(root), origin, signers: head.signers, unconfirmed, proofs: proofs.size };
    return {
      ok: true,
      ...sound,
      authenticated: policy !== null || confirmed !== null,
      ...beside !== void 0 && { evidence: beside }
    };
  } catch (error) {
    if (!(error instanceof AssentError) || error.code !== "EXPORT_INVALID") throw error;
    const { where = "", index, message = error.message } = error.detail;
    return { ok: false, where, index: index === void 0 ? null : Number(index), message };
  }
}

// shared/transparency/crc32.ts
var TABLES = [0, 1, 2, 3].map(() => new Uint32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 3988292384 : value >>> 1;
  TABLES[0][byte] = value;
}
for (let table = 1; table < 4; table++)
  for (let byte = 0; byte < 256; byte++) {
    const before = TABLES[table - 1][byte];
    TABLES[table][byte] = before >>> 8 ^ TABLES[0][before & 255];
  }
var [T0, T1, T2, T3] = TABLES;
function crc32(bytes, before = 0) {
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^= bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
    crc = T3[crc & 255] ^ T2[crc >>> 8 & 255] ^ T1[crc >>> 16 & 255] ^ T0[crc >>> 24];
  }
  for (; at < bytes.length; at++) crc = crc >>> 8 ^ T0[(crc ^ bytes[at]) & 255];
  return ~crc >>> 0;
}

// shared/transparency/zip-format.ts
var LOCAL_SIGNATURE = 67324752;
var CENTRAL_SIGNATURE = 33639248;
var END_SIGNATURE = 101010256;
var END64_SIGNATURE = 101075792;
var LOCATOR_SIGNATURE = 117853008;
var LOCAL_BYTES = 30;
var CENTRAL_BYTES = 46;
var END_BYTES = 22;
var END64_BYTES = 56;
var LOCATOR_BYTES = 20;
var LOCAL_EXTRA_BYTES = 20;
var FULL32 = 4294967295;
var FULL16 = 65535;
var VERSION = 45;
var UTF8 = 2048;
var MADE_BY_UNIX = 3 << 8 | VERSION;
var PLAIN_FILE = 33188;
var DATE = 1 << 5 | 1;
function fields2(...all) {
  const view = new DataView(new ArrayBuffer(all.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of all) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}
var localLength = (path) => LOCAL_BYTES + encodeUtf8(path).length + LOCAL_EXTRA_BYTES;
function localHeader({ path, size, crc }) {
  const name = encodeUtf8(path);
  const about = [
    [4, LOCAL_SIGNATURE],
    [2, VERSION],
    [2, UTF8],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, FULL32],
    [4, FULL32],
    [2, name.length],
    [2, LOCAL_EXTRA_BYTES]
  ];
  return concatBytes(fields2(...about), name, fields2([2, 1], [2, 16], [8, size], [8, size]));
}
function centralHeader({ path, size, crc, offset }) {
  const name = encodeUtf8(path);
  const largeSize = size >= FULL32 ? [[8, size], [8, size]] : [];
  const largeOffset = offset >= FULL32 ? [[8, offset]] : [];
  const large = fields2(...largeSize, ...largeOffset);
  const extra = large.length > 0 ? concatBytes(fields2([2, 1], [2, large.length]), large) : large;
  const about = [
    [4, CENTRAL_SIGNATURE],
    [2, MADE_BY_UNIX],
    [2, VERSION],
    [2, UTF8],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, Math.min(size, FULL32)],
    [4, Math.min(size, FULL32)],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, PLAIN_FILE * 65536],
    [4, Math.min(offset, FULL32)]
  ];
  return concatBytes(fields2(...about), name, extra);
}
function zipEnd(count2, start, length) {
  const end = fields2(
    [4, END_SIGNATURE],
    [2, 0],
    [2, 0],
    [2, Math.min(count2, FULL16)],
    [2, Math.min(count2, FULL16)],
    [4, Math.min(length, FULL32)],
    [4, Math.min(start, FULL32)],
    [2, 0]
  );
  if (count2 < FULL16 && start < FULL32 && length < FULL32) return end;
  const end64 = fields2(
    [4, END64_SIGNATURE],
    [8, END64_BYTES - 12],
    [2, MADE_BY_UNIX],
    [2, VERSION],
    [4, 0],
    [4, 0],
    [8, count2],
    [8, count2],
    [8, length],
    [8, start]
  );
  const locator = fields2([4, LOCATOR_SIGNATURE], [4, 0], [8, start + length], [4, 1]);
  return concatBytes(end64, locator, end);
}

// shared/transparency/zip-read.ts
var THE_ZIP = "zip";
var MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
var CHUNK = 1024 * 1024;
var SAFE_PATH = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
var MAX_PATH = 100;
var OTHERWISE = "Unpack it and check the folder, if a program of yours packed it again.";
var bad = (problem) => fault(THE_ZIP, `${problem}.`);
var viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
async function readEnd(source) {
  const { size } = source;
  if (size < END_BYTES) throw bad("is no zip: it is too short");
  const end = viewOf(await source.read(size - END_BYTES, size));
  if (end.getUint32(0, true) !== END_SIGNATURE) throw bad("does not end as a zip without a comment does");
  let [count2, length, start] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  const before = size - END_BYTES - LOCATOR_BYTES - END64_BYTES;
  if ((count2 === 65535 || length === 4294967295 || start === 4294967295) && before >= 0) {
    const end64 = viewOf(await source.read(before, before + END64_BYTES));
    [count2, length, start] = [32, 40, 48].map((at) => Number(end64.getBigUint64(at, true)));
  }
  if (length > MAX_DIRECTORY_BYTES || count2 * CENTRAL_BYTES > length) throw bad("has a directory of a wrong size");
  const expected = zipEnd(count2, start, length);
  const from = start + length;
  if (from + expected.length !== size || !sameBytes(await source.read(from, size), expected))
    throw bad(`does not end as an evidence zip does: something was added, cut off or put in between. ${OTHERWISE}`);
  return { count: count2, start, length };
}
async function readDirectory(source) {
  const { count: count2, start, length } = await readEnd(source);
  const directory = await source.read(start, start + length);
  const view = viewOf(directory);
  const entries = /* @__PURE__ */ new Map();
  const folded = /* @__PURE__ */ new Set();
  let at = 0;
  let offset = 0;
  for (let number2 = 0; number2 < count2; number2++) {
    if (at + CENTRAL_BYTES > length || view.getUint32(at, true) !== CENTRAL_SIGNATURE)
      throw bad(`has a broken directory at its file ${number2 + 1}`);
    const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const nameAt = at + CENTRAL_BYTES;
    const next = nameAt + nameLength + extraLength;
    if (next > length) throw bad(`has a broken directory at its file ${number2 + 1}`);
    const name = directory.subarray(nameAt, nameAt + Math.min(nameLength, MAX_PATH + 1));
    const path = String.fromCharCode(...name);
    if (path.length > MAX_PATH || !SAFE_PATH.test(path))
      throw bad(`has a file under a path that is not safe: ${JSON.stringify(path.slice(0, MAX_PATH))}`);
    if (folded.has(path.toLowerCase())) throw fault(path, "is in the zip twice.");
    if (view.getUint16(at + 10, true) !== 0) throw fault(path, `is packed; evidence is stored as it is. ${OTHERWISE}`);
    let size = view.getUint32(at + 24, true);
    if (size === 4294967295 && extraLength >= 12) size = Number(view.getBigUint64(nameAt + nameLength + 4, true));
    const entry = { path, size, crc: view.getUint32(at + 16, true), offset };
    if (!sameBytes(centralHeader(entry), directory.subarray(at, next)))
      throw fault(path, `does not stand in the zip as evidence does: it overlaps, is moved or marked. ${OTHERWISE}`);
    entries.set(path, entry);
    folded.add(path.toLowerCase());
    offset += localLength(path) + size;
    at = next;
  }
  if (at !== length || offset !== start) throw bad("holds bytes that belong to no file");
  return entries;
}
function zipFiles(source) {
  let entries = /* @__PURE__ */ new Map();
  const checked = /* @__PURE__ */ new Set();
  const entryOf = (path) => {
    const entry = entries.get(path);
    if (entry === void 0) throw fault(path, "is missing from the export.");
    return entry;
  };
  const checkHeader = (entry, header) => {
    if (!sameBytes(header, localHeader(entry)))
      throw fault(entry.path, "has another name, size or checksum before its bytes than in the directory of the zip.");
  };
  const checkSum = (entry, crc) => {
    if (crc !== entry.crc) throw fault(entry.path, "does not have the checksum that the zip gives for it.");
    checked.add(entry.path);
  };
  async function* stream(path) {
    const entry = entryOf(path);
    const start = entry.offset + localLength(path);
    checkHeader(entry, await source.read(entry.offset, start));
    let crc = 0;
    const piece = (at) => source.read(start + at, start + Math.min(at + CHUNK, entry.size));
    let coming = entry.size > 0 ? piece(0) : void 0;
    for (let at = CHUNK; coming !== void 0; at += CHUNK) {
      const bytes = await coming;
      coming = at < entry.size ? piece(at) : void 0;
      coming?.catch(() => {
      });
      crc = crc32(bytes, crc);
      yield bytes;
    }
    checkSum(entry, crc);
  }
  return {
    async list() {
      entries = await readDirectory(source);
      return [...entries.values()].map(({ path, size }) => ({ path, size }));
    },
    async read(path) {
      const entry = entryOf(path);
      const header = localLength(path);
      const bytes = await source.read(entry.offset, entry.offset + header + entry.size);
      checkHeader(entry, bytes.subarray(0, header));
      const content = bytes.subarray(header);
      checkSum(entry, crc32(content));
      return content;
    },
    stream,
    async finish() {
      for (const path of entries.keys()) if (!checked.has(path)) for await (const _ of stream(path)) continue;
    }
  };
}

// platform/crypto.ts
import * as nodeCrypto from "node:crypto";
var plain = (buffer) => new Uint8Array(buffer);
var sha256 = (bytes) => plain(nodeCrypto.hash("sha256", bytes, "buffer"));
function createSha256() {
  const hash3 = nodeCrypto.createHash("sha256");
  return { update: (bytes) => void hash3.update(bytes), digest: () => plain(hash3.copy().digest()) };
}
var hmacSha256 = (key2, bytes) => plain(nodeCrypto.createHmac("sha256", key2).update(bytes).digest());
function hkdfSha256(secret, salt, info, length) {
  if (length > 255 * 32) throw new AssentError("INTERNAL", `HKDF-SHA-256 gives at most 8160 bytes, not ${length}.`);
  const pseudorandom = hmacSha256(salt.length === 0 ? new Uint8Array(32) : salt, secret);
  const blocks = [];
  let block = new Uint8Array(0);
  for (let counter = 1; blocks.length * 32 < length; counter++) {
    block = hmacSha256(pseudorandom, concatBytes(block, info, Uint8Array.of(counter)));
    blocks.push(block);
  }
  return concatBytes(...blocks).slice(0, length);
}
var NONCE_BYTES = 12;
var TAG_BYTES = 16;
function sealAes256Gcm(key2, plaintext, aad) {
  const nonce2 = randomBytes2(NONCE_BYTES);
  const cipher = nodeCrypto.createCipheriv("aes-256-gcm", key2, nonce2, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  const body = cipher.update(plaintext);
  return concatBytes(nonce2, body, cipher.final(), cipher.getAuthTag());
}
function openAes256Gcm(key2, sealed, aad) {
  const end = sealed.length - TAG_BYTES;
  if (end < NONCE_BYTES) throw unopened();
  const options = { authTagLength: TAG_BYTES };
  const decipher = nodeCrypto.createDecipheriv("aes-256-gcm", key2, sealed.subarray(0, NONCE_BYTES), options);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = plain(decipher.update(sealed.subarray(NONCE_BYTES, end)));
  try {
    decipher.final();
  } catch (cause) {
    throw unopened(cause);
  }
  return plaintext;
}
var unopened = (cause) => new AssentError(
  "CIPHERTEXT_INVALID",
  "Sealed bytes do not open: they were changed, or this is not their key.",
  {},
  cause
);
var PUBLIC_PREFIX = fromHex("302a300506032b6570032100");
var PRIVATE_PREFIX = fromHex("302e020100300506032b657004220420");
var MAX_CACHED_KEYS = 256;
var publicKeys = /* @__PURE__ */ new Map();
function publicKeyObject(publicKey) {
  const id = toHex(publicKey);
  const cached = publicKeys.get(id);
  if (cached !== void 0) return cached;
  const der = Buffer.from(concatBytes(PUBLIC_PREFIX, publicKey));
  const key2 = nodeCrypto.createPublicKey({ key: der, format: "der", type: "spki" });
  if (publicKeys.size >= MAX_CACHED_KEYS) publicKeys.delete(publicKeys.keys().next().value);
  publicKeys.set(id, key2);
  return key2;
}
function privateKeyObject(seed) {
  if (seed.length !== 32) throw new AssentError("KEY_INVALID", `An Ed25519 seed has 32 bytes, not ${seed.length}.`);
  const der = Buffer.from(concatBytes(PRIVATE_PREFIX, seed));
  const key2 = nodeCrypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  return key2;
}
function ed25519PublicKey(seed) {
  const spki = nodeCrypto.createPublicKey(privateKeyObject(seed)).export({ format: "der", type: "spki" });
  return plain(spki.subarray(PUBLIC_PREFIX.length));
}
var signEd25519 = (seed, message) => plain(nodeCrypto.sign(null, message, privateKeyObject(seed)));
function verifyEd25519(publicKey, message, signature2) {
  if (publicKey.length !== 32 || signature2.length !== 64) return false;
  try {
    return nodeCrypto.verify(null, message, publicKeyObject(publicKey), signature2);
  } catch {
    return false;
  }
}
var VERIFYING = 16;
async function verifyAllEd25519(claims) {
  const answers = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < claims.length; i = next++) answers[i] = await verifyBeside(claims[i]);
  };
  await Promise.all(Array.from({ length: VERIFYING }, lane));
  return answers;
}
var verifyBeside = ({ publicKey, message, signature: signature2 }) => new Promise((resolve) => {
  if (publicKey.length !== 32 || signature2.length !== 64) return resolve(false);
  try {
    const key2 = publicKeyObject(publicKey);
    nodeCrypto.verify(null, message, key2, signature2, (error, ok) => resolve(error === null && ok));
  } catch {
    resolve(false);
  }
});
var randomBytes2 = (length) => plain(nodeCrypto.randomBytes(length));
function selfTest() {
  const check = (name, ok) => {
    if (!ok) throw new AssentError("INTERNAL", `The cryptography of this platform fails its self-test: ${name}.`);
  };
  const gives = (name, value, expected) => check(name, sameBytes(value, fromHex(expected)));
  const abc = encodeUtf8("abc");
  const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  gives("SHA-256", sha256(abc), digest);
  const pieces = createSha256();
  for (const byte of abc) pieces.update(Uint8Array.of(byte));
  gives("SHA-256 in pieces", pieces.digest(), digest);
  const hmac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  gives("HMAC-SHA-256", hmacSha256(encodeUtf8("Jefe"), encodeUtf8("what do ya want for nothing?")), hmac);
  const [salt, info] = [fromHex("000102030405060708090a0b0c"), fromHex("f0f1f2f3f4f5f6f7f8f9")];
  const okm = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
  gives("HKDF-SHA-256", hkdfSha256(new Uint8Array(22).fill(11), salt, info, 42), okm);
  const key2 = fromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const aad = fromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const sealed = fromHex(
    "cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
  );
  const opened2 = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
  gives("AES-256-GCM", openAes256Gcm(key2, sealed, aad), opened2);
  gives("AES-256-GCM, sealing", openAes256Gcm(key2, sealAes256Gcm(key2, abc, aad), aad), toHex(abc));
  const seed = fromHex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  const message = fromHex("af82");
  const signature2 = fromHex(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
  );
  const publicKey = ed25519PublicKey(seed);
  gives("Ed25519 key", publicKey, "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  gives("Ed25519 signature", signEd25519(seed, message), toHex(signature2));
  check("Ed25519 verification", verifyEd25519(publicKey, message, signature2));
  check("Ed25519 refusal", !verifyEd25519(publicKey, abc, signature2));
}
var primitives = { sha256, verifyEd25519, verifyAllEd25519 };

// platform/assent-verify.ts
var USAGE = `usage: assent-verify <folder, evidence zip or receipt file> [--key VKEY-OR-FILE | --policy FILE] [--fingerprint DIGITS]
                     [--json]

Checks every byte of an exported audit log: its records, leaf hashes, checkpoint, proofs and signatures. Of an evidence package
also the sense: who was entitled, and that enough people approved exactly what left, before it left. One line a round. Of a receipt:
that the coordinator's log counts the update and names the outcome; the key is then that of the coordinator's log.
  --key          the log's key, as text (name+id+base64) or as a file, from somewhere you trust, not from the package
  --policy       a trust policy: logs, witnesses, and how many witnesses must have signed (c2sp.org/tlog-policy)
  --fingerprint  of the institution or coordinator, as read aloud: eight groups of five digits. May be given more than once
  --json         one JSON object instead of words
Ends with 0 when all is sound, 1 when something is not, 2 when it was called wrongly, 3 when nothing is wrong in what is shown
but something cannot be judged, because it is not.
`;
function exportFolder(folder) {
  const at = (path) => join(folder, ...path.split("/"));
  return {
    async list() {
      const found = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = found.filter((entry) => !entry.isDirectory());
      const listed = [];
      for (const entry of files) {
        const full = join(entry.parentPath, entry.name);
        const path = relative(folder, full).split(sep).join("/");
        listed.push({ path, size: entry.isFile() ? (await stat(full)).size : -1 });
      }
      return listed;
    },
    read: (path) => readFile2(at(path)),
    stream: (path) => createReadStream(at(path), { highWaterMark: 256 * 1024 })
  };
}
function fileSource(file, size) {
  return {
    size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error("the file became shorter while it was read");
        at += bytesRead;
      }
      return bytes;
    }
  };
}
var OPENING_BRACE = 123;
async function openPackage(path) {
  const about = await stat(path);
  if (about.isDirectory()) return { files: exportFolder(path), close: () => Promise.resolve() };
  const file = await open(path);
  const source = fileSource(file, about.size);
  const start = await source.read(0, Math.min(4, about.size));
  if (start[0] === OPENING_BRACE) {
    const receipt = await source.read(0, Math.min(MAX_RECEIPT_BYTES + 1, about.size));
    await file.close();
    return { receipt };
  }
  if (String.fromCharCode(...start.subarray(0, 2)) === "PK")
    return { files: zipFiles(source), close: () => file.close() };
  await file.close();
  throw new Error(`${path} is not a folder, no zip and no receipt`);
}
function readOptions(args) {
  const options = { path: "", key: null, policy: null, fingerprints: [], json: false };
  const left = [...args];
  while (left.length > 0) {
    const word = left.shift();
    if (word === "--json") options.json = true;
    else if (word === "--fingerprint" && left.length > 0) options.fingerprints.push(left.shift());
    else if ((word === "--key" || word === "--policy") && left.length > 0) {
      const name = word === "--key" ? "key" : "policy";
      if (options[name] !== null) return null;
      options[name] = left.shift();
    } else if (!word.startsWith("-") && options.path === "") options.path = word;
    else return null;
  }
  return options.path === "" || options.key !== null && options.policy !== null ? null : options;
}
async function readTrust({ key: key2, policy }) {
  if (policy !== null) return parsePolicy(primitives, await readFile2(policy));
  if (key2 === null) return null;
  const isText = /^[^+]+\+[0-9a-f]{8}\+/.test(key2);
  return trustLog(isText ? parseVkey(primitives, key2) : parseVkeyFile(primitives, await readFile2(key2)));
}
async function verifyCommand(args, say) {
  if (args.includes("--help") || args.includes("-h")) return { code: 0, out: USAGE, err: "" };
  const options = readOptions(args);
  if (options === null) return { code: 2, out: "", err: USAGE };
  let trust;
  let opened2;
  try {
    trust = await readTrust(options);
    opened2 = await openPackage(options.path);
  } catch (error) {
    return { code: 2, out: "", err: `assent-verify: ${error instanceof Error ? error.message : String(error)}
` };
  }
  selfTest();
  if ("receipt" in opened2) {
    const result2 = verifyReceiptFile(primitives, opened2.receipt, trust);
    const out = `${options.json ? JSON.stringify(result2) : receiptInWords(result2)}
`;
    return { code: result2.ok ? 0 : 1, out, err: "" };
  }
  const rounds = [];
  let lines = "";
  const hear = (line) => {
    if (options.json) rounds.push(line);
    else if (say) say(lineInWords(line));
    else lines += `${lineInWords(line)}
`;
  };
  const { fingerprints } = options;
  const result = await verifyExport(primitives, opened2.files, trust, { fingerprints, say: hear }).catch(
    (error) => {
      const problem = error instanceof Error ? error.message : String(error);
      return { ok: false, where: options.path, index: null, message: `cannot be read: ${problem}` };
    }
  );
  await opened2.close();
  const unseen = result.ok && result.evidence?.sense.verdict === "not-shown";
  const withRounds = (result.ok ? result.evidence : result.sense) === void 0 ? result : { ...result, rounds };
  const said = options.json ? `${JSON.stringify(withRounds)}
` : `${lines}${reportInWords(result)}`;
  return { code: !result.ok ? 1 : unseen ? 3 : 0, out: said, err: "" };
}
if (true) {
  const { code: code2, out, err } = await verifyCommand(
    process.argv.slice(2),
    (line) => void process.stdout.write(`${line}
`)
  );
  process.stdout.write(out);
  process.stderr.write(err);
  process.exitCode = code2;
}
export {
  exportFolder,
  verifyCommand
};
