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

/// Of the keys that verify tokens.
enum class shortage { none, others, all };

class ledger {
public:
    explicit ledger(kernel& of) : kernel_(of) {}

    /// These rules count from now on at the earliest; those before them until adopt() at the latest.
    void begin_rules(const rule_book& book);
    void adopt_rules();
    [[nodiscard]] std::size_t generations() const noexcept { return generations_.size(); }
    [[nodiscard]] const rule_book& newest() const noexcept { return *generations_.back().book; }

    /// The credentials with this ID, or of this user, count no longer.
    void withdraw_id(const std::string& id) { withdrawn_ids_.try_emplace(id, kernel_.time.now()); }
    void withdraw_user(const std::string& user) { withdrawn_users_.try_emplace(user, kernel_.time.now()); }
    /// Since when; max(): it is not.
    [[nodiscard]] nanoseconds withdrawn_at(const credential& who) const;

    /// From now on such keys are not there.
    void lack_keys(shortage what);

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
    /// The app has ended it by itself, or is about to.
    void end_stream(std::uint64_t answer) { given_.at(answer).delivered = true; }
    /// A stream that its client saw end, as a whole: by its app, or for a reason.
    void check_stream_end(const asked& what, const message& answer);
    /// All of that answer has reached the worker's kernel, and no reset of the app's can take it back.
    void deliver(std::uint64_t answer);
    /// From here on the worker may break answers off: it is to end.
    void expect_breaks() noexcept { breaks_expected_ = true; }
    /// What a client got for it. `attentive`: the client has done nothing for which an answer is broken off.
    void receive(const asked& what, const message& answer, bool attentive);
    /// How a WebSocket's handshake was answered.
    void receive_handshake(const asked& what, const message& answer);
    /// How a renewal was answered. `ours`: the token is of the person who opened the socket.
    void receive_renewal(const asked& what, const message& answer, bool ours);
    /// A fault about this request.
    void fault(const asked& what, const std::string& why);

    [[nodiscard]] std::uint64_t asked_count() const noexcept { return asked_.size(); }
    [[nodiscard]] const std::map<int, std::uint64_t>& statuses() const noexcept { return statuses_; }

private:
    struct generation {
        const rule_book* book;
        nanoseconds from;
        nanoseconds until = nanoseconds::max();
    };

    struct lack {
        shortage what;
        nanoseconds from;
        nanoseconds until = nanoseconds::max();
    };

    /// Whether its token may have met no keys, or none that verify it, between its begin and now.
    [[nodiscard]] bool may_lack_keys(const asked& what) const;
    /// Whether a socket or a stream that its token opened may have ended with it: old rules took the token, and newer ones revoke
    /// it though they open its path to everybody.
    [[nodiscard]] bool may_be_revoked(const asked& what) const;
    [[nodiscard]] verdict judge(const rule_book& by, const asked& what, nanoseconds now) const;
    /// Whatever the rules may have said between its begin and now.
    [[nodiscard]] std::set<verdict> possible(const asked& what) const;
    void check_refusal(const asked& what, const message& answer);
    void check_answer(const asked& what, const message& answer, std::uint64_t number, bool attentive);

    kernel& kernel_;
    std::vector<generation> generations_;
    std::vector<lack> lacks_;
    std::map<std::string, nanoseconds> withdrawn_ids_;
    std::map<std::string, nanoseconds> withdrawn_users_;
    std::map<std::uint64_t, asked> asked_;
    std::map<std::uint64_t, given> given_;
    std::map<int, std::uint64_t> statuses_;
    bool breaks_expected_ = false;
};

} // namespace bearward::simulation
