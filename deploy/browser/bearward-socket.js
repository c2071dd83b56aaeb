// A WebSocket behind Bearward, for browsers: the token goes along as a subprotocol, is renewed before it
// expires, and a refusal is told from a failure. No dependencies; one file, an ES module.

/** Close codes by which Bearward says that the credential is the reason (`websocket.close_code`). */
const REFUSALS = new Set([1008, 4401, 4403]);
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
/** A socket that was open for so long was accepted: `onopen` also fires before a rejection by Close. */
const SETTLED = 1_000;

/** The seconds since 1970 at which a JSON Web Token expires; undefined: it does not say. */
export function expiryOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload));
    return typeof exp === "number" ? exp : undefined;
  } catch {
    return undefined;
  }
}

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * Opens a socket and keeps it open: with fresh tokens, and again after failures, but not after refusals.
 *
 * Events: "open" (accepted; again after each reconnection), "message" (data), "refused" ({code, reason}: it stays
 * closed), "down" ({code, reason, delay}: it is opened again in `delay` ms), "renewed", "closed" (by close()).
 */
export class BearwardSocket extends EventTarget {
  #url;
  #options;
  #socket;
  #id;
  #token;
  #failures = 0;
  #timers = new Set();
  #closed = false;

  /**
   * @param {string} url ws:// or wss://
   * @param {object} options
   * @param {() => string | Promise<string>} options.token gives a valid token; asked before each connection and renewal
   * @param {string[]} [options.protocols] the app's own subprotocols
   * @param {boolean} [options.renewal] whether the route has `websocket.renewal` (true)
   * @param {number} [options.renewBefore] seconds before `exp` (30)
   * @param {number[]} [options.refusals] close codes after which it stays closed (1008, 4401, 4403)
   * @param {boolean} [options.retryExpired] open again with a fresh token when a token has expired (true)
   */
  constructor(url, options) {
    super();
    this.#url = new URL(url, globalThis.location?.href);
    this.#options = { protocols: [], renewal: true, renewBefore: 30, refusals: [...REFUSALS], retryExpired: true, ...options };
    this.#open();
  }

  /** Sends at once. Throws InvalidStateError while it is not open. */
  send(data) {
    if (this.#socket?.readyState !== 1) {
      throw new DOMException("the socket is not open", "InvalidStateError");
    }
    this.#socket.send(data);
  }

  get readyState() {
    return this.#socket?.readyState ?? 0;
  }

  /** The app's subprotocol, or "bearer". */
  get protocol() {
    return this.#socket?.protocol ?? "";
  }

  /** For good. */
  close(code = 1000, reason = "") {
    this.#closed = true;
    this.#clearTimers();
    if (this.#socket && this.#socket.readyState < 2) {
      this.#socket.close(code, reason);
    } else {
      this.#say("closed", { code, reason });
    }
  }

  async #open() {
    try {
      this.#token = await this.#options.token();
    } catch (error) {
      this.#goDown(1006, `no token: ${error}`);
      return;
    }
    if (this.#closed) {
      return;
    }
    this.#id = randomId();
    const named = this.#options.renewal ? [`bearward.socket.${this.#id}`] : [];
    const socket = new WebSocket(this.#url, [...this.#options.protocols, "bearer", this.#token, ...named]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let accepted = false;
    const accept = () => {
      if (!accepted && socket === this.#socket && socket.readyState === 1) {
        accepted = true;
        this.#failures = 0;
        this.#say("open", {});
        this.#planRenewal();
      }
    };
    socket.onopen = () => this.#later(accept, SETTLED);
    socket.onmessage = ({ data }) => {
      accept(); // what the app says shows that it was let in
      this.dispatchEvent(new MessageEvent("message", { data }));
    };
    socket.onclose = ({ code, reason }) => this.#ended(socket, code, reason);
  }

  #ended(socket, code, reason) {
    if (socket !== this.#socket) {
      return;
    }
    this.#clearTimers();
    const expired = reason === "Token has expired" && this.#options.retryExpired;
    if (this.#closed) {
      this.#say("closed", { code, reason });
    } else if (this.#options.refusals.includes(code) && !(expired && this.#failures < 3)) {
      this.#closed = true;
      this.#say("refused", { code, reason });
    } else {
      this.#goDown(code, reason);
    }
  }

  /** With patience: twice as long after each failure, and never all clients at once. */
  #goDown(code, reason) {
    const most = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures++);
    const delay = Math.round(most / 2 + Math.random() * (most / 2));
    this.#say("down", { code, reason, delay });
    this.#later(() => this.#open(), delay);
  }

  #planRenewal() {
    const expires = expiryOf(this.#token);
    if (this.#options.renewal && expires !== undefined) {
      this.#later(() => this.#renew(), Math.min(Math.max((expires - this.#options.renewBefore) * 1000 - Date.now(), 0), 2 ** 31 - 1));
    }
  }

  async #renew(attempt = 0) {
    const socket = this.#socket;
    const url = new URL("/.bearward/renew", this.#url);
    url.protocol = url.protocol.replace("ws", "http");
    try {
      const token = await this.#options.token();
      const answer = await fetch(url, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ socket: this.#id }),
      });
      if (socket !== this.#socket || this.#closed) {
        return;
      }
      if (answer.status === 204) {
        this.#token = token;
        this.#say("renewed", {});
        this.#planRenewal();
        return;
      }
      if (answer.status < 500 && answer.status !== 429) {
        return; // it will not be renewed: it ends with its token, and is opened again then
      }
    } catch {
      // the network, or no token yet
    }
    if (socket === this.#socket && !this.#closed) {
      this.#later(() => this.#renew(attempt + 1), Math.min(1000 * 2 ** attempt, 10_000));
    }
  }

  #later(what, delay) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      what();
    }, delay);
    this.#timers.add(timer);
  }

  #clearTimers() {
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
