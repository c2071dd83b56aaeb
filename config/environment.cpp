#include "config/encoding.hpp"
#include "config/reading.hpp"
#include "policies/ascii.hpp"

#include <expected>

namespace bearward::config {

namespace {

constexpr std::size_t longest_value = std::size_t{64} * 1024;

bool is_name(std::string_view text) {
    if (text.empty() || policies::is_digit(text.front())) {
        return false;
    }
    return std::ranges::all_of(text, policies::is_name_byte);
}

/// The value of what stands between `${` and `}`. Error: a sentence. As in a
/// shell, `:-` and `:?` also count for an empty variable.
std::expected<std::string, std::string> expand(const reading& state, std::string_view inside) {
    const std::size_t colon = inside.find(':');
    const std::string name(inside.substr(0, colon));
    const std::string_view rest = colon == std::string_view::npos ? std::string_view() : inside.substr(colon);
    if (!is_name(name) || (!rest.empty() && !rest.starts_with(":-") && !rest.starts_with(":?"))) {
        return std::unexpected("expected ${NAME}, ${NAME:-default} or ${NAME:?message}; $${ is a literal ${");
    }
    if (inside.find("${") != std::string_view::npos) {
        return std::unexpected("${...} can't be nested");
    }
    auto value = state.environment(name);
    if (value && (rest.empty() || !value->empty())) {
        return std::move(*value);
    }
    if (rest.starts_with(":-")) {
        return std::string(rest.substr(2));
    }
    if (rest.size() > 2) {
        return std::unexpected("the environment variable " + name + " is missing: " + escape_for_message(rest.substr(2), 200));
    }
    return std::unexpected("the environment variable " + name + " isn't set and has no default");
}

void substitute_scalar(reading& state, node& value, const key_path& path) {
    if (value.text.find("${") == std::string::npos) {
        return;
    }
    const auto fail = [&](std::string message) {
        state.error(cursor{value, path}, std::move(message));
        value.type = node::kind::broken;
    };
    std::string out;
    for (std::size_t at = 0; at < value.text.size();) {
        if (value.text.compare(at, 3, "$${") == 0) {
            out += "${";
            at += 3;
        } else if (value.text.compare(at, 2, "${") == 0) {
            const std::size_t end = value.text.find('}', at);
            if (end == std::string::npos) {
                return fail("${ isn't closed");
            }
            auto expanded = expand(state, std::string_view(value.text).substr(at + 2, end - at - 2));
            if (!expanded) {
                return fail(std::move(expanded.error()));
            }
            if (const auto bad = find_forbidden_byte(*expanded)) {
                return fail("the environment's value is refused: " + bad->what);
            }
            out += *expanded;
            value.substituted = true;
            at = end + 1;
        } else {
            out += value.text[at++];
        }
        if (out.size() > longest_value) {
            return fail("longer than 64 KiB with the environment's values");
        }
    }
    value.text = std::move(out);
}

void substitute(reading& state, node& value, const key_path* path) {
    const key_path nowhere{nullptr, "", 0};
    if (value.type == node::kind::scalar) {
        substitute_scalar(state, value, path != nullptr ? *path : nowhere);
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        const key_path step{path, {}, i};
        substitute(state, value.items[i], &step);
    }
    for (entry& each : value.entries) {
        const key_path step{path, each.key.text, 0};
        substitute(state, each.value, &step);
    }
}

} // namespace

void substitute_environment(reading& state, node& tree) {
    substitute(state, tree, nullptr);
}

} // namespace bearward::config
