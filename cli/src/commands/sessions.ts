/**
 * `hpl sessions`: what sessions did, from the recordings in a gateway's state folder; and which are open now.
 *
 * Whoever may read the state folder sees all recordings. What stands in one is other people's text: nothing in it moves the
 * cursor.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { eventsOf, listRecordings, readRecording } from "@hpl/gateway";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { callGateway, stateOf } from "../gateway-api.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { visible, visibleJson, visibleLines } from "../visible.js";

interface ListOptions {
  readonly config: string;
  readonly as?: string;
  readonly format: "text" | "json";
}

interface ShowOptions {
  readonly config: string;
  readonly search?: string;
}

interface ReplayOptions {
  readonly config: string;
  readonly speed: string;
  readonly pause: string;
}

const help = `
Examples:
  $ hpl sessions list --config gateway.json
  $ hpl sessions show 1f0c2a91-5b0e-4d7e-9c57-3f7f3b1f6d10 --search "from cards"
  $ hpl sessions replay 1f0c2a91-5b0e-4d7e-9c57-3f7f3b1f6d10 --speed 5

Recordings are kept where the configuration has "recording". They are asciicast v3: other players play them too.`;

export function addSessions(program: Command, run: (code: Promise<number>) => void): void {
  const sessions = program
    .command("sessions")
    .summary("look at what sessions did, and replay them")
    .description("Lists, shows and replays recorded sessions.")
    .addHelpText("after", help);
  const configured = (command: Command): Command =>
    command.option("--config <file>", "the gateway's configuration", "gateway.json");
  const terminalOf = (command: Command): Terminal => openTerminal(command.optsWithGlobals().color);
  configured(sessions.command("list").description("Lists recordings, newest first."))
    .option("--as <user>", "list the sessions that are open now, as this user; the password stands in HPL_PASSWORD")
    .option("--format <format>", "text or json", "text")
    .action((options: ListOptions, command: Command) => run(list(options, terminalOf(command))));
  configured(sessions.command("show").description("Prints a recording."))
    .argument("<id>", "the session's id")
    .option("--search <text>", "only lines with this text, in any case")
    .action((id: string, options: ShowOptions, command: Command) => run(show(id, options, terminalOf(command))));
  configured(sessions.command("replay").description("Plays a recording as it happened."))
    .argument("<id>", "the session's id")
    .option("--speed <times>", "how many times as fast", "1")
    .option("--pause <seconds>", "longest pause that is waited for", "3")
    .action((id: string, options: ReplayOptions, command: Command) => run(replay(id, options, terminalOf(command))));
}

/** A session as the gateway lists it. */
interface OpenSession {
  readonly id: string;
  readonly principal: string;
  readonly connection: string;
  readonly ip: string;
  readonly opened_at: string;
  readonly statements: number;
}

async function list({ config, as, format }: ListOptions, terminal: Terminal): Promise<number> {
  const all = as === undefined ? listRecordings(stateOf(config)) : await openSessions(config, as);
  if (format === "json") terminal.out(visibleJson(all));
  else if (all.length === 0) terminal.err(as === undefined ? "nothing is recorded" : "no session is open");
  else
    for (const one of all) {
      const { id, principal, connection } = one;
      const more =
        "bytes" in one
          ? `${one.begun_at}  ${one.bytes} bytes`
          : `${one.opened_at}  ${one.ip}, ${one.statements} statements`;
      terminal.out(visible(`${id}  ${principal} on ${connection}  ${more}`));
    }
  return exitCode.ok;
}

const openSessions = async (config: string, as: string): Promise<readonly OpenSession[]> =>
  (await callGateway({ config, as }, "GET", "/v1/sessions")) as readonly OpenSession[];

function eventsIn(config: string, id: string) {
  const recording = readRecording(stateOf(config), id);
  if (recording === null) throw new CommandFailure(`there is no recording ${visible(id)}`);
  return eventsOf(recording).filter(({ code }) => code === "o");
}

/** The lines of a piece of a recording, safe to print. */
const linesOf = (text: string): readonly string[] => visibleLines(text.replaceAll("\r\n", "\n").replace(/\n$/, ""));

async function show(id: string, { config, search }: ShowOptions, terminal: Terminal): Promise<number> {
  const wanted = search?.toLowerCase() ?? "";
  const lines = eventsIn(config, id).flatMap(({ text }) => linesOf(text));
  const found = lines.filter((line) => line.toLowerCase().includes(wanted));
  for (const line of found) terminal.out(line);
  return found.length === 0 && search !== undefined ? exitCode.findings : exitCode.ok;
}

async function replay(id: string, options: ReplayOptions, terminal: Terminal): Promise<number> {
  const [speed, pause_s] = [positive("--speed", options.speed), positive("--pause", options.pause)];
  for (const { after_s, text } of eventsIn(options.config, id)) {
    await sleep((Math.min(Math.max(after_s, 0), pause_s) * 1000) / speed);
    for (const line of linesOf(text)) terminal.out(line);
  }
  return exitCode.ok;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1_000_000)) throw new CommandFailure(`${option} is a number above 0`);
  return value;
}
