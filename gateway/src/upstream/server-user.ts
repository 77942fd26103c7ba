/** Whom to run a database server as: PostgreSQL refuses to run as root. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** An ordinary user of the operating system; null: the one we are. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null;

const preferred = ["postgres", "nobody"];

/** As root: a user found in /etc/passwd, else one made by `useradd`. Throws when there is neither. */
export function findServerUser(): ServerUser {
  if (process.getuid?.() !== 0) return null;
  const found = usersOf(readFileSync("/etc/passwd", "utf8"));
  const [first] = [...preferred.flatMap((name) => found.filter((user) => user.name === name)), ...found];
  if (first !== undefined) return first;
  execFileSync("useradd", ["--system", "--no-create-home", "hpl-postgres"], { stdio: "ignore" });
  const [made] = usersOf(readFileSync("/etc/passwd", "utf8"));
  if (made === undefined) throw new Error("no ordinary user of the operating system to run the server as");
  return made;
}

/** Ordinary users of a passwd file, in its order. */
export function usersOf(
  passwd: string,
): readonly { readonly name: string; readonly uid: number; readonly gid: number }[] {
  return passwd.split("\n").flatMap((line) => {
    const [name = "", , uidText = "", gidText = ""] = line.split(":");
    const [uid, gid] = [Number.parseInt(uidText, 10), Number.parseInt(gidText, 10)];
    return name !== "" && uid > 0 && gid > 0 ? [{ name, uid, gid }] : [];
  });
}
