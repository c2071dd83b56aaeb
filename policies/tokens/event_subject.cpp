#include "policies/tokens/event_subject.hpp"

#include "policies/tokens/event_claims.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

std::unexpected<refusal> malformed(std::string_view what) {
    return std::unexpected(refusal(reason::claim_mismatch, "the subject: " + std::string(what)));
}

/// One that names somebody by himself. Empty: of another format.
struct simple_subject {
    std::string id;
    std::string issuer;
};

std::expected<std::string, refusal> need_text(const json::object& from, std::string_view name) {
    auto text = read_event_text(from, name);
    if (!text) {
        return malformed(text.error().cause);
    }
    return *text ? std::expected<std::string, refusal>(**std::move(text)) : malformed("no " + std::string(name));
}

std::expected<simple_subject, refusal> read_simple(const json::object& identifier) {
    const auto format = need_text(identifier, "format");
    if (!format) {
        return std::unexpected(format.error());
    }
    const bool with_issuer = *format == "iss_sub";
    if (!with_issuer && *format != "opaque") {
        return simple_subject{};
    }
    auto id = need_text(identifier, with_issuer ? "sub" : "id");
    auto issuer = with_issuer ? need_text(identifier, "iss") : std::string();
    if (!id || !issuer) {
        return std::unexpected(id ? std::move(issuer).error() : std::move(id).error());
    }
    return simple_subject{.id = *std::move(id), .issuer = *std::move(issuer)};
}

/// A member of a complex subject; empty: it has none.
std::expected<simple_subject, refusal> read_member(const json::object& of, std::string_view name) {
    const json::value* const found = of.if_contains(name);
    if (found == nullptr || found->is_null()) {
        return simple_subject{};
    }
    const json::object* const identifier = found->if_object();
    return identifier != nullptr ? read_simple(*identifier) : malformed(std::string(name) + " is no object");
}

std::expected<event_subject, refusal> read_complex(const json::object& identifier) {
    auto user = read_member(identifier, "user");
    auto session = read_member(identifier, "session");
    auto tenant = read_member(identifier, "tenant");
    for (auto* each : {&user, &session, &tenant}) {
        if (!*each) {
            return std::unexpected(std::move(*each).error());
        }
    }
    event_subject made{.user = std::move(user->id), .issuer = std::move(user->issuer), .session = {}, .tenant = {}};
    if (session->issuer.empty()) { // only an opaque one is a `sid`
        made.session = std::move(session->id);
    }
    if (tenant->issuer.empty()) {
        made.tenant = std::move(tenant->id);
    }
    for (const auto& each : identifier) {
        const std::string_view name = each.key();
        const bool understood =
            name == "format" || name == "tenant" || (name == "user" && !made.user.empty()) || (name == "session" && !made.session.empty());
        made.narrower = made.narrower || !understood;
    }
    return made;
}

} // namespace

std::expected<event_subject, refusal> read_event_subject(const json::object& identifier) {
    const json::value* const format = identifier.if_contains("format");
    if (format != nullptr && format->is_string() && format->get_string() == "complex") {
        return read_complex(identifier);
    }
    auto simple = read_simple(identifier);
    if (!simple) {
        return std::unexpected(std::move(simple).error());
    }
    return event_subject{.user = std::move(simple->id), .issuer = std::move(simple->issuer), .session = {}, .tenant = {}};
}

} // namespace bearward::policies::tokens
