/**
 * The page of a gateway: what waits for people, what was decided, who is connected, what they did.
 *
 * In: the HTTP API it is served beside. Out: the same calls a person could make. The log-in is kept for this tab alone, in no
 * cookie, so that no other page can use it.
 */
import { element, facts, honest, moment, statement, table, tag, timeLeft } from "./elements.js";
import { player } from "./replay.js";

const refresh_ms = 3_000;
const storageKey = "hpl.token";

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const [view, status, form] = [byId("view"), byId("status"), /** @type {HTMLFormElement} */ (byId("log-in"))];

/** @param {string} text @param {boolean} isBad */
function say(text, isBad = false) {
  status.textContent = text;
  status.className = isBad ? "bad" : "";
}

/**
 * Calls the API; throws what it answers when it refuses.
 * @param {string} path @param {object | null} body @param {string} authorization
 */
async function call(path, body = null, authorization = `Bearer ${sessionStorage.getItem(storageKey) ?? ""}`) {
  const response = await fetch(path, {
    method: body === null ? "GET" : "POST",
    headers: { authorization, ...(body === null ? {} : { "content-type": "application/json" }) },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status === 401) showLogIn();
  if (!response.ok) throw new Error(JSON.parse(text).error);
  return response.headers.get("content-type")?.startsWith("application/json") ? JSON.parse(text) : text;
}

// --- Log-in ---

function showLogIn() {
  sessionStorage.removeItem(storageKey);
  for (const id of ["views", "who", "view"]) byId(id).hidden = true;
  form.hidden = false;
  byId("log-in-user").focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new FormData(form));
  const bytes = new TextEncoder().encode(`${user || "-"}:${password}`);
  try {
    const { token } = await call("/v1/login", {}, `Basic ${btoa(String.fromCharCode(...bytes))}`);
    sessionStorage.setItem(storageKey, token);
    form.reset();
    say("");
    await begin();
  } catch (error) {
    say(`Not logged in: ${error.message}`, true);
  }
});

byId("log-out").addEventListener("click", async () => {
  await call("/v1/logout", {}).catch(() => {});
  showLogIn();
});

// --- Views ---

/** @type {Record<string, { title: string, show: () => Promise<Node[]>, fresh: boolean }>} */
const views = {
  waiting: { title: "Waiting for people", show: waiting, fresh: true },
  decisions: { title: "Recent decisions", show: decisions, fresh: true },
  sessions: { title: "Live sessions", show: sessions, fresh: true },
  recordings: { title: "Recordings", show: recordings, fresh: false },
  grants: { title: "Grants", show: grants, fresh: true },
  policy: { title: "Policy in force", show: policy, fresh: true },
};

/** What stands behind the `#`: a view, and what of it. */
function current() {
  const [name = "", id = ""] = location.hash.slice(1).split("/");
  return { name: name in views ? name : "waiting", id };
}

