// A WebSocket's handshake as it comes and as it is answered, against a naive reading of RFC 6455 and of the entries
// of Sec-WebSocket-Protocol. Input: a field a line, `N:VALUE`, where N picks the name; behind an empty line the
// same of the app's answer.
#include "policies/jose/base64url.hpp"
#include "policies/requests/subprotocols.hpp"
#include "policies/requests/token_forms.hpp"
#include "proxy/websocket/handshake.hpp"
#include "tests/fuzz/http_fuzz.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <ranges>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

using namespace bearward;
using namespace bearward::proxy::websocket;
using fuzz::demand;
namespace http = bearward::proxy::http;
namespace requests = bearward::policies::requests;

namespace {

constexpr std::string_view accepted_key = "dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455 section 1.3
constexpr std::array<std::string_view, 9> request_names{"Upgrade",
                                                        "Connection",
                                                        "Sec-WebSocket-Version",
                                                        "Sec-WebSocket-Key",
                                                        "Sec-WebSocket-Protocol",
                                                        "sec-websocket-protocol",
                                                        "Content-Length",
                                                        "Transfer-Encoding",
                                                        "X-Other"};
constexpr std::array<std::string_view, 7> response_names{"Upgrade",    "Connection",   "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol",
                                                         "Set-Cookie", "X-Request-Id", "Content-Length"};

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](unsigned char byte) {
        return byte < 0x80 ? static_cast<char>(std::tolower(byte)) : static_cast<char>(byte);
    });
    return made;
}

bool holds(const auto& texts, std::string_view text) {
    return std::ranges::find(texts, text) != std::ranges::end(texts);
}

template <std::size_t count>
std::string write_lines(std::string_view& input, const std::array<std::string_view, count>& names) {
    std::string made;
    while (!input.empty()) {
        const std::size_t end = std::min(input.find('\n'), input.size());
        const std::string_view line = input.substr(0, end);
        input.remove_prefix(std::min(end + 1, input.size()));
        if (line.empty()) {
            break;
        }
        if (line.size() >= 2 && line[1] == ':') {
            made.append(names[static_cast<unsigned char>(line[0]) % count]).append(": ").append(line.substr(2)).append("\r\n");
        }
    }
    return made.append("\r\n");
}

/// The members of a list over all lines of a name, the empty ones too.
std::vector<std::string> members(const http::message_head& head, std::string_view name) {
    std::vector<std::string> found;
    for (const auto& field : head.fields) {
        if (lower(field.name) != lower(name)) {
            continue;
        }
        for (const auto part : std::views::split(field.value, ',')) {
            std::string_view entry(part.begin(), part.end());
            while (!entry.empty() && (entry.front() == ' ' || entry.front() == '\t')) {
                entry.remove_prefix(1);
            }
            while (!entry.empty() && (entry.back() == ' ' || entry.back() == '\t')) {
                entry.remove_suffix(1);
            }
            found.emplace_back(entry);
        }
    }
    return found;
}

bool lists(const http::message_head& head, std::string_view name, std::string_view word) {
    return std::ranges::any_of(members(head, name), [&](const std::string& each) { return lower(each) == word; });
}

std::vector<std::string> values(const http::message_head& head, std::string_view name) {
    std::vector<std::string> found;
    for (const auto& field : head.fields) {
        if (lower(field.name) == lower(name)) {
            found.emplace_back(field.value);
        }
    }
    return found;
}

upgrade read_naively(const http::request_head& head) {
    if (head.minor_version != 1 || !lists(head, "Upgrade", "websocket") || !lists(head, "Connection", "upgrade")) {
        return upgrade::none;
    }
    static const std::regex key("[A-Za-z0-9+/]{22}==");
    const auto versions = values(head, "Sec-WebSocket-Version");
    const auto keys = values(head, "Sec-WebSocket-Key");
    if (head.framing == http::body_framing::chunked || head.content_length != 0 || versions.size() > 1) {
        return upgrade::malformed;
    }
    if (versions.empty() || versions.front() != "13") {
        return upgrade::bad_version;
    }
    return keys.size() == 1 && std::regex_match(keys.front(), key) ? upgrade::websocket : upgrade::malformed;
}

