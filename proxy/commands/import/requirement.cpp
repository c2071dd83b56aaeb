#include "proxy/commands/import/requirement.hpp"

#include "proxy/commands/import/yaml_text.hpp"

#include <algorithm>
#include <string_view>

namespace bearward::proxy::commands::importing {
namespace {

/// Braces and `*` mean something in a rule, and stand for themselves only so.
std::string operand(const std::string& text) {
    const std::string scalar = to_yaml(std::string_view(text));
    return text.find_first_of("{}*") == std::string::npos ? scalar : "{equals: " + scalar + '}';
}

std::string list(const std::vector<std::string>& values) {
    if (values.size() == 1) {
        return operand(values.front());
    }
    std::string out = "[";
    for (const std::string& each : values) {
        out += (out.size() > 1 ? ", " : "") + operand(each);
    }
    return out + ']';
}

std::string parts_to_yaml(const std::vector<requirement>& parts) {
    std::string out = "[";
    for (const requirement& each : parts) {
        out += (out.size() > 1 ? ", " : "") + to_yaml(each);
    }
    return out + ']';
}

requirement combined(requirement::kind type, std::vector<requirement> parts) {
    if (parts.size() == 1) {
        return std::move(parts.front());
    }
    return {.type = type, .claim = {}, .values = {}, .parts = std::move(parts)};
}

std::string roles_to_yaml(const std::vector<std::string>& roles) {
    std::string out = "[";
    for (const std::string& each : roles) {
        out += (out.size() > 1 ? ", " : "") + operand(each);
    }
    return out + ']';
}

} // namespace

requirement claim_is(std::string claim, std::vector<std::string> values) {
    return {.type = requirement::kind::equals, .claim = std::move(claim), .values = std::move(values), .parts = {}};
}

bool can_be_pattern(const std::string& text) {
    return !text.empty() && text.find_first_of("{}*") == std::string::npos;
}

requirement claim_matches(std::string claim, std::string pattern) {
    return {.type = requirement::kind::matches, .claim = std::move(claim), .values = {std::move(pattern)}, .parts = {}};
}

requirement claim_present(std::string claim) {
    return {.type = requirement::kind::present, .claim = std::move(claim), .values = {}, .parts = {}};
}

requirement has_role(std::vector<std::string> roles) {
    return {.type = requirement::kind::roles, .claim = {}, .values = std::move(roles), .parts = {}};
}

requirement any_of(std::vector<requirement> parts) {
    return combined(requirement::kind::any, std::move(parts));
}

requirement all_of(std::vector<requirement> parts) {
    return combined(requirement::kind::all, std::move(parts));
}

requirement none_of(requirement part) {
    return {.type = requirement::kind::none, .claim = {}, .values = {}, .parts = {std::move(part)}};
}

std::string value_to_yaml(const requirement& needs) {
    switch (needs.type) {
    case requirement::kind::matches:
        return "{matches: " + to_yaml(std::string_view(needs.values.front())) + '}';
    case requirement::kind::present:
        return "{present: true}";
    default:
        return list(needs.values);
    }
}

std::string to_yaml(const requirement& needs) {
    switch (needs.type) {
    case requirement::kind::roles:
        return "{roles: " + roles_to_yaml(needs.values) + '}';
    case requirement::kind::any:
        return "{any: " + parts_to_yaml(needs.parts) + '}';
    case requirement::kind::all:
        return "{all: " + parts_to_yaml(needs.parts) + '}';
    case requirement::kind::none:
        return "{not: " + to_yaml(needs.parts.front()) + '}';
    default:
        return "{claims: {" + to_yaml(std::string_view(needs.claim)) + ": " + value_to_yaml(needs) + "}}";
    }
}

std::string to_yaml(const std::vector<requirement>& needs) {
    return needs.size() == 1 ? to_yaml(needs.front()) : "{all: " + parts_to_yaml(needs) + '}';
}

} // namespace bearward::proxy::commands::importing
