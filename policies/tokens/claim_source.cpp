#include "policies/tokens/claim_source.hpp"

#include "policies/tokens/claims.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using form = claim_source::form;

const std::unexpected<unreadable> no_such_form{unreadable{}};

template <class Text>
void add(std::vector<std::string>& texts, Text&& text) {
    if (!text.empty() && std::ranges::find(texts, text) == texts.end()) {
        texts.emplace_back(std::forward<Text>(text));
    }
}

void add_split(std::vector<std::string>& texts, std::string_view text, std::string_view separators) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        add(texts, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

claim_texts names_of(const json::object& members) {
    std::vector<std::string> names;
    for (const json::key_value_pair& member : members) {
        if (!member.value().is_null()) {
            add(names, member.key());
        }
    }
    return names;
}

/// An element's text, or that of a member of it.
std::optional<std::string> element_text(const json::value& element, const std::string* member) {
    const json::object* const object = member == nullptr ? nullptr : element.if_object();
    const json::value* const value = member == nullptr ? &element : object == nullptr ? nullptr : object->if_contains(*member);
    return value == nullptr ? std::nullopt : text_of(*value);
}

/// The elements' texts, or those of a member of each. An array of which one element
/// can't be read says nothing: `not` must not hold because of what was left out.
claim_texts texts_of(const json::array& elements, const std::string* member) {
    std::vector<std::string> texts;
    texts.reserve(elements.size());
    for (const json::value& each : elements) {
        if (each.is_null()) {
            continue;
        }
        auto text = element_text(each, member);
        if (!text) {
            return no_such_form;
        }
        add(texts, *std::move(text));
    }
    return texts;
}

/// As is_empty_claim, but for {}: an object is a form of its own.
bool says_nothing(const json::value& claim) noexcept {
    return !claim.is_object() && is_empty_claim(claim);
}

/// What one source gives, `found` being what its path leads to. `separators`: of a plain
/// text that holds several; empty: it is one.
claim_texts read(const found_claim& found, const claim_source& from, std::string_view separators) {
    const auto [claim, readable] = found;
    if (!readable) {
        return no_such_form;
    }
    if (claim == nullptr || says_nothing(*claim)) {
        return {};
    }
    if (from.how == form::keys) {
        const json::object* const members = claim->if_object();
        return members == nullptr ? no_such_form : names_of(*members);
    }
    if (const json::array* const elements = claim->if_array(); elements != nullptr) {
        return texts_of(*elements, from.how == form::each ? &from.argument : nullptr);
    }
    auto text = from.how == form::each ? std::nullopt : text_of(*claim);
    if (!text) {
        return no_such_form;
    }
    std::vector<std::string> texts;
    const std::string_view at = from.how == form::split ? std::string_view(from.argument) : separators;
    if (at.empty()) {
        add(texts, *std::move(text));
    } else {
        add_split(texts, *text, at);
    }
    return texts;
}

claim_texts read_first(const json::object& claims, const mapped_claim& from) {
    for (const claim_source& each : from.sources) {
        auto texts = read(look_up(claims, each.path), each, {});
        if (!texts || !texts->empty()) {
            return texts;
        }
    }
    return {};
}

claim_texts read_all(const json::object& claims, const mapped_claim& from, std::string_view separators) {
    std::vector<std::string> united;
    for (const claim_source& each : from.sources) {
        auto texts = read(look_up(claims, each.path), each, separators);
        if (!texts) {
            return texts;
        }
        if (united.empty()) {
            united = std::move(*texts);
            continue;
        }
        std::ranges::for_each(*texts, [&united](const std::string& text) { add(united, text); });
    }
    return united;
}

} // namespace

std::expected<std::string, unreadable> read_user(const json::object& claims, const mapped_claim& from) {
    for (const claim_source& each : from.sources) {
        const found_claim found = look_up(claims, each.path);
        if (each.how == form::plain && found.value != nullptr && found.value->is_array() && !says_nothing(*found.value)) {
            return no_such_form; // one user has one name
        }
        auto texts = read(found, each, {});
        if (!texts || texts->size() > 1) {
            return no_such_form;
        }
        if (!texts->empty()) {
            return std::move(texts->front());
        }
    }
    return std::string{};
}

claim_texts read_tenants(const json::object& claims, const mapped_claim& from) {
    return read_first(claims, from);
}

std::vector<std::string> readable_tenants(const json::object& claims, const mapped_claim& from) {
    std::vector<std::string> texts;
    for (const claim_source& each : from.sources) {
        const found_claim found = look_up(claims, each.path);
        const auto whole = read(found, each, {});
        if (whole && whole->empty()) {
            continue;
        }
        const json::value* const claim = found.value;
        if (whole || claim == nullptr || !claim->is_array() || each.how == form::keys) {
            return whole.value_or(texts);
        }
        for (const json::value& element : claim->get_array()) {
            add(texts, element_text(element, each.how == form::each ? &each.argument : nullptr).value_or(std::string{}));
        }
        return texts;
    }
    return texts;
}

claim_texts read_roles(const json::object& claims, const mapped_claim& from) {
    return read_all(claims, from, {});
}

claim_texts read_scopes(const json::object& claims, const mapped_claim& from) {
    return read_all(claims, from, " ,");
}

} // namespace bearward::policies::tokens
