#include "config/compile.hpp"
#include "config/credential_places.hpp"
#include "config/encoding.hpp"

#include "policies/requests/header_kinds.hpp"
#include "policies/requests/header_names.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace bearward::config {

namespace {

using policies::requests::classify_header;
using policies::requests::fold_name;
using policies::requests::header_kind;

/// Names that only an identity, or nobody, may not take, besides those that every
/// request loses (header_kind::never). Folded.
constexpr std::array<std::string_view, 2> untouchable{"authorization", "date"};

/// What tells the app of the client: a route may write it, an identity may not hide in it.
constexpr std::array<std::string_view, 6> of_the_client{"forwarded",         "x-real-ip",        "x-forwarded-for",
                                                        "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix"};

constexpr std::string_view all_one = "; every byte but letters and digits counts as `-`";

bool is_untouchable(const std::string& folded) {
    return classify_header(folded) == header_kind::never || folded.starts_with("sec-websocket-") ||
           std::ranges::find(untouchable, folded) != untouchable.end();
}

bool is_of_the_client(const std::string& folded) {
    return std::ranges::find(of_the_client, folded) != of_the_client.end();
}

std::string describe_place(const place& at) {
    return at.where.line == 0 ? "by default" : "at " + to_string(at.where);
}

class header_checker {
public:
    header_checker(reading& state, const settings& from) : state_(state), from_(from) {
        for (const provider_settings& each : from.providers) {
            if (header_of(each).value != "Authorization" && !has_certificates(each)) {
                token_headers_.emplace(fold_name(header_of(each).value), &each);
            }
        }
    }

    void run() {
        for (const identity_header_settings& each : from_.identity_headers) {
            check_identity_header(each);
        }
        if (from_.assertion) {
            assertion_ = {.name = from_.assertion->header.value, .from = {}, .at = from_.assertion->header.at};
            check_identity_header(assertion_);
        }
        for (const provider_settings& each : from_.providers) {
            check_provider_header(each);
        }
        for (const route_settings& each : from_.routes) {
            check_changes(each.add_request_headers, each.remove_request_headers, true);
            check_changes(each.add_response_headers, each.remove_response_headers, false);
        }
    }

private:
    void check_identity_header(const identity_header_settings& header) {
        const std::string folded = fold_name(header.name);
        if (is_untouchable(folded) || is_of_the_client(folded)) {
            state_.error(header.at, "can't be an identity header" + std::string(all_one));
        }
        if (const auto [first, fresh] = identity_headers_.emplace(folded, &header); !fresh) {
            state_.error(header.at, "is the same header as " + quote(first->second->name) + " " + describe_place(first->second->at) + "" +
                                        std::string(all_one));
        }
        if (const auto found = token_headers_.find(folded); found != token_headers_.end()) {
            const provider_settings& provider = *found->second;
            if (header.at.where.line == 0) {
                state_.error(header_of(provider).at, quote(header_of(provider).value) +
                                                         " is an identity header by default: what clients send in it "
                                                         "is removed; take another name, or write identity_headers without it");
            } else {
                state_.error(header.at, "is the header in which provider " + quote(provider.name) + " expects its token");
            }
        }
    }

    void check_provider_header(const provider_settings& provider) {
        if (has_certificates(provider)) {
            return;
        }
        const located_text& header = header_of(provider);
        const std::string folded = fold_name(header.value);
        if (folded != "authorization" && (is_untouchable(folded) || is_of_the_client(folded))) {
            state_.error(header.at, quote(header.value) + " can't carry a token");
        } else if (const std::string_view setting = dropped_by(header.value); !setting.empty()) {
            state_.error(header.at, quote(header.value) + " is dropped from requests by `headers: {" + std::string(setting) +
                                        ": drop}`; take another name, or set it to allow");
        }
    }

    /// The setting that drops a request header of this name; empty: none.
    [[nodiscard]] std::string_view dropped_by(std::string_view name) const {
        const header_kind kind = classify_header(name);
        if (kind == header_kind::rewrite && from_.headers.drop_rewrites) {
            return "rewrites";
        }
        if (kind == header_kind::client_fact && from_.headers.drop_client_facts) {
            return "client_facts";
        }
        return policies::requests::is_unusual_name(name) && from_.headers.drop_unusual_names ? "unusual_names" : "";
    }

    /// What a route adds to and removes from one kind of head.
    void check_changes(const std::vector<added_header_settings>& added, const std::vector<located_text>& removed, bool of_requests) {
        std::map<std::string, const place*> seen;
        for (const added_header_settings& each : added) {
            check_change(each.name, each.at, of_requests, seen);
        }
        for (const located_text& each : removed) {
            check_change(each.value, each.at, of_requests, seen);
        }
    }

    void check_change(const std::string& name, const place& at, bool of_requests, std::map<std::string, const place*>& seen) {
        const std::string folded = fold_name(name);
        if (is_untouchable(folded)) {
            state_.error(at, quote(name) + " can't be set or removed" + std::string(all_one));
            return;
        }
        if (of_requests) {
            if (const auto found = identity_headers_.find(folded); found != identity_headers_.end()) {
                state_.error(at, quote(name) + " is an identity header, " + describe_place(found->second->at));
                return;
            }
        }
        if (const auto [first, fresh] = seen.emplace(folded, &at); !fresh) {
            state_.error(at, quote(name) + " is named at " + to_string(first->second->where) + " too" + std::string(all_one));
        }
    }

    reading& state_;
    const settings& from_;
    std::map<std::string, const provider_settings*> token_headers_;
    std::map<std::string, const identity_header_settings*> identity_headers_;
    identity_header_settings assertion_; ///< the assertion's header: it says who asks as well
};

} // namespace

void check_headers(reading& state, const settings& from) {
    header_checker(state, from).run();
}

} // namespace bearward::config
