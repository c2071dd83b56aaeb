#include "tests/simulation/ledger.hpp"

#include <algorithm>

namespace bearward::simulation {

void ledger::begin_rules(const rule_book& book) {
    generations_.push_back({&book, kernel_.time.now()});
}

/// Reloads come one after the other: the newest has begun to count everywhere.
void ledger::adopt_rules() {
    for (auto& each : generations_) {
        if (&each != &generations_.back()) {
            each.until = std::min(each.until, kernel_.time.now());
        }
    }
}

void ledger::begin(asked& what) const {
    what.begun = kernel_.time.now();
}

void ledger::lack_keys(shortage what) {
    if (!lacks_.empty()) {
        lacks_.back().until = std::min(lacks_.back().until, kernel_.time.now());
    }
    if (what != shortage::none) {
        lacks_.push_back({what, kernel_.time.now()});
    }
}

bool ledger::may_lack_keys(const asked& what) const {
    const bool looked_at = std::ranges::any_of(
        generations_, [&](const generation& each) { return each.until > what.begun && each.book->find(what.path).token_required; });
    return looked_at && what.who->given() && std::ranges::any_of(lacks_, [&](const lack& each) {
               return each.until >= what.begun && (each.what == shortage::all || !what.who->genuine);
           });
}

bool ledger::may_be_revoked(const asked& what) const {
    const auto counts = [&](auto asks) {
        return std::ranges::any_of(generations_, [&](const generation& each) { return each.until > what.begun && asks(*each.book); });
    };
    return what.who->revoked && counts([&](const rule_book& each) { return each.find(what.path).token_required; }) &&
           counts([](const rule_book& each) { return each.looks_at_revocations; });
}

asked& ledger::ask(asked what) {
    what.number = asked_.size() + 1;
    what.begun = kernel_.time.now();
    return asked_[what.number] = std::move(what);
}

nanoseconds ledger::withdrawn_at(const credential& who) const {
    const auto since = [](const auto& all, const std::string& name) {
        const auto found = all.find(name);
        return found == all.end() ? nanoseconds::max() : found->second;
    };
    return who.genuine ? std::min(since(withdrawn_ids_, who.id), since(withdrawn_users_, who.user)) : nanoseconds::max();
}

verdict ledger::judge(const rule_book& by, const asked& what, nanoseconds now) const {
    const auto made = by.judge(what.websocket ? "GET" : what.method, what.path, *what.who, what.told_size, now);
    const bool withdrawn = by.find(what.path).token_required && now >= withdrawn_at(*what.who);
    return withdrawn && made != verdict::no_such_method ? verdict::unauthenticated : made;
}

std::set<verdict> ledger::possible(const asked& what) const {
    std::set<verdict> all;
    const auto now = kernel_.time.now();
    for (const auto& each : generations_) {
        if (each.until > what.begun) {
            for (const auto moment : {what.begun, now}) {
                all.insert(judge(*each.book, what, moment));
            }
        }
    }
    return all;
}

void ledger::fault(const asked& what, const std::string& why) {
    kernel_.fault("request " + std::to_string(what.number) + " (" + what.method + ' ' + what.path + "): " + why);
}

asked* ledger::arrive(const message& head) {
    const auto found = asked_.find(std::strtoull(head.field("x-number").c_str(), nullptr, 10));
    if (found == asked_.end()) {
        kernel_.fault("an app got what nobody asked: " + head.start);
        return nullptr;
    }
    asked& what = found->second;
    kernel_.mark(what.number * 53);
    if (head.target() != what.path + "?n=" + std::to_string(what.number) || head.method() != (what.websocket ? "GET" : what.method)) {
        fault(what, "it reached an app as " + head.start);
    }
    if (!possible(what).contains(verdict::permitted)) {
        fault(what, "denied, and an app got it");
    }
    const bool once = what.method == "POST" || what.websocket; // RFC 9110 section 9.2.2
    if (++what.arrivals > (once ? 1 : 2)) {
        fault(what, "it reached apps " + std::to_string(what.arrivals) + " times");
    }
    const rule& applies = newest().find(what.path);
    if (generations_.size() == 1 && applies.token_required) {
        if (head.field("x-user-id") != what.who->user || head.field("x-tenant-id") != what.who->tenant) {
            fault(what, "its identity headers are somebody else's: " + head.field("x-user-id"));
        }
        if (!head.field("authorization").empty() || !head.field("sec-websocket-protocol").empty()) {
            fault(what, "its token reached the app");
        }
    }
    for (const auto& [name, value] : head.fields) { // whatever its name is spelled like
        if (value == claimed_identity) {
            fault(what, "an identity header of the client's reached the app: " + name);
        }
    }
    return &what;
}

void ledger::arrive_body(const asked& what, const message& whole) {
    if (const auto limit = newest().find(what.path).max_body; generations_.size() == 1 && limit && whole.body.size() > *limit) {
        fault(what, "more of its body reached the app than may");
    }
    if (!begins_body(what.number, whole.body)) {
        fault(what, "its body reached the app changed");
    }
    if (whole.how == completeness::whole && whole.body.size() != what.body_size) {
        fault(what, "its body of " + std::to_string(what.body_size) + " bytes reached the app as a whole one of " +
                        std::to_string(whole.body.size()));
    }
}

std::uint64_t ledger::answer(given what) {
    const auto number = given_.size() + 1;
    given_[number] = what;
    return number;
}

void ledger::deliver(std::uint64_t answer) {
    given_.at(answer).delivered = true;
}

void ledger::check_answer(const asked& what, const message& answer, std::uint64_t number, bool attentive) {
    const auto found = given_.find(number);
    if (found == given_.end() || found->second.request != what.number) {
        fault(what, "it got the answer of another request: " + answer.start);
        return;
    }
    const given& from = found->second;
    if (answer.status() != from.status) {
        fault(what, "the app's " + std::to_string(from.status) + " came as " + answer.start);
    }
    if (!begins_body(1'000'000 + number, answer.body)) {
        fault(what, "its answer's body came changed");
    }
    if (answer.how == completeness::cut && from.delivered && attentive && !breaks_expected_) {
        fault(what, "its answer of " + std::to_string(from.size) + " bytes is broken off without a cause");
    }
    const bool bodiless = what.method == "HEAD" || from.status == 204 || from.status == 304;
    if (answer.how == completeness::whole && answer.body.size() != (bodiless ? 0 : from.size)) {
        fault(what,
              "its answer's body of " + std::to_string(from.size) + " bytes came as a whole one of " + std::to_string(answer.body.size()));
    }
}

namespace {

/// What passes at least before such an answer: a deadline that was left armed ends others' requests.
nanoseconds shortest_wait(int status) noexcept {
    return status == 408 ? request_head_timeout : status == 504 ? connect_timeout : 0ns;
}

/// An app may send a 408 of its own when it closes an idle connection: the next request gets it.
bool is_apps_own(const message& answer) {
    return answer.field("content-type").empty();
}

} // namespace

/// Bearward's own answer: whether the rules may have led to it.
void ledger::check_refusal(const asked& what, const message& answer) {
    const int status = answer.status();
    const auto outcomes = possible(what);
    const bool of_rules = status == 401 || status == 403 || status == 405;
    const bool of_keys = status == 503;
    const bool of_upstream = status >= 500 && status != 505 && !of_keys;
    const bool lapsed = status == 401 && what.path.ends_with("/events") && may_be_revoked(what); // before its head came
    if (of_keys && !may_lack_keys(what)) {
        fault(what, "refused for want of keys that are there");
    } else if (of_rules && !outcomes.contains(static_cast<verdict>(status)) && !lapsed) {
        fault(what, "refused with " + std::to_string(status) + " against the rules");
    } else if (of_upstream && !outcomes.contains(verdict::permitted)) {
        fault(what, "denied, and an app was asked: " + std::to_string(status));
    } else if (status == 413 && !newest().find(what.path).max_body && generations_.size() == 1) {
        fault(what, "too large where everything may come");
    } else if (const auto waited = kernel_.time.now() - what.begun; waited < shortest_wait(status) && !is_apps_own(answer)) {
        fault(what, "given up after " + std::to_string(waited / 1ms) + " ms: " + std::to_string(status));
    } else if (!of_rules && !of_keys && !of_upstream && status != 408 && status != 413) {
        fault(what, "answered with " + std::to_string(status));
    }
}

void ledger::receive(const asked& what, const message& answer, bool attentive) {
    if (answer.how == completeness::none) {
        ++statuses_[0];
        return;
    }
    ++statuses_[answer.status()];
    kernel_.mark(what.number * 59 + static_cast<std::uint64_t>(answer.status()));
    kernel_.trace("  request ", std::to_string(what.number), " got ", answer.start, " with ", std::to_string(answer.body.size()),
                  answer.how == completeness::whole ? " bytes" : " bytes, cut");
    if (const auto number = answer.field("x-answer"); !number.empty()) {
        check_answer(what, answer, std::strtoull(number.c_str(), nullptr, 10), attentive);
    } else {
        check_refusal(what, answer);
    }
}

void ledger::receive_renewal(const asked& what, const message& answer, bool ours) {
    if (answer.how == completeness::none) {
        ++statuses_[0];
        return;
    }
    const int status = answer.status();
    if (what.arrivals != 0) {
        fault(what, "a renewal reached an app");
    }
    if (status == 204 && (!ours || !possible(what).contains(verdict::permitted))) {
        fault(what, "a WebSocket goes on against the rules");
    }
    const bool other_rules = status == 403 && generations_.size() > 1;
    if (status == 204 || status == 404 || other_rules) {
        ++statuses_[status];
        return;
    }
    receive(what, answer, false);
}

void ledger::check_stream_end(const asked& what, const message& answer) {
    const auto found = given_.find(std::strtoull(answer.field("x-answer").c_str(), nullptr, 10));
    const bool by_app = found != given_.end() && found->second.delivered;
    const bool of_token = kernel_.time.now() >= std::min(what.who->expires, withdrawn_at(*what.who));
    if (answer.how == completeness::whole && !by_app && !of_token && generations_.size() == 1 && !breaks_expected_) {
        fault(what, "its events end though nobody ended them");
    }
}

void ledger::receive_handshake(const asked& what, const message& answer) {
    if (answer.how != completeness::none && answer.status() == 101 && answer.field("x-answer").empty()) {
        // Accepted to be closed: the browser is to see why.
        ++statuses_[1008];
        const auto outcomes = possible(what);
        if (!outcomes.contains(verdict::unauthenticated) && !outcomes.contains(verdict::forbidden) && !may_be_revoked(what)) {
            fault(what, "its WebSocket was refused against the rules");
        }
        return;
    }
    receive(what, answer, false);
}

} // namespace bearward::simulation