enum class role : unsigned char { marker, behind_marker, socket, token, other };

/// What an entry is by itself.
role role_of(const std::string& entry) {
    static const std::regex socket("bearward\\.socket\\.[A-Za-z0-9_-]{16,64}");
    const std::string small = lower(entry);
    if (small == "bearer" || small == "access_token") {
        return role::marker;
    }
    if (std::regex_match(entry, socket)) {
        return role::socket;
    }
    const bool scheme =
        small.starts_with("bearer") && small.find_first_not_of("!#$%&'*+.^_`|~-0123456789abcdefghijklmnopqrstuvwxyz", 6) == 6;
    const bool prefixed = small.starts_with("bearer.") || small.starts_with("base64url.bearer.authorization.k8s.io.");
    return scheme || prefixed || requests::is_jws(entry) ? role::token : role::other;
}

struct naive_offer {
    std::vector<std::string> forwarded{};
    std::vector<std::string> kept{};
    std::string marker{};
    std::string token{};
    std::string socket{};
    std::string first{};
    std::size_t tokens = 0;
};

naive_offer offer_naively(std::vector<std::string> entries) {
    std::erase(entries, "");
    naive_offer made;
    std::vector<role> roles;
    for (const std::string& entry : entries) {
        const bool behind = !roles.empty() && roles.back() == role::marker && role_of(entry) != role::marker;
        roles.push_back(behind ? role::behind_marker : role_of(entry));
    }
    const auto first_of = [&](auto is) {
        const auto at = std::ranges::find_if(roles, is);
        return at == roles.end() ? std::string() : entries[static_cast<std::size_t>(at - roles.begin())];
    };
    made.first = entries.empty() ? "" : entries.front();
    made.marker = first_of([](role each) { return each == role::marker; });
    made.socket = first_of([](role each) { return each == role::socket; });
    made.token = first_of([](role each) { return each == role::token || each == role::behind_marker; });
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const bool alone = roles[at] == role::marker && (at + 1 == roles.size() || roles[at + 1] != role::behind_marker);
        made.tokens += alone || roles[at] == role::token || roles[at] == role::behind_marker ? 1 : 0;
        if (role_of(entries[at]) != role::socket) {
            made.kept.push_back(entries[at]);
        }
        if (roles[at] == role::other) {
            made.forwarded.push_back(entries[at]);
        }
    }
    return made;
}

bool same(const std::vector<std::string_view>& left, const std::vector<std::string>& right) {
    return std::ranges::equal(left, right);
}

requests::subprotocol_reading check_offer(const http::request_head& head) {
    requests::request_view request;
    request.method = "GET";
    request.websocket = true;
    request.headers = head.fields;
    auto reading = requests::parse_subprotocols(request);
    naive_offer expected = offer_naively(members(head, "Sec-WebSocket-Protocol"));
    const auto& offer = reading.offer;
    demand(offer.marker == expected.marker && offer.token_entry == expected.token && offer.first == expected.first);
    demand(offer.socket_entry == expected.socket && reading.tokens.size() == expected.tokens);
    demand(offer.socket_id() == expected.socket.substr(std::min<std::size_t>(expected.socket.size(), 16)));
    // An entry that is the text of a token elsewhere stays back too.
    std::erase_if(expected.forwarded, [&](const std::string& entry) {
        return holds(reading.tokens | std::views::transform(&requests::subprotocol_token::text), entry);
    });
    demand(same(offer.forwarded, expected.forwarded));
    for (const auto& token : reading.tokens) {
        const auto decoded = token.encoded ? policies::jose::decode_base64url(token.text) : std::optional(std::string(token.text));
        demand(token.malformed == (!decoded || !requests::is_token68(*decoded)));
    }
    const auto kept = requests::keep_subprotocols(request);
    demand(same(kept.forwarded, expected.kept));
    demand(kept.marker == offer.marker && kept.socket_entry == offer.socket_entry && kept.token_entry == offer.token_entry);
    return reading;
}

