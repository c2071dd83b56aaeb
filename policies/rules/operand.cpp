#include "policies/rules/operand.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/header_names.hpp"
#include "policies/requests/query.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::rules {
namespace {

using source = operand::part::source;

constexpr std::string_view accepted = "{capture}, {header.NAME}, {query.NAME} and {host.N} stand for values";

bool is_capture_name(std::string_view name) noexcept {
    return !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, is_name_byte);
}

/// A field name (RFC 9110 section 5.1).
bool is_field_name(std::string_view name) noexcept {
    return !name.empty() && std::ranges::all_of(name, is_tchar);
}

std::optional<std::uint32_t> parse_label(std::string_view number) noexcept {
    constexpr std::uint32_t most = 127; // labels of a name of 253 bytes
    const auto label = parse_decimal<std::uint32_t>(number);
    return label && *label >= 1 && *label <= most ? label : std::nullopt;
}

/// What stands between two braces.
std::optional<operand::part> parse_name(std::string_view name) {
    const auto rest = [&](std::string_view kind) {
        return name.starts_with(kind) ? std::optional(name.substr(kind.size())) : std::nullopt;
    };
    if (const auto header = rest("header."); header && is_field_name(*header)) {
        return operand::part{.from = source::header, .text = std::string(*header)};
    }
    if (const auto parameter = rest("query."); parameter && !parameter->empty()) {
        return operand::part{.from = source::query, .text = std::string(*parameter)};
    }
    if (const auto number = rest("host.")) {
        const auto label = parse_label(*number);
        return label ? std::optional(operand::part{.from = source::label, .label = *label}) : std::nullopt;
    }
    return is_capture_name(name) ? std::optional(operand::part{.from = source::capture, .text = std::string(name)}) : std::nullopt;
}

/// Whether a Connection header ends the field at this hop (RFC 9110 section 7.6.1).
bool is_named_by_connection(std::span<const requests::header> headers, std::string_view name) noexcept {
    return std::ranges::any_of(headers, [&](const requests::header& field) {
        if (!requests::equal_names(field.name, "Connection")) {
            return false;
        }
        for (std::string_view rest = field.value; !rest.empty();) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            std::string_view member = rest.substr(0, end);
            member.remove_prefix(std::min(member.find_first_not_of(" \t"), member.size()));
            member = member.substr(0, member.find_last_not_of(" \t") + 1);
            if (requests::equal_folded_names(member, name)) {
                return true;
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return false;
    });
}

/// The one field of this name that will be forwarded; another spelling of it is a
/// repetition, since the app may read either.
std::optional<std::string_view> find_header(const operand_values& from, std::string_view name) noexcept {
    const requests::header* only = nullptr;
    for (const requests::header& field : from.request->headers) {
        if (!requests::equal_folded_names(field.name, name) ||
            !requests::passes_by_kind(requests::classify_header(field.name), field.name, from.headers, from.request->trusted_peer)) {
            continue;
        }
        if (only != nullptr || !requests::equal_names(field.name, name)) {
            return std::nullopt;
        }
        only = &field;
    }
    const bool known = only != nullptr && !is_named_by_connection(from.request->headers, name);
    return known ? std::optional(only->value) : std::nullopt;
}

std::optional<std::string_view> find_label(std::string_view host, std::uint32_t number) noexcept {
    if (host.contains(':')) {
        return std::nullopt; // an IPv6 address has no labels
    }
    for (; number > 1; --number) {
        const std::size_t dot = host.find('.');
        if (dot == std::string_view::npos) {
            return std::nullopt;
        }
        host.remove_prefix(dot + 1);
    }
    return host.substr(0, host.find('.'));
}

} // namespace

std::expected<operand, std::string> operand::parse(std::string_view written) {
    const auto refuse = [](std::string_view what) {
        return std::unexpected(std::string(what).append("; ").append(accepted).append(", and {equals: TEXT} takes text as it is"));
    };
    operand made;
    std::string text;
    while (!written.empty()) {
        const std::size_t plain = std::min(written.find_first_of("{}*"), written.size());
        text.append(written.substr(0, plain));
        written.remove_prefix(plain);
        if (written.empty()) {
            break;
        }
        if (written.front() == '*') {
            return refuse("a `*` would be no pattern here: that is {matches: GLOB}, of claims");
        }
        const std::size_t end = written.front() == '{' ? written.find_first_of("{}", 1) : std::string_view::npos;
        if (end == std::string_view::npos || written[end] != '}') {
            return refuse("braces that don't enclose a name");
        }
        auto part = parse_name(written.substr(1, end - 1));
        if (!part) {
            return refuse("no such name in braces");
        }
        if (!text.empty()) {
            made.parts.push_back({.from = source::text, .text = std::exchange(text, {})});
        }
        made.parts.push_back(std::move(*part));
        written.remove_prefix(end + 1);
    }
    if (!text.empty() || made.parts.empty()) {
        made.parts.push_back({.from = source::text, .text = std::move(text)});
    }
    return made;
}

std::string written(const operand::part& part) {
    switch (part.from) {
    case source::text:
        return part.text;
    case source::capture:
        return "{" + part.text + "}";
    case source::header:
        return "{header." + part.text + "}";
    case source::query:
        return "{query." + part.text + "}";
    case source::label:
        return "{host." + std::to_string(part.label) + "}";
    }
    std::unreachable();
}

std::string operand::written() const {
    std::string whole;
    for (const part& each : parts) {
        whole += rules::written(each);
    }
    return whole;
}

std::optional<std::string_view> resolve(const operand::part& part, const operand_values& from, std::string& memory) {
    std::optional<std::string_view> value;
    switch (part.from) {
    case source::text:
        value = part.text;
        break;
    case source::capture:
        if (const auto bound = std::ranges::find(from.captures, part.text, &capture::name); bound != from.captures.end()) {
            value = bound->value;
        }
        break;
    case source::header:
        value = from.request == nullptr ? std::nullopt : find_header(from, part.text);
        break;
    case source::query:
        value = from.request == nullptr ? std::nullopt : requests::find_parameter(from.request->query, part.text, memory);
        break;
    case source::label:
        value = from.request == nullptr ? std::nullopt : find_label(from.request->host, part.label);
        break;
    }
    return value && !value->empty() ? value : std::nullopt;
}

std::optional<std::string_view> resolve(const operand& of, const operand_values& from, std::string& memory) {
    if (of.parts.size() == 1) {
        return resolve(of.parts.front(), from, memory);
    }
    std::string whole;
    for (const operand::part& each : of.parts) {
        const auto value = resolve(each, from, memory);
        if (!value) {
            return std::nullopt;
        }
        whole.append(*value);
    }
    memory = std::move(whole);
    return memory.empty() ? std::nullopt : std::optional<std::string_view>(memory);
}

} // namespace bearward::policies::rules
