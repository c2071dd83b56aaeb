#include "policies/requests/header_kinds.hpp"

#include "policies/requests/header_names.hpp"

#include <algorithm>
#include <array>

namespace bearward::policies::requests {
namespace {

struct known_header {
    std::string_view name; ///< folded
    header_kind kind;
};

constexpr std::array known_headers{
    known_header{"te", header_kind::never},
    known_header{"host", header_kind::never},
    known_header{"proxy", header_kind::never}, // HTTP_PROXY to a CGI program: httpoxy, CVE-2016-5385
    known_header{"expect", header_kind::never},
    known_header{"trailer", header_kind::never},
    known_header{"upgrade", header_kind::never},
    known_header{"connection", header_kind::never},
    known_header{"keep-alive", header_kind::never},
    known_header{"x-request-id", header_kind::never},
    known_header{"content-length", header_kind::never},
    known_header{"http2-settings", header_kind::never},
    known_header{"proxy-connection", header_kind::never},
    known_header{"transfer-encoding", header_kind::never},
    known_header{"proxy-authenticate", header_kind::never},
    known_header{"proxy-authorization", header_kind::never},
    known_header{"forwarded", header_kind::forwarded},
    known_header{"x-real-ip", header_kind::forwarded},
    known_header{"client-ip", header_kind::client_fact},
    known_header{"client-cert", header_kind::client_fact},
    known_header{"x-client-ip", header_kind::client_fact},
    known_header{"true-client-ip", header_kind::client_fact},
    known_header{"proxy-client-ip", header_kind::client_fact},
    known_header{"cf-connecting-ip", header_kind::client_fact},
    known_header{"fastly-client-ip", header_kind::client_fact},
    known_header{"x-arr-clientcert", header_kind::client_fact},
    known_header{"x-proxyuser-ip", header_kind::client_fact},
    known_header{"client-cert-chain", header_kind::client_fact},
    known_header{"wl-proxy-client-ip", header_kind::client_fact},
    known_header{"x-cluster-client-ip", header_kind::client_fact},
    known_header{"x-envoy-external-address", header_kind::client_fact},
    known_header{"x-rewrite-url", header_kind::rewrite},
    known_header{"x-original-url", header_kind::rewrite},
    known_header{"x-http-method", header_kind::rewrite},
    known_header{"x-method-override", header_kind::rewrite},
    known_header{"x-http-method-override", header_kind::rewrite},
    known_header{"sec-websocket-key", header_kind::handshake},
    known_header{"sec-websocket-version", header_kind::handshake},
    known_header{"sec-websocket-protocol", header_kind::subprotocol},
};

/// Everything that begins so.
constexpr std::array header_families{
    known_header{"x-forwarded-", header_kind::forwarded},   known_header{"ssl-client-", header_kind::client_fact},
    known_header{"x-ssl-", header_kind::client_fact},       known_header{"x-client-cert", header_kind::client_fact},
    known_header{"x-amzn-mtls-", header_kind::client_fact},
};

constexpr std::size_t longest_known =
    std::ranges::max(known_headers, {}, [](const known_header& each) { return each.name.size(); }).name.size();

/// The known headers by length, so that a name meets only those of its own.
struct by_length {
    std::array<known_header, known_headers.size()> sorted = known_headers;
    std::array<std::uint8_t, longest_known + 2> begin{};
};

constexpr by_length index = [] {
    by_length made;
    std::ranges::sort(made.sorted, {}, [](const known_header& each) { return each.name.size(); });
    for (std::size_t length = 0; length < made.begin.size(); ++length) {
        made.begin[length] = static_cast<std::uint8_t>(
            std::ranges::count_if(made.sorted, [&](const known_header& each) { return each.name.size() < length; }));
    }
    return made;
}();

/// Case and odd bytes ignored; `folded` is folded already.
constexpr bool equals_folded(std::string_view name, std::string_view folded) noexcept {
    return std::ranges::equal(name, folded, {}, fold_name_byte);
}

} // namespace

header_kind classify_header(std::string_view name) noexcept {
    if (name.size() <= longest_known) {
        for (std::size_t at = index.begin[name.size()]; at < index.begin[name.size() + 1]; ++at) {
            if (equals_folded(name, index.sorted[at].name)) {
                return index.sorted[at].kind;
            }
        }
    }
    for (const known_header& family : header_families) {
        if (name.size() >= family.name.size() && equals_folded(name.substr(0, family.name.size()), family.name)) {
            return family.kind;
        }
    }
    return header_kind::other;
}

bool passes_by_kind(header_kind kind, std::string_view name, const header_rules& rules, bool trusted_peer) noexcept {
    switch (kind) {
    case header_kind::never:
        return false;
    case header_kind::forwarded:
        if (!trusted_peer || is_unusual_name(name)) {
            return false;
        }
        break;
    case header_kind::client_fact:
        if (!trusted_peer && rules.drop_client_facts) {
            return false;
        }
        break;
    case header_kind::rewrite:
        if (rules.drop_rewrites) {
            return false;
        }
        break;
    case header_kind::handshake:
    case header_kind::subprotocol:
    case header_kind::other:
        break;
    }
    return !rules.drop_unusual_names || !is_unusual_name(name);
}

} // namespace bearward::policies::requests
