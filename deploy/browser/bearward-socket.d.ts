/** The seconds since 1970 at which a JSON Web Token expires; undefined: it does not say. */
export function expiryOf(token: string): number | undefined;

export interface BearwardSocketOptions {
  /** Gives a valid token; asked before each connection and each renewal. */
  token: () => string | Promise<string>;
  /** The app's own subprotocols. */
  protocols?: string[];
  /** Whether the route has `websocket.renewal`. Default: true. */
  renewal?: boolean;
  /** Seconds before `exp` at which the token is renewed. Default: 30. */
  renewBefore?: number;
  /** Close codes after which it stays closed. Default: 1008, 4401, 4403. */
  refusals?: number[];
  /** Open again with a fresh token when one has expired. Default: true. */
  retryExpired?: boolean;
}

export interface ClosedDetail {
  code: number;
  reason: string;
}

export interface BearwardSocketEvents {
  open: CustomEvent<Record<string, never>>;
  message: MessageEvent<string | ArrayBuffer>;
  /** Bearward refused it: it stays closed. */
  refused: CustomEvent<ClosedDetail>;
  /** It failed, and is opened again in `delay` ms. */
  down: CustomEvent<ClosedDetail & { delay: number }>;
  renewed: CustomEvent<Record<string, never>>;
  closed: CustomEvent<ClosedDetail>;
}

/** A WebSocket behind Bearward that is kept open with fresh tokens. */
export class BearwardSocket extends EventTarget {
  constructor(url: string | URL, options: BearwardSocketOptions);
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void;
  readonly readyState: number;
  readonly protocol: string;
  close(code?: number, reason?: string): void;
  addEventListener<K extends keyof BearwardSocketEvents>(type: K, listener: (event: BearwardSocketEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof BearwardSocketEvents>(type: K, listener: (event: BearwardSocketEvents[K]) => void): void;
}
