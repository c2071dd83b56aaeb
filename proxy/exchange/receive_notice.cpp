#include "proxy/exchange/receive_notice.hpp"

#include "policies/judge_notice.hpp"
#include "policies/tokens/logout_token.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/await_call.hpp"
#include "proxy/exchange/await_need.hpp"
#include "proxy/exchange/read_body.hpp"
#include "proxy/exchange/single_use.hpp"
#include "proxy/http/notice_form.hpp"
#include "proxy/http/notice_reply.hpp"
#include "proxy/worker_context.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

using policies::on_need;
using policies::reason;
using policies::refusal;
using policies::revocation_receiver;
using policies::tokens::issuer_notice;

constexpr std::size_t longest_body = std::size_t{64} * 1024;
constexpr unsigned retry_after = 1; // seconds
/// An event that was acted on is known so long: whoever repeats it gets the same answer for nothing.
constexpr std::chrono::hours longest_repetition{1};

/// What is to be answered: a notice is kept, or this.
struct outcome {
    std::optional<refusal> refused;
    bool unanswerable = false; ///< the client is gone, or the worker stops
};

/// Who left is nobody to answer.
void note_departure(client_stream& client, exchange& x) {
    x.account.record.status = 499; // nginx's "client closed request"
    x.account.record.cause = "the client left";
    x.account.decision.counted = true;
    client.abort();
}

/// The refused ones of the sender's address.
class sender {
public:
    sender(exchange& x, refusal_counts& counts) : address_(x.account.record.client), counts_(counts) {}
    [[nodiscard]] bool is_over() const { return counts_.is_over(address_, std::chrono::steady_clock::now()); }
    void count() { counts_.count(address_, std::chrono::steady_clock::now()); }

private:
    std::string address_;
    refusal_counts& counts_;
};

refusal too_many() {
    return {reason::rate_limited, "too many of the address were refused"};
}

void count(exchange& x, const revocation_receiver& by, notice_result what) {
    x.owner.notices().counts.count(by.signer.rules.provider, by.takes == revocation_receiver::kind::logout ? "logout" : "events", what);
}

/// `certain`: where the request ends is known.
awaitable<> answer_refusal(client_stream& client, exchange& x, const revocation_receiver& by, sender& from, refusal refused,
                           bool certain = true) {
    x.account.record.cause = std::move(refused.cause);
    if (refused.why == reason::rate_limited) {
        co_await answer_own(client, x, {.why = refused.why, .status = 429, .retry_after = retry_after});
        co_return;
    }
    const auto reply = http::make_notice_refusal(by.takes, refused.why);
    if (http::is_own_trouble(refused.why)) {
        count(x, by, notice_result::unavailable);
        co_await answer_own(client, x, reply);
    } else {
        count(x, by, notice_result::refused);
        from.count();
        co_await answer_own(client, x, reply, certain);
    }
}

/// Judges it, with keys that are fetched for it where those at hand don't do. Not after too many were refused,
/// maybe while its body was on its way.
awaitable<outcome> judge(client_stream& client, exchange& x, const revocation_receiver& by, const sender& from, std::string_view token,
                         issuer_notice& into) {
    supplier* const supplies = x.owner.supplies();
    on_need lacking = supplies != nullptr ? on_need::tell : on_need::refuse;
    while (true) {
        if (from.is_over()) {
            co_return outcome{.refused = too_many()};
        }
        auto verdict = policies::judge_notice(by, token, x.owner.outside_now().now(), lacking);
        if (auto* const refused = std::get_if<refusal>(&verdict)) {
            co_return outcome{.refused = std::move(*refused)};
        }
        if (auto* const notice = std::get_if<issuer_notice>(&verdict)) {
            into = std::move(*notice);
            co_return outcome{};
        }
        const policies::need lacks = std::get<policies::need>(std::move(verdict));
        const call_end how = co_await await_need(client, x, *supplies, lacks);
        if (how == call_end::client_gone) {
            note_departure(client, x);
        }
        if (how != call_end::over) {
            co_return outcome{.unanswerable = true};
        }
        lacking = on_need::refuse_again;
    }
}

std::vector<policies::tokens::revocation_order> orders_of(const revocation_receiver& by, const issuer_notice& notice,
                                                          policies::time_point now) {
    std::vector<policies::tokens::revocation_order> made;
    made.reserve(notice.entries.size());
    for (const auto& each : notice.entries) {
        made.push_back({.entry = each,
                        .until = now + by.hold,
                        .by = by.takes == revocation_receiver::kind::logout ? "logout by the issuer" : "event of the issuer"});
    }
    return made;
}

/// Waits until all that it says is kept. A refusal: nothing is promised.
awaitable<outcome> keep(client_stream& client, exchange& x, const revocation_receiver& by, const issuer_notice& notice) {
    refusal unavailable(reason::revocation_unavailable, "what was said could not be kept");
    supplier* const supplies = x.owner.supplies();
    if (supplies == nullptr) {
        co_return outcome{.refused = std::move(unavailable)};
    }
    call_wait waiting(x.wake);
    const auto kept = std::make_shared<bool>(false);
    const auto most =
        supplies->keep(orders_of(by, notice, x.owner.outside_now().now()), x.owner.loop(), [kept, called = waiting.callback()](bool all) {
            *kept = all;
            called();
        });
    if (most == std::chrono::milliseconds::zero()) {
        co_return outcome{.refused = std::move(unavailable)};
    }
    const call_end how = co_await waiting.sleep(client, x, most);
    if (how == call_end::client_gone) {
        note_departure(client, x); // what was ordered is kept all the same
    }
    if (how != call_end::over) {
        co_return outcome{.unanswerable = true};
    }
    if (*kept) {
        co_return outcome{};
    }
    co_return outcome{.refused = std::move(unavailable)};
}