void check_answers(const requests::subprotocol_reading& reading, std::string_view chosen) {
    const auto& offer = reading.offer;
    const auto answer = choose_subprotocol(offer, chosen);
    const auto refusal = choose_rejection_subprotocol(offer);
    demand(answer.empty() || holds(reading.entries, answer));
    demand(refusal.empty() == reading.entries.empty() && (refusal.empty() || holds(reading.entries, refusal)));
    demand(chosen.empty() || answer == chosen);
    demand(!chosen.empty() || offer.marker.empty() || answer == offer.marker);
    demand(!chosen.empty() || !offer.marker.empty() || offer.socket_entry.empty() || answer == offer.socket_entry);
}

/// The client's 101 is one that a strict client takes, and tells nothing of the hop behind.
void check_client_handshake(const requests::subprotocol_reading& reading, std::string_view chosen, const http::response_head& upstream) {
    http::outgoing_response out;
    const auto answer = choose_subprotocol(reading.offer, chosen);
    make_client_handshake(accepted_key, answer, "id", &upstream, nullptr, out);
    http::response_head head;
    head.status = 101;
    head.fields = out.fields();
    demand(values(head, "Upgrade").empty() && values(head, "Connection").empty() && values(head, "Sec-WebSocket-Accept").empty());
    demand(values(head, "Content-Length").empty() && values(head, "Transfer-Encoding").empty() &&
           values(head, "X-Request-Id") == std::vector<std::string>{"id"});
    head.fields.push_back({"Upgrade", "websocket"});
    head.fields.push_back({"Connection", "Upgrade"});
    head.fields.push_back({"Sec-WebSocket-Accept", out.websocket_proof()});
    requests::subprotocol_offer all;
    all.forwarded = reading.entries;
    const auto taken = check_upstream_handshake(head, accepted_key, all);
    demand(taken.has_value() && *taken == answer);
}

void check_upstream(const requests::subprotocol_reading& reading, std::string_view input) {
    const std::string bytes = "HTTP/1.1 101 Switching Protocols\r\n" + write_lines(input, response_names);
    http::response_head head;
    if (http::parse_response_head(bytes, {.max_head = 8192, .max_headers = 64}, "GET", head).state != http::head_state::complete) {
        return;
    }
    const auto upgrades = values(head, "Upgrade");
    const auto accepts = values(head, "Sec-WebSocket-Accept");
    const auto protocols = values(head, "Sec-WebSocket-Protocol");
    bool good = upgrades.size() == 1 && lower(upgrades.front()) == "websocket" && lists(head, "Connection", "upgrade");
    good = good && accepts == std::vector<std::string>{"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="};
    good = good && (protocols.empty() || (protocols.size() == 1 && holds(reading.offer.forwarded, protocols.front())));
    const auto taken = check_upstream_handshake(head, accepted_key, reading.offer);
    demand(taken.has_value() == good && (good || !taken.error().empty()));
    if (taken) {
        demand(*taken == (protocols.empty() ? "" : protocols.front()));
        check_answers(reading, *taken);
        check_client_handshake(reading, *taken, head);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string_view input = fuzz::text_of(data, size);
    const std::string bytes = "GET /ws HTTP/1.1\r\nHost: h\r\n" + write_lines(input, request_names);
    http::request_head head;
    if (http::parse_request_head(bytes, {.max_head = 8192, .max_target = 256, .max_headers = 64}, head).state !=
        http::head_state::complete) {
        return 0;
    }
    demand(classify_upgrade(head) == read_naively(head));
    const auto reading = check_offer(head);
    check_answers(reading, {});
    check_upstream(reading, input);
    return 0;
}
