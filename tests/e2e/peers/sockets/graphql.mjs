// graphql-ws: subscriptions under the subprotocol graphql-transport-ws.
const SCHEMA = "type Query {who: String} type Subscription {counts(to: Int!): Int ticks: Int}";

export function serve(app) {
  const {buildSchema} = app.load("graphql");
  const {useServer} = app.load("graphql-ws/lib/use/ws");
  const schema = buildSchema(SCHEMA);
  const roots = {
    query: {who: (_, context) => context.extra.request.headers["x-user-id"]},
    subscription: {
      async *counts({to}) {
        for (let number = 0; number < to; ++number) {
          yield {counts: number};
        }
      },
      async *ticks() {
        for (let number = 0; ; ++number) {
          yield {ticks: number};
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
    },
  };
  useServer({schema, roots, context: (context) => context}, app.sockets("/graphql"));
}

// fresh: a second token, for the connections after the one that expires.
export async function talk({load, url, headers, query, entries, token, stay, fresh}) {
  const {createClient} = load("graphql-ws");
  const {WebSocket} = load("ws");
  let closed = null, made = 0;
  class implementation extends WebSocket {
    constructor(address, protocol) {
      const swap = (value) => closed && fresh ? value.replace(token, fresh) : value;
      ++made;
      const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, swap(value)]));
      super(swap(address), [protocol, ...entries.map(swap)], {headers: own, perMessageDeflate: {threshold: 0}});
      this.on("error", () => {});
    }
  }
  let socket = null;
  const client = createClient({
    url: `${url}?${new URLSearchParams(query)}`, webSocketImpl: implementation, retryAttempts: fresh ? 3 : 0, retryWait: async () => {},
    on: {
      opened: (opened) => {
        socket = opened;
      },
      closed: ({code, reason}) => {
        if (code !== 1000) { // not the client's own, of a connection without operations
          closed = {code, reason};
        }
      },
    },
  });
  const results = async (question, enough = () => false) => {
    const got = [];
    for await (const {data} of client.iterate({query: question})) {
      got.push(Object.values(data)[0]);
      if (enough(got)) {
        break;
      }
    }
    return got;
  };
  const told = (error) => error.message ?? error.reason ?? `${error}`;
  try {
    const answer = {who: (await results("{who}"))[0], counts: await results("subscription {counts(to: 5)}")};
    const protocol = socket?.protocol;
    if (fresh) {
      // A subscription that is open at the expiry begins anew on the next connection.
      const ticks = await results("subscription {ticks}", (got) => got.lastIndexOf(3) > got.indexOf(3));
      return {opened: true, answer, closed, connections: made, ticks};
    }
    if (stay) {
      const ended = await results("subscription {ticks}").then(() => "complete", told);
      return {opened: true, answer, protocol, ended, closed};
    }
    await client.dispose();
    return {opened: true, answer, protocol};
  } catch (error) {
    return {opened: socket !== null, refused: told(error), closed, connections: made};
  }
}
