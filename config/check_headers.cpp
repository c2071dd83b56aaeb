#include "config/compile.hpp"
#include "config/encoding.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace bearward::config {

namespace {

/// Names that nobody may set or remove (contract 2), with those that Bearward
/// writes itself or that belong to one connection (RFC 9110 section 7.6.1). Folded.
constexpr std::array<std::string_view, 16> untouchable{
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "authorization",
    "keep-alive",
    "te",
    "trailer",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "http2-settings",
    "expect",
    "date",
    "x-request-id",
};

/// What tells the app of the client: a route may write it, an identity may not hide in it.
constexpr std::array<std::string_view, 5> of_the_client{"forwarded", "x-real-ip", "x-forwarded-for", "x-forwarded-proto",
                                                        "x-forwarded-host"};

/// Equal for names that are the same header to the app.
std::string fold(std::string_view name) {
    std::string folded;
    for (const char letter : name) {
        folded += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter == '_' ? '-' : letter;
    }
    return folded;
}

bool is_untouchable(const std::string& folded) {
    return folded.starts_with("sec-websocket-") || std::ranges::find(untouchable, folded) != untouchable.end();
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
            if (each.header.value != "Authorization") {
                token_headers_.emplace(fold(each.header.value), &each);
            }
        }
    }

    void run() {
        for (const identity_header_settings& each : from_.identity_headers) {
            check_identity_header(each);
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
        const std::string folded = fold(header.name);
        if (is_untouchable(folded) || is_of_the_client(folded)) {
            state_.error(header.at, "can't be an identity header; `_` counts as `-`");
        }
        if (const auto [first, fresh] = identity_headers_.emplace(folded, &header); !fresh) {
            state_.error(header.at, "is the same header as " + quote(first->second->name) + " " + describe_place(first->second->at) +
                                        "; `_` counts as `-`");
        }
        if (const auto found = token_headers_.find(folded); found != token_headers_.end()) {
            state_.error(header.at, "is the header in which provider " + quote(found->second->name) + " expects its token");
        }
    }

    void check_provider_header(const provider_settings& provider) {
        const std::string folded = fold(provider.header.value);
        if (folded != "authorization" && (is_untouchable(folded) || is_of_the_client(folded))) {
            state_.error(provider.header.at, quote(provider.header.value) + " can't carry a token");
        }
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
        const std::string folded = fold(name);
        if (is_untouchable(folded)) {
            state_.error(at, quote(name) + " can't be set or removed; `_` counts as `-`");
            return;
        }
        if (of_requests) {
            if (const auto found = identity_headers_.find(folded); found != identity_headers_.end()) {
                state_.error(at, quote(name) + " is an identity header, " + describe_place(found->second->at));
                return;
            }
        }
        if (const auto [first, fresh] = seen.emplace(folded, &at); !fresh) {
            state_.error(at, quote(name) + " is named at " + to_string(first->second->where) + " too; `_` counts as `-`");
        }
    }

    reading& state_;
    const settings& from_;
    std::map<std::string, const provider_settings*> token_headers_;
    std::map<std::string, const identity_header_settings*> identity_headers_;
};

} // namespace

void check_headers(reading& state, const settings& from) {
    header_checker(state, from).run();
}

} // namespace bearward::config