async function show() {
  const { name } = current();
  for (const link of document.querySelectorAll("#views a"))
    if (link.getAttribute("href") === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  const { title, show: contents } = views[name];
  document.title = `${title} - HPL gateway`;
  try {
    const nodes = await contents();
    if (current().name === name) view.replaceChildren(element("h2", {}, title), ...nodes);
  } catch (error) {
    say(error.message, true);
  }
}

/** A view is not made anew under somebody who reads or writes in it. */
const isInUse = () =>
  view.contains(document.activeElement) || [...view.querySelectorAll("textarea")].some(({ value }) => value !== "");

async function waiting() {
  const all = await call("/v1/approvals");
  const open = all.filter(({ state }) => state === "pending");
  byId("waiting-count").textContent = open.length === 0 ? "" : String(open.length);
  const over = all.filter(({ state }) => state !== "pending").slice(0, 20);
  const nothing = element("p", { class: "quiet" }, "Nothing waits.");
  return [
    ...(open.length === 0 ? [nothing] : open.map(approvalCard)),
    table(
      "Decided before",
      ["State", "Asked by", "Statement", "By"],
      over.map((each) => [
        tag(each.state),
        `${each.principal} on ${each.connection}`,
        each.statement,
        decisionsText(each),
      ]),
    ),
  ];
}

const decisionsText = ({ decisions }) =>
  decisions.map(({ user, decision, reason }) => `${user}: ${decision}, ${reason}`).join("; ");

/** @param {any} approval */
function approvalCard(approval) {
  const { id, principal, on_behalf_of, connection, message, expires_at, needs, places, may_decide } = approval;
  const effects = approval.facts.map(
    ({ kind, effects, relations, complete }) =>
      `${kind}: ${effects.join(", ")}${relations.length > 0 ? ` of ${relations.join(", ")}` : ""}${complete ? "" : " (not fully understood)"}`,
  );
  return element(
    "article",
    { class: "card", "aria-labelledby": `title-${id}` },
    element(
      "header",
      {},
      element("h3", { id: `title-${id}` }, ...honest(`${principal} on ${connection}`)),
      tag("pending"),
    ),
    statement(approval.statement),
    facts([
      ["Why it is asked", message],
      ["Rules", places.map(({ rule, file, line }) => `${rule} (${file}:${line})`).join(", ")],
      ["It does", effects.join("; ")],
      ["On behalf of", on_behalf_of],
      ["Needs", needs.map(({ group, count }) => `${count} of ${group}`).join(" and ")],
      ["So far", decisionsText(approval)],
      ["Time left", timeLeft(expires_at)],
      ["Id", id],
    ]),
    may_decide ? decideForm(id, principal) : element("p", { class: "quiet" }, "Others decide on this."),
  );
}

/** @param {string} id @param {string} principal */
function decideForm(id, principal) {
  const reason = /** @type {HTMLTextAreaElement} */ (
    element("textarea", { id: `reason-${id}`, required: true, maxlength: 2000 })
  );
  const scope = /** @type {HTMLSelectElement} */ (
    element(
      "select",
      { id: `scope-${id}` },
      element("option", { value: "statement" }, "this statement, once"),
      element("option", { value: "shape" }, "statements of this shape, until the time is up"),
      element("option", { value: "session" }, "what these rules ask in this session, until the time is up"),
    )
  );
  const send = async (/** @type {string} */ verb) => {
    if (!reason.reportValidity()) return;
    try {
      const body = { reason: reason.value, ...(verb === "approve" ? { scope: scope.value } : {}) };
      const { state } = await call(`/v1/approvals/${id}/${verb}`, body);
      say(`The request of ${principal} is ${state}.`);
      byId("main").focus();
      await show();
    } catch (error) {
      say(error.message, true);
    }
  };
  return element(
    "form",
    { submit: (/** @type {Event} */ event) => event.preventDefault() },
    element("label", { for: `reason-${id}` }, "Reason (kept in the audit log)"),
    reason,
    element(
      "div",
      { class: "row" },
      element("div", {}, element("label", { for: `scope-${id}` }, "Approve for"), scope),
      element("button", { type: "button", class: "good", click: () => send("approve") }, "Approve"),
      element("button", { type: "button", class: "bad", click: () => send("reject") }, "Reject"),
    ),
  );
}

async function decisions() {
  const all = await call("/v1/decisions");
  const rows = all
    .slice(0, 100)
    .map(({ at, verdict, principal, connection, statement: text, message, rules, masks, status, rows: count }) => [
      moment(at),
      tag(verdict),
      `${principal} on ${connection}`,
      text ?? "(not shown)",
      `${message}${masks > 0 ? ` (${masks} masked)` : ""}`,
      rules.map(({ id, file, line }) => `${id} (${file}:${line})`).join(", "),
      status === null ? "" : `${status}, ${count} rows`,
    ]);
  return [
    table("Newest first, values replaced", ["When", "Verdict", "Who", "Statement", "Message", "Rules", "Ended"], rows),
  ];
}

async function sessions() {
  const all = await call("/v1/sessions");
  const rows = all.map(({ principal, on_behalf_of, connection, env, ip, opened_at, statements, rows: count }) => [
    `${principal}${on_behalf_of === null ? "" : ` for ${on_behalf_of}`}`,
    `${connection} (${env})`,
    ip,
    moment(opened_at),
    String(statements),
    String(count),
  ]);
  return [table("Open now", ["Who", "Connection", "From", "Since", "Statements", "Rows"], rows)];
}

async function recordings() {
  const { id } = current();
  if (id !== "")
    return [
      element("p", {}, element("a", { href: "#recordings" }, "All recordings")),
      player(await call(`/v1/recordings/${id}`)),
    ];
  const all = await call("/v1/recordings");
  const rows = all.map(({ id: one, principal, connection, begun_at, bytes }) => [
    moment(begun_at),
    principal,
    connection,
    `${Math.ceil(bytes / 1024)} KiB`,
    element("a", { href: `#recordings/${one}`, "aria-label": `Replay ${principal} on ${connection}` }, "Replay"),
  ]);
  return [table("Newest first", ["Begun", "Who", "Connection", "Size", "Replay"], rows)];
}

async function grants() {
  const { declared, given } = await call("/v1/grants");
  return [
    table(
      "In force",
      ["Grant", "Held by", "Reason", "Until", "Consent"],
      given.map(({ grant, principal, reason, expires_at, approval }) => [
        grant,
        principal,
        reason,
        moment(expires_at),
        approval === null ? tag("none") : approval,
      ]),
    ),
    ...declared.filter(({ may_ask }) => may_ask).map(grantCard),
  ];
}

/** @param {any} grant */
function grantCard({ id, asking, lasting_s, needs, telling }) {
  const reason = /** @type {HTMLTextAreaElement} */ (
    element("textarea", { id: `grant-${id}`, required: true, maxlength: 2000 })
  );
  const ask = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const { state } = await call("/v1/grants", { grant: id, reason: reason.value });
      say(`${id}: ${state}.`);
      reason.value = "";
      await show();
    } catch (error) {
      say(error.message, true);
    }
  };
  return element(
    "form",
    { class: "card", submit: ask },
    element("h3", {}, id),
    facts([
      ["Lasts", `${Math.round(lasting_s / 60)} min`],
      [
        "Needs",
        needs.map(({ group, count }) => `${count} of ${group}`).join(" and ") ||
          "nobody's consent: it is marked in the audit log",
      ],
      ["Tells", telling.join(", ")],
    ]),
    element("label", { for: `grant-${id}` }, asking ?? "Reason"),
    reason,
    element("div", { class: "row" }, element("button", { type: "submit" }, "Ask for it")),
  );
}

async function policy() {
  const now = await call("/v1/policy");
  if (now.state === "none")
    return [element("p", { class: "block" }, `No policy is in force: ${now.reason}. Everything is blocked.`)];
  return [
    facts([
      ["Digest", now.digest],
      ["Language", now.language],
      ["Rules", String(now.rules_count)],
    ]),
    table(
      "Modules",
      ["Module", "Governs", "Default"],
      now.modules.map(({ name, families, default: verdict }) => [
        name,
        families.join(", "),
        verdict === null ? "restricts only" : tag(verdict),
      ]),
    ),
  ];
}

// --- Beginning ---

async function begin() {
  const { user, groups } = await call("/v1/me");
  byId("user").replaceChildren(...honest(`${user} (${groups.join(", ")})`));
  form.hidden = true;
  for (const id of ["views", "who", "view"]) byId(id).hidden = false;
  await show();
}

addEventListener("hashchange", () => void show().then(() => byId("main").focus()));
setInterval(() => {
  const { name, id } = current();
  if (sessionStorage.getItem(storageKey) !== null && views[name].fresh && id === "" && !isInUse()) void show();
}, refresh_ms);

if (sessionStorage.getItem(storageKey) === null) showLogIn();
else begin().catch((error) => say(error.message, true));
