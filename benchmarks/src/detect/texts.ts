/** Texts of ASCII to look through, the same in every run. */

const words =
  "the quick brown fox jumps over a lazy dog while order 1234 ships to Main Street 42 in Berlin on monday".split(" ");

/** A small generator (Numerical Recipes' constants): a sequence to repeat, not to trust. */
function drawer(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const samples: readonly string[] = [
  "ann.miller@example.com",
  "536-90-4399",
  "4012888888881881",
  "+442071838750",
  "(212) 555-0123",
  "10.20.30.40",
  "2001:0db8:0000:0000:0000:8a2e:0370:7334",
  "AKIAQYLPMN5HFIQR7XYA",
  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "xoxb-1234567890-abcdefghij",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N",
  "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
  "AIzaSyA-1234567890abcdefghijklmnopqrstu",
  "AL47212110090000000235698741",
  "00:1a:2B:3c:4d:5e",
  "1980-02-03",
  "-----BEGIN RSA PRIVATE KEY-----",
  "AB123456C",
  "postgres://app:s3cret@",
  "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
];

function repeat(bytes_count: number, next: (draw: (below: number) => number) => string): string {
  const draw = drawer();
  const pieces: string[] = [];
  for (let size = 0; size < bytes_count; ) {
    const piece = next(draw);
    pieces.push(piece);
    size += piece.length;
  }
  return pieces.join("");
}

const word = (draw: (below: number) => number): string => words[draw(words.length)] ?? "";

export const proseText = (bytes_count: number): string => repeat(bytes_count, (draw) => `${word(draw)} `);

/** Rows of a table: one thing to find in about eighty bytes. */
export const denseRows = (bytes_count: number): string =>
  repeat(
    bytes_count,
    (draw) =>
      `${draw(99_999)}|${word(draw)} ${word(draw)} ${word(draw)}|${samples[draw(samples.length)]}|${word(draw)} ${word(draw)} ${word(draw)} ${word(draw)}|${draw(10_000)}.${draw(99)}|t\n`,
  );

/** Everything glued together: a match of one pattern swallows the head of another. */
export const adversarialText = (bytes_count: number): string =>
  repeat(bytes_count, (draw) => `${samples[draw(samples.length)]}`);
