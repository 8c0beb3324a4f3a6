/** A minimal ONNX model that draws normals: one RandomNormal node without inputs, encoded as protobuf. */

const encodeText = (text) => [...new TextEncoder().encode(text)]

function varint(n) {
  const out = []
  for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128)
  return [...out, n]
}

const number = (field, n) => [...varint(field * 8), ...varint(n)]
const message = (field, ...parts) => [(field << 3) | 2, ...varint(parts.flat().length), ...parts.flat()]
const text = (field, value) => message(field, encodeText(value))

/** Field numbers are from onnx.proto: ModelProto, GraphProto, NodeProto, AttributeProto, ValueInfoProto. */
export function createRandomNormalModel(count) {
  const INTS = 7
  const shape = message(5, text(1, 'shape'), number(20, INTS), number(8, count))
  const node = message(1, text(2, 'y'), text(4, 'RandomNormal'), shape)
  const type = message(2, message(1, number(1, 1), message(2, message(1, number(1, count)))))
  const graph = message(7, node, text(2, 'g'), message(12, text(1, 'y'), type))
  return Uint8Array.from([...number(1, 8), ...graph, ...message(8, number(2, 13))])
}
