/** Longest wait of a timer in Node; a longer one is waited for in parts. */
const timerMax_ms = 2 ** 31 - 1;

/** Timers by name that keep no process alive. */
export interface Deadlines {
  /** Calls `due` once `at` has passed on the clock; replaces an earlier one of the same name. */
  set(id: string, at: number): void;
  clear(id: string): void;
  clearAll(): void;
}

/** `at` and `now` in milliseconds of the same clock. `due` must not throw. */
export function createDeadlines(now: () => number, due: (id: string) => void): Deadlines {
  const timers = new Map<string, NodeJS.Timeout>();
  const clear = (id: string): void => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  const set = (id: string, at: number): void => {
    clear(id);
    const wait_ms = Math.min(Math.max(at - now(), 0) + 1, timerMax_ms);
    const timer = setTimeout(() => (now() >= at ? due(id) : set(id, at)), wait_ms);
    timer.unref();
    timers.set(id, timer);
  };
  return {
    set,
    clear,
    clearAll: () => {
      for (const id of [...timers.keys()]) clear(id);
    },
  };
}
