/**
 * Four numbers of a map in half precision (IEEE 754 binary16), two u32. WGSL's own packing needs no
 * feature of the device, but leaves open what becomes of a number beyond the range (WGSL, 17.10
 * "Data packing"), so that is settled here: activations end at the largest half, gradients become
 * infinity, which reaches the parameters' gradients and is found there (`optimizer/loss-scale`).
 * Compilers may assume that no float is infinite or NaN: both are told by their bits.
 */
export const largestHalf = 65504;

/** Bits of an f32 that is the largest half. */
const largestHalfBits = '0x477fe000';
const infiniteHalfBits = '0x7c00';

export const halfFunctions = `fn unpack_half(halves: vec2u) -> vec4f {
  return vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y));
}
fn pack_half(value: vec4f) -> vec2u {
  let inside = clamp(value, vec4f(-${largestHalf}), vec4f(${largestHalf}));
  return vec2u(pack2x16float(inside.xy), pack2x16float(inside.zw));
}
fn pack_half_or_infinity(value: vec4f) -> vec2u {
  let beyond = (bitcast<vec4u>(value) & vec4u(0x7fffffff)) >= vec4u(${largestHalfBits});
  let infinity = select(vec4u(), vec4u(${infiniteHalfBits}), beyond);
  return pack_half(select(value, vec4f(), beyond)) | infinity.xz | (infinity.yw << vec2u(16));
}
`;
