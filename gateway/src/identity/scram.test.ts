import fc from "fast-check";
import { expect, test } from "vitest";
import {
  acceptServerFinal,
  createVerifier,
  finishScramServer,
  mockVerifier,
  proveScramClient,
  startScramClient,
  startScramServer,
} from "./scram.js";

// The exchange of RFC 7677 section 3.
const rfc = {
  password: "pencil",
  clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  clientNonce: "rOprNGfwEbeRWgbNEkqO",
  serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};
const rfcVerifier = createVerifier(rfc.password, { salt: Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64") });

test("the server's side gives the messages of RFC 7677", () => {
  const server = startScramServer(rfc.clientFirst, rfcVerifier, rfc.serverNonce);
  if (server === null) throw new Error("the exchange did not start");
  expect(server.serverFirst).toBe(rfc.serverFirst);
  expect(finishScramServer(server, rfc.clientFinal)).toBe(rfc.serverFinal);
});

test("the client's side gives the messages of RFC 7677", () => {
  const client = startScramClient("user", rfc.clientNonce);
  expect(client.clientFirst).toBe(rfc.clientFirst);
  const proof = proveScramClient(client, rfc.serverFirst, rfc.password);
  if (proof === null) throw new Error("no proof");
  expect(proof.clientFinal).toBe(rfc.clientFinal);
  expect(acceptServerFinal(proof, rfc.serverFinal)).toBe(true);
  expect(acceptServerFinal(proof, rfc.serverFinal.replace("6", "7"))).toBe(false);
});

/** Whether `given` logs in where `password` is the password. */
function logsIn(password: string, given: string, verifier = createVerifier(password, { iterations: 1 })): boolean {
  const client = startScramClient("u");
  const server = startScramServer(client.clientFirst, verifier);
  const proof = server && proveScramClient(client, server.serverFirst, given);
  const final = server && proof && finishScramServer(server, proof.clientFinal);
  return proof !== null && final !== null && acceptServerFinal(proof, final);
}

test("a password logs in, and no other does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (password, other) => {
      expect(logsIn(password, password)).toBe(true);
      if (password.normalize("NFKC") !== other.normalize("NFKC")) expect(logsIn(password, `${other}x`)).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test("nothing logs in as a user that does not exist, and its salt stays the same", () => {
  expect(logsIn("", "", mockVerifier("ghost"))).toBe(false);
  expect(mockVerifier("ghost")).toEqual(mockVerifier("ghost"));
  expect(mockVerifier("ghost").salt).not.toEqual(mockVerifier("other").salt);
});

test.each([
  ["channel binding that was not offered", "p=tls-server-end-point,,n=u,r=abc"],
  ["an authorization identity", "n,a=root,n=u,r=abc"],
  ["a mandatory extension", "n,,m=x,n=u,r=abc"],
  ["no nonce", "n,,n=u,r="],
  ["nothing", ""],
])("a first message with %s is refused", (_what, message) => {
  expect(startScramServer(message, rfcVerifier)).toBeNull();
});

test.each([
  ["another nonce", rfc.clientFinal.replace("r=rO", "r=xO")],
  ["another header than it began with", rfc.clientFinal.replace("c=biws", "c=eSws")],
  ["a short proof", "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA"],
  ["no proof", "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"],
  ["an extension", `${rfc.clientFinal},x=y`],
])("a final message with %s is refused", (_what, message) => {
  const server = startScramServer(rfc.clientFirst, rfcVerifier, rfc.serverNonce);
  if (server === null) throw new Error("the exchange did not start");
  expect(finishScramServer(server, message)).toBeNull();
});

test.each([
  ["a nonce that is not ours", "r=zzz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
  ["a nonce without the server's part", "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
  ["absurd work", rfc.serverFirst.replace("i=4096", "i=4000000")],
  ["no work", rfc.serverFirst.replace("i=4096", "i=0")],
])("a challenge with %s is refused", (_what, message) => {
  expect(proveScramClient(startScramClient("user", rfc.clientNonce), message, rfc.password)).toBeNull();
});
