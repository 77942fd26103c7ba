/** Stops compiling when a union grows and a `switch` does not. */
export const unreachable = (value: never): never => {
  throw new Error(`HPL9001: ${JSON.stringify(value)}`);
};
