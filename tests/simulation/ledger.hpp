// What was asked, what reached an app, what came back: every actor writes here what it saw,
// and what can't be is a fault.
#pragma once

#include "tests/simulation/http_text.hpp"
#include "tests/simulation/rule_book.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bearward::simulation {

/// What clients write into identity headers.
inline constexpr std::string_view claimed_identity = "root";

/// A request as its client knows it.
struct asked {
    std::uint64_t number = 0;
    std::string method;
    std::string path; ///< without the query
    const credential* who = nullptr;
    std::size_t body_size = 0;
    std::optional<std::size_t> told_size; ///< by Content-Length
    nanoseconds begun{0};
    bool websocket = false;
    int arrivals = 0; ///< at apps
};

/// An answer as an app gave it.
struct given {
    std::uint64_t request = 0;
    int status = 0;
    std::size_t size = 0;   ///< of the body that it is to have
    bool delivered = false; ///< the worker's kernel has all of it
};

class ledger {
public:
    explicit ledger(kernel& of) : kernel_(of) {}

    /// These rules count from now on at the earliest; those before them until adopt() at the latest.
    void begin_rules(const rule_book& book);
    void adopt_rules();
    [[nodiscard]] std::size_t generations() const noexcept { return generations_.size(); }
    [[nodiscard]] const rule_book& newest() const noexcept { return *generations_.back().book; }

    /// A client is about to send it.
    asked& ask(asked what);
    /// Its first byte leaves only now: older rules than those in force don't count.
    void begin(asked& what) const;
    /// A request's head has reached an app. Null: it is nobody's, which is a fault.
    asked* arrive(const message& head);
    /// All of the request has reached an app.
    void arrive_body(const asked& what, const message& whole);
    /// An app answers; the number that the answer carries.
    [[nodiscard]] std::uint64_t answer(given what);
    /// All of that answer has reached the worker's kernel, and no reset of the app's can take it back.
    void deliver(std::uint64_t answer);
    /// From here on the worker may break answers off: it is to end.
    void expect_breaks() noexcept { breaks_expected_ = true; }
    /// What a client got for it. `attentive`: the client has done nothing for which an answer is broken off.
    void receive(const asked& what, const message& answer, bool attentive);
    /// How a WebSocket's handshake was answered.
    void receive_handshake(const asked& what, const message& answer);

    [[nodiscard]] std::uint64_t asked_count() const noexcept { return asked_.size(); }
    [[nodiscard]] const std::map<int, std::uint64_t>& statuses() const noexcept { return statuses_; }

private:
    struct generation {
        const rule_book* book;
        nanoseconds from;
        nanoseconds until = nanoseconds::max();
    };

    /// Whatever the rules may have said between its begin and now.
    [[nodiscard]] std::set<verdict> possible(const asked& what) const;
    void check_refusal(const asked& what, const message& answer);
    void check_answer(const asked& what, const message& answer, std::uint64_t number, bool attentive);
    void fault(const asked& what, const std::string& why);

    kernel& kernel_;
    std::vector<generation> generations_;
    std::map<std::uint64_t, asked> asked_;
    std::map<std::uint64_t, given> given_;
    std::map<int, std::uint64_t> statuses_;
    bool breaks_expected_ = false;
};

} // namespace bearward::simulation
