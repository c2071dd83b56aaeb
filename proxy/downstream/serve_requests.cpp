#include "proxy/downstream/serve_requests.hpp"

#include "proxy/downstream/end_of_answer.hpp"
#include "proxy/downstream/read_request.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/run_exchange.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy::downstream {

awaitable<bool> serve_requests(http1_client& client, exchange& x) {
    ready_loop& loop = x.owner.loop();
    bool first = true;
    while (true) {
        x.begin();
        client.begin_request();
        const read_result head = co_await read_request(client, x);
        if (head != read_result::request) {
            co_return head == read_result::nothing;
        }
        if (first && loop.turn_is_spent()) { // judging may cost a signature
            loop.await_turn(x.wake);
            co_await x.wake.wait();
            if (x.owner.stopping()) { // nobody wakes it a second time
                co_return false;
            }
        }
        co_await run_exchange(client, x);
        if (!client.goes_on() || x.answered != answered_by::upstream) {
            co_await end_answer(client, x);
        }
        finish_record(x.account, x.owner);
        if (!client.goes_on() || x.owner.stopping()) {
            co_return false;
        }
        if (x.from_client.empty()) {
            co_return true;
        }
        // A pipelined request: others have their turn first.
        first = false;
        loop.give_up_turn(x.wake);
        co_await x.wake.wait();
        if (x.owner.stopping()) {
            co_return false;
        }
    }
}

} // namespace bearward::proxy::downstream