/// A logout token counts once (Back-Channel Logout 1.0 section 2.6).
std::optional<refusal> use_once(single_use& once, const revocation_receiver& by, const issuer_notice& notice, policies::time_point now) {
    using policies::tokens::proof_use;
    const auto until = notice.issued_at + policies::tokens::longest_logout_age + by.signer.rules.clock_skew + std::chrono::seconds{1};
    switch (once.use(until, now)) {
    case proof_use::first:
        return std::nullopt;
    case proof_use::repeated:
        return refusal(reason::claim_mismatch, "its jti was used before");
    case proof_use::no_room:
        break;
    }
    return refusal(reason::revocation_unavailable, "too many logout tokens are remembered");
}

/// It is genuine: has it kept, and answers. An event that was kept before is answered as it was then
/// (RFC 8935 section 2).
awaitable<> act_on(client_stream& client, exchange& x, const revocation_receiver& by, sender& from, const issuer_notice& notice) {
    const bool event = by.takes == revocation_receiver::kind::events;
    single_use once(event ? x.owner.notices().events : x.owner.notices().logouts.of(by.signer.rules.provider), by, notice);
    outcome made;
    if (!event) {
        made.refused = use_once(once, by, notice, x.owner.outside_now().now());
    }
    const bool again = event && once.is_used(x.owner.outside_now().now());
    if (!made.refused && !again && !notice.entries.empty()) {
        made = co_await keep(client, x, by, notice);
    }
    if (made.unanswerable) {
        co_return;
    }
    if (made.refused) {
        co_await answer_refusal(client, x, by, from, *std::move(made.refused));
        co_return;
    }
    if (event && !notice.entries.empty()) {
        const policies::time_point now = x.owner.outside_now().now();
        (void)once.use(now + longest_repetition, now); // where there is no room, the next one is kept again
    }
    once.keep();
    if (notice.entries.empty()) {
        spdlog::info("provider {}: its issuer tells: {}", by.signer.rules.provider, notice.about);
    }
    count(x, by, notice.entries.empty() ? notice_result::ignored : notice_result::kept);
    co_await answer_own(client, x, http::make_notice_receipt(by.takes));
}

/// The body is here.
awaitable<> act(client_stream& client, exchange& x, const revocation_receiver& by, sender& from, std::string_view body) {
    std::string memory;
    const auto token = http::find_notice(by.takes, body, memory);
    if (!token) {
        co_await answer_refusal(client, x, by, from, {reason::bad_request, "there is not exactly one sound token in the body"});
        co_return;
    }
    issuer_notice notice;
    outcome made = co_await judge(client, x, by, from, *token, notice);
    if (made.unanswerable) {
        co_return;
    }
    if (made.refused) {
        co_await answer_refusal(client, x, by, from, *std::move(made.refused));
        co_return;
    }
    co_await act_on(client, x, by, from, notice);
}

/// What is wrong with the head, before anything else is read.
std::optional<refusal> check_head(const http::request_head& head, const revocation_receiver& by, bool authorized) {
    if (!authorized) {
        return refusal(reason::token_missing, "Authorization is missing, or not the one that is configured");
    }
    auto fault = http::find_media_fault(by.takes, head);
    return fault ? std::optional(refusal(reason::bad_request, *std::move(fault))) : std::nullopt;
}

/// Its body is not whole. One that is none is refused in the words of the receiver.
awaitable<> answer_unread(client_stream& client, exchange& x, const revocation_receiver& by, sender& from, body_end end) {
    if (end == body_end::too_large) {
        const bool nothing_read = x.received.head.framing == http::body_framing::content_length;
        co_await answer_refusal(client, x, by, from, {reason::limit_exceeded, "body over " + std::to_string(longest_body) + " bytes"},
                                nothing_read);
    } else if (end == body_end::malformed) {
        co_await answer_refusal(client, x, by, from, {reason::bad_request, "body: malformed chunk"}, false);
    } else {
        from.count();
        co_await answer_body_end(client, x, end, longest_body);
    }
}

} // namespace

awaitable<> receive_notice(client_stream& client, exchange& x, const revocation_receiver& by) {
    static const std::vector<std::string> allowed{"POST"};
    begin_record(x.account, client, x.received, x.generation, x.owner, nullptr, nullptr);
    const bool authorized = http::is_authorized(by.authorization, x.received.head);
    notice_memory& memory = x.owner.notices();
    sender from(x, by.authorization && authorized ? memory.refused_authorized : memory.refused);
    if (from.is_over()) {
        co_await answer_refusal(client, x, by, from, too_many());
        co_return;
    }
    if (x.received.head.method != "POST") {
        from.count();
        co_await answer_own(client, x, {.why = reason::method_not_allowed, .allow = allowed});
        co_return;
    }
    if (auto refused = check_head(x.received.head, by, authorized)) {
        co_await answer_refusal(client, x, by, from, *std::move(refused));
        co_return;
    }
    std::string body;
    const body_end end = co_await read_body(client, x, longest_body, body);
    if (end != body_end::whole) {
        co_await answer_unread(client, x, by, from, end);
        co_return;
    }
    co_await act(client, x, by, from, body);
}

} // namespace bearward::proxy
