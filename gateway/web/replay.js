import { element } from "./elements.js";

/** Longest pause that is waited for, in seconds of the recording. */
const pauseMax_s = 3;

/**
 * A player for a recording in asciicast v3 of lines of text: play, pause, speed, jump, search.
 * @param {string} recording
 */
export function player(recording) {
  const events = recording
    .split("\n")
    .slice(1)
    .flatMap((line) => eventIn(line) ?? []);
  const screen = element("pre", { class: "terminal", tabindex: "0", role: "log", "aria-label": "Recording" });
  const position = /** @type {HTMLInputElement} */ (
    element("input", {
      id: "position",
      type: "range",
      min: 0,
      max: events.length,
      value: 0,
      input: () => jump(Number(position.value)),
    })
  );
  const speed = /** @type {HTMLSelectElement} */ (
    element(
      "select",
      { id: "speed" },
      ...["1", "2", "5", "20"].map((each) => element("option", { value: each }, `${each} x`)),
    )
  );
  const button = element("button", { type: "button", click: () => (timer === null ? play() : pause()) }, "Play");
  const search = /** @type {HTMLInputElement} */ (element("input", { id: "search", type: "search" }));
  const find = element(
    "form",
    { class: "row", submit: next },
    element("div", {}, element("label", { for: "search" }, "Search"), search),
    element("button", { type: "submit" }, "Next"),
  );
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  let at = 0;

  function jump(/** @type {number} */ to) {
    at = to;
    screen.textContent = events
      .slice(0, at)
      .map(({ text }) => text)
      .join("");
    screen.scrollTop = screen.scrollHeight;
    position.value = String(at);
  }
  function pause() {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    button.textContent = "Play";
  }
  function play() {
    const event = events[at];
    if (event === undefined) return pause();
    button.textContent = "Pause";
    timer = setTimeout(
      () => {
        jump(at + 1);
        play();
      },
      (Math.min(event.after_s, pauseMax_s) * 1000) / Number(speed.value),
    );
  }
  function next(/** @type {Event} */ event) {
    event.preventDefault();
    const wanted = search.value.toLowerCase();
    const found = events.findIndex(({ text }, i) => i >= at && text.toLowerCase().includes(wanted));
    if (found >= 0) jump(found + 1);
    else search.setCustomValidity("Nothing further on");
    search.reportValidity();
    search.setCustomValidity("");
  }
  jump(events.length);
  return element(
    "div",
    { class: "card" },
    screen,
    element("label", { for: "position" }, "Position"),
    position,
    element("div", { class: "row" }, button, element("div", {}, element("label", { for: "speed" }, "Speed"), speed)),
    find,
  );
}

/** @param {string} line */
function eventIn(line) {
  try {
    const [after_s, code, text] = JSON.parse(line);
    return code === "o" ? { after_s: Number(after_s), text: String(text).replaceAll("\r\n", "\n") } : null;
  } catch {
    return null;
  }
}
