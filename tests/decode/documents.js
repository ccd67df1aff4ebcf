// Generates bodies for a decoder: valid ones in every spelling, and invalid ones made from them. The same seed gives the
// same bodies.

/** A small generator of random numbers (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  const chance = (one) => below(one) === 0;
  const pick = (list) => list[below(list.length)];
  return { below, chance, pick };
}

const CHARS = [
  ..."abcXYZ019 -_./:",
  "é",
  "ß",
  "ÿ",
  "Ā",
  "߿",
  "ࠀ",
  "日",
  "本",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "😀",
  "𐀀",
  "\u{10ffff}",
  "\u2028",
  "\u007f",
  "\u0080",
  '"',
  "\\",
  "\n",
  "\t",
  "\b",
  "\f",
  "\r",
  "\u0000",
  "\u001f",
  "\ufeff",
];
const NAMES = [
  "id",
  "name",
  "runner_type",
  "status",
  "tags",
  "created_at",
  "updated_at",
  "runners",
  "total",
  "message",
  "__proto__",
  "constructor",
  "ID",
  "i",
  "idd",
  "id\u0000",
  "",
  "updated_at_",
  "a_name_longer_than_any_that_is_known",
  "sixteen_letters_",
  "fifteen_letters",
];
const TAGS = [
  "gpu",
  "a100",
  "eu-west",
  "plus",
  "pro",
  "active",
  "disabled",
  "",
  "a-tag-of-sixteen",
  "a-tag-of-more-than-sixteen",
  "日本",
  "é",
  "x".repeat(40),
];

/** Text that is JSON, or nearly, in many spellings. */
export function documents(seed) {
  const { below, chance, pick } = random(seed);
  /** How this document is written: how often blanks, escapes and surprises come. */
  let style = { blank: 0, escape: 0, odd: 0 };

  const digits = (count, alphabet = "0123456789") => {
    let out = "";
    while (out.length < count) out += pick(alphabet);
    return out;
  };
  const two = (number) => String(number).padStart(2, "0");
  const odd = () => style.odd > 0 && chance(style.odd);

  function blank() {
    if (style.blank === 0 || !chance(style.blank)) return "";
    return digits(chance(8) ? below(40) : 1 + below(3), " \n\t\r");
  }

  function unit(char) {
    return [...Array(char.length).keys()]
      .map((i) => {
        const hex = char.charCodeAt(i).toString(16).padStart(4, "0");
        return `\\u${chance(2) ? hex : hex.toUpperCase()}`;
      })
      .join("");
  }

  function string(value) {
    let out = '"';
    for (const char of value) {
      const short = {
        '"': '\\"',
        "\\": "\\\\",
        "\n": "\\n",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
        "\r": "\\r",
        "/": "\\/",
      }[char];
      if (char < " " || char === '"' || char === "\\")
        out += short !== undefined && chance(2) ? short : unit(char);
      else if (style.escape > 0 && chance(style.escape)) out += short ?? unit(char);
      else out += char;
    }
    if (style.escape > 0 && chance(60))
      out += pick(["\\ud800", "\\udc00", "\\udc00\\ud800", "\\uD83D\\uDE00", "\\ud800a"]);
    return `${out}"`;
  }

  function words() {
    const long = chance(12) ? below(90) : below(14);
    const plain = chance(2);
    return Array.from({ length: long }, () => (plain ? pick("abcdefgh -0123") : pick(CHARS))).join("");
  }

  function uuid() {
    const alphabet = pick(["0123456789abcdef", "0123456789ABCDEF", "0123456789abcdefABCDEF"]);
    const value = [8, 4, 4, 4, 12].map((length) => digits(length, alphabet)).join("-");
    if (!odd()) return value;
    const at = below(value.length);
    return pick([
      value.slice(1),
      `${value}0`,
      "",
      value.replaceAll("-", ""),
      value.slice(0, at) +
        pick(["g", "-", "/", ":", "@", "G", "`", "\u0010", "é", "_"]) +
        value.slice(at + 1),
    ]);
  }

  function dateTime() {
    const usual = chance(3);
    const year = usual ? pick(["2023", "2024", "2025", "1900", "2000", "0000", "9999"]) : digits(4);
    const month = odd() ? below(15) : 1 + below(12);
    const day = odd() ? pick([0, 29, 30, 31, 32]) : chance(4) ? 28 + below(4) : 1 + below(28);
    const leap = chance(30);
    if (leap && chance(2)) {
      // The end of a month in UTC, or nearly, written with an offset.
      const end = new Date(Date.UTC(2000 + below(50), below(12), chance(8) ? 2 : 1) - 1000);
      const offset = below(1440) * (chance(2) ? 1 : -1);
      const local = new Date(end.getTime() + (offset + (chance(6) ? 1 : 0)) * 60_000).toISOString();
      return `${local.slice(0, 17)}60${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
    }
    const hour = odd() ? 20 + below(10) : leap ? 23 : below(24);
    const minute = odd() ? 55 + below(10) : leap ? 59 : below(60);
    const second = leap ? 60 : odd() ? 55 + below(10) : below(60);
    const zone = chance(2)
      ? "Z"
      : pick([
          "z",
          "+00:00",
          "-00:00",
          "+01:00",
          "-08:00",
          "+23:59",
          "+24:00",
          "+05:60",
          "-12:30",
          "+0100",
          "",
          "+1:00",
        ]);
    const fraction = chance(3) ? `.${digits(odd() ? 0 : 1 + below(12))}` : "";
    const value = `${year}-${two(month)}-${two(day)}${chance(6) ? pick(["t", " ", "T"]) : "T"}${two(hour)}:${two(minute)}:${two(second)}${fraction}${zone}`;
    if (!odd()) return value;
    const at = below(value.length);
    return pick([
      value.slice(0, at),
      value.slice(0, at) + pick(CHARS) + value.slice(at + 1),
      `${value} `,
      value.slice(1),
    ]);
  }

  /** A number of any spelling, often one that lies near the middle between two doubles. */
  function number() {
    if (chance(2)) return String(below(1000));
    let text;
    if (chance(2)) {
      const integer = (BigInt(below(2 ** 31)) << 22n) >> BigInt(below(54));
      const bits = BigInt(integer === 0n ? 54 : 54 - integer.toString(2).length + below(3) - 1);
      const places = bits < 1n ? 1n : bits;
      let half = 5n ** places;
      if (chance(2)) half = 10n ** places - half;
      if (chance(3)) half += BigInt(below(3) - 1);
      text = `${integer}.${half.toString().padStart(Number(places), "0")}${chance(3) ? digits(below(5)) : ""}`;
    } else {
      text = pick([
        "0",
        "-0",
        "1",
        "100",
        "9007199254740991",
        "9007199254740992",
        "9007199254740990",
        "9007199254740993",
        "9007199254740991.4999999999999999999999",
        "9007199254740991.5",
        "4503599627370496.5",
        "4503599627370497.5",
        "0.99999999999999994448884876874217",
        "0.5",
        "1.5",
        "-1",
        "-0.0",
        "1.0",
        "2.47032822920623272e-324",
        "2.4703282292062328e-324",
        "-1e-400",
        "-1e-300",
        "1e-323",
        "12345678901234567890",
        "1e400",
        "0e999999999999999999999",
        "0.00000000000000000000000001",
        String(below(1e9)),
        `${below(1e9)}.${digits(1 + below(30))}`,
      ]);
    }
    if (chance(3) && !text.includes("e")) {
      // The same value with its point elsewhere.
      const [, sign, whole, , part = ""] = /^(-?)(\d+)(\.(\d+))?$/.exec(text) ?? [];
      if (whole !== undefined) {
        const all = whole + part;
        const shift = below(all.length + 1);
        const front = all.slice(0, shift).replace(/^0+(?=\d)/, "") || "0";
        const back = all.slice(shift);
        const exponent = whole.length - shift;
        text = `${sign}${front}${back ? `.${back}` : ""}${pick(["e", "E"])}${exponent >= 0 && chance(2) ? "+" : ""}${exponent}`;
      }
    }
    return text;
  }

  function members(list) {
    const order = [...list];
    if (odd() && order.length > 0) {
      const [a, b] = [below(order.length), below(order.length)];
      [order[a], order[b]] = [order[b], order[a]];
    }
    if (odd()) order.splice(below(order.length + 1), 0, [pick(NAMES), any(3)]);
    if (odd() && order.length > 0) {
      // A member twice, once with another value.
      const [name, value] = pick(order);
      order.splice(below(order.length + 1), 0, [name, chance(2) ? any(2) : value]);
    }
    if (odd()) order.splice(below(order.length + 1), 1);
    const written = order.map(
      ([name, value]) => `${blank()}${string(name)}${blank()}:${blank()}${value}${blank()}`,
    );
    return `{${written.join(",") || blank()}}`;
  }

  function list(values) {
    return `[${values.map((value) => `${blank()}${value}${blank()}`).join(",") || blank()}]`;
  }

  function any(depth) {
    switch (below(depth > 0 ? 8 : 6)) {
      case 0:
        return "null";
      case 1:
        return pick(["true", "false"]);
      case 2:
        return number();
      case 3:
        return string(words());
      case 4:
        return string(pick(NAMES));
      case 5:
        return chance(2) ? string(uuid()) : string(dateTime());
      case 6:
        return list(Array.from({ length: below(4) }, () => any(depth - 1)));
      default:
        return members(Array.from({ length: below(4) }, () => [pick(NAMES), any(depth - 1)]));
    }
  }

  const orAny = (value) => (odd() ? any(2) : value);

  function runner() {
    if (odd() && chance(3)) return any(2);
    const tags = list(
      Array.from({ length: below(4) }, () => orAny(string(chance(4) ? words() : pick(TAGS)))),
    );
    const created = dateTime();
    return members([
      ["id", orAny(string(uuid()))],
      ["name", orAny(string(words()))],
      ["runner_type", orAny(string(chance(8) ? words() : pick(["plus", "pro", "enterprise"])))],
      ["status", orAny(string(chance(8) ? words() : pick(["active", "disabled"])))],
      ["tags", orAny(tags)],
      ["created_at", orAny(string(created))],
      ["updated_at", orAny(string(chance(2) ? created : dateTime()))],
    ]);
  }

  function page() {
    const runners = list(Array.from({ length: below(chance(10) ? 12 : 4) }, runner));
    return members([
      ["runners", orAny(runners)],
      ["total", orAny(number())],
    ]);
  }

  const encoder = new TextEncoder();
  const JUNK = [
    [0x80],
    [0xc0, 0xaf],
    [0xc1],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xed, 0xbf, 0xbf],
    [0xf0, 0x80, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5],
    [0xff],
    [0xc3],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xef, 0xbb, 0xbf],
    [0],
    [0x1f],
    [0x22],
    [0x5c],
    [0x7b],
    [0x7d],
    [0x5b],
    [0x5d],
    [0x2c],
    [0x3a],
    [0x20],
    [0xc3, 0xa9],
    [0xed, 0x9f, 0xbf],
    [0xf4, 0x8f, 0xbf, 0xbf],
    [0xc2, 0xa0],
  ];

  const joined = (...parts) => new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));

  function mutate(bytes) {
    const at = below(bytes.length + 1);
    switch (below(8)) {
      case 0:
        return bytes.slice(0, at);
      case 1: {
        const flipped = bytes.slice();
        if (at < flipped.length) flipped[at] ^= 1 << below(8);
        return flipped;
      }
      case 2:
        return joined(bytes.slice(0, at), pick(JUNK), bytes.slice(at));
      case 3:
        return joined(bytes.slice(0, at), pick(JUNK), bytes.slice(at + 1));
      case 4:
        return joined(bytes.slice(0, at), bytes.slice(at + 1 + below(4)));
      case 5:
        return joined([0xef, 0xbb, 0xbf], bytes);
      case 6:
        return joined(bytes, pick(JUNK));
      default: {
        // Repeats a part, or moves it.
        const stretch = bytes.slice(at, at + below(30));
        const to = below(bytes.length + 1);
        return joined(bytes.slice(0, to), stretch, bytes.slice(to));
      }
    }
  }

  /** The next document: `{ bytes, single, collect }`. */
  return function next() {
    style = {
      blank: pick([0, 0, 0, 1, 2, 6]),
      escape: pick([0, 0, 0, 0, 3, 20]),
      odd: pick([0, 0, 80, 80, 30, 8]),
    };
    const single = chance(6);
    const collect = chance(4);
    let root = single ? runner() : page();
    if (chance(30))
      root = members([
        ["status", number()],
        ["message", string(words())],
      ]);
    if (chance(100)) root = any(4);
    let bytes = encoder.encode(blank() + root + blank());
    if (chance(2)) for (let left = chance(4) ? 3 : 1; left > 0; left--) bytes = mutate(bytes);
    return { bytes, single, collect };
  };
}
