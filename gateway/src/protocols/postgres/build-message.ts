/**
 * Builds protocol messages: type byte, length, body. One growing buffer a message; a finished message owns its bytes.
 * Text is UTF-8, integers are big-endian, as the protocol has them.
 */
export interface MessageBuilder {
  int8(value: number): MessageBuilder;
  int16(value: number): MessageBuilder;
  int32(value: number): MessageBuilder;
  /** UTF-8, ended by a zero byte. `value` holds none. */
  cstring(value: string): MessageBuilder;
  bytes(value: Uint8Array): MessageBuilder;
  /** The whole message with its length filled in. */
  end(): Uint8Array;
}

/** `type` null: a startup packet, which has no type byte. */
export function buildMessage(type: number | null): MessageBuilder {
  const parts: Uint8Array[] = [];
  let size = 4;
  const add = (part: Uint8Array): MessageBuilder => {
    parts.push(part);
    size += part.length;
    return builder;
  };
  const integer = (bytes_count: 1 | 2 | 4, value: number): MessageBuilder => {
    const part = Buffer.alloc(bytes_count);
    part.writeIntBE(value, 0, bytes_count);
    return add(part);
  };
  const builder: MessageBuilder = {
    int8: (value) => integer(1, value),
    int16: (value) => integer(2, value),
    int32: (value) => integer(4, value),
    cstring: (value) => add(Buffer.from(`${value}\0`, "utf8")),
    bytes: add,
    end: () => {
      const head = Buffer.alloc(type === null ? 4 : 5);
      if (type !== null) head.writeUInt8(type, 0);
      head.writeInt32BE(size, head.length - 4);
      return Buffer.concat([head, ...parts]);
    },
  };
  return builder;
}
