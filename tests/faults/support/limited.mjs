// Limits the memory of a module.

/** The bytes of a module whose memory can grow by at most `pages` of 64 KiB. */
export function limitMemory(bytes, pages) {
  const leb = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return [value, at];
    }
  };
  const toLeb = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...toLeb(value >>> 7)]);
  for (let at = 8; at < bytes.length;) {
    const [size, start] = leb(at + 1);
    if (bytes[at] === MEMORY) {
      const [memories, flags] = [bytes[start], bytes[start + 1]];
      if (memories !== 1 || flags > 1) throw new Error("the module's memory is of another kind");
      const [first] = leb(start + 2);
      const limits = [1, 1, ...toLeb(first), ...toLeb(first + pages)];
      return Uint8Array.from([
        ...bytes.subarray(0, at),
        MEMORY,
        ...toLeb(limits.length),
        ...limits,
        ...bytes.subarray(start + size),
      ]);
    }
    at = start + size;
  }
  throw new Error("the module has no memory of its own");
}

/** The number of the section. */
const MEMORY = 5;
