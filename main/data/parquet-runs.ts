// Parquet's hybrid of run lengths and packed bits, read into an array of a size that is known, and never past it.

/** Fills `out` with values of `width` bits (0 to 32). Throws Error where the bytes end first. */
export function readRuns(bytes: Uint8Array, width: number, out: Uint8Array | Uint32Array): void {
  if (width === 0) return;
  let at = 0;
  let seen = 0;
  const next = (): number => {
    if (at >= bytes.length) throw new Error('a run is cut off');
    return bytes[at++]!;
  };
  while (seen < out.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = next();
      if (shift > 28) throw new Error('a run has no proper length');
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const count = Math.floor(header / 2);
    if (count === 0) throw new Error('a run has no length');
    if (header % 2 === 0) {
      let value = 0;
      for (let byte = 0; byte < Math.ceil(width / 8); byte++) value += next() * 2 ** (8 * byte);
      const end = Math.min(out.length, seen + count);
      out.fill(value, seen, end);
      seen = end;
    } else {
      const end = Math.min(out.length, seen + count * 8);
      if (at + Math.ceil(((end - seen) * width) / 8) > bytes.length) throw new Error('a run is cut off');
      if (width === 1)
        for (let bit = 0; seen < end; seen++, bit++) out[seen] = (bytes[at + (bit >> 3)]! >> (bit & 7)) & 1;
      else unpack(bytes, at, width, out, seen, end);
      seen = end;
      at += count * width;
    }
  }
}

function unpack(
  bytes: Uint8Array,
  at: number,
  width: number,
  out: Uint8Array | Uint32Array,
  from: number,
  to: number,
): void {
  let held = 0; // bits read and not used, lowest first: fewer than 40, so exact as a number
  let bits = 0;
  const size = 2 ** width;
  for (let i = from; i < to; i++) {
    for (; bits < width; bits += 8) held += bytes[at++]! * 2 ** bits;
    out[i] = held % size;
    held = Math.floor(held / size);
    bits -= width;
  }
}
