#include "policies/tokens/claim_path.hpp"

#include "policies/ascii.hpp"
#include "policies/tokens/claims.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// What is wrong with a path in another product's syntax.
struct fault {
    std::string_view what;   ///< and how it is written here; empty: nothing
    std::string_view advice; ///< where a source may be written in more ways than a path
};

/// `groups#0`, `groups.#.name`.
bool has_hash_as_syntax(std::string_view written) noexcept {
    const std::size_t last = written.rfind('#');
    const bool number = last != std::string_view::npos && last + 1 < written.size() &&
                        written.find_first_not_of("0123456789", last + 1) == std::string_view::npos;
    return number || written.starts_with('#') || written.contains(".#");
}

constexpr std::string_view exact_steps = ", and {path: [a, b.c]} names each step exactly";

fault fault_of(std::string_view written) noexcept {
    if (written.starts_with('$')) {
        return {"is JSONPath; here a path begins with the claim's name: a.b instead of $.a.b", {}};
    }
    if (written.starts_with('/') || written.starts_with("#/")) {
        return {"is a JSON Pointer; here dots stand between the names: a.b instead of /a/b", {}};
    }
    if (written.contains('[') || written.contains(']')) {
        return {"has brackets; here a whole number picks an array's element: groups.0 instead of groups[0]",
                ", {path: groups, each: name} reads that member of every element, and a name with brackets in it is written {path: "
                "[\"a[0]\"]}"};
    }
    if (written.contains('\\')) {
        return {"has a backslash; here no dot needs one: at each step the longest name that fits counts", exact_steps};
    }
    if (written.contains('*') || written.contains('{') || written.contains('}')) {
        return {"has a wildcard or braces; here a path names one claim",
                ": {path: a, keys: true} reads an object's names, {path: a, each: name} that member of every element, and a name with such "
                "characters in it is written {path: [\"a*\"]}"};
    }
    if (written.starts_with('"') || written.starts_with('\'') || written.contains(".\"") || written.contains(".'")) {
        return {"has quotes; here no name needs them: at each step the longest name that fits counts", exact_steps};
    }
    if (written.contains("->")) {
        return {"has an arrow; here dots stand between the names: a.b instead of a->b", exact_steps};
    }
    if (has_hash_as_syntax(written)) {
        return {"has a #, which stands for nothing here; a whole number picks an array's element: groups.0 instead of groups#0",
                ", {path: groups, each: name} reads that member of every element, and a name with # in it is written {path: [\"a#0\"]}"};
    }
    if (written.starts_with('@') || written.contains(".@")) {
        return {"has an @, which stands for nothing here: a path begins with the claim's name", exact_steps};
    }
    if (written.starts_with(' ') || written.ends_with(' ') || written.starts_with('\t') || written.ends_with('\t')) {
        return {"has a blank at one of its ends, which no claim's name has; leave it out", exact_steps};
    }
    if (written.contains(',')) {
        return {"has a comma; here a path names one claim", "; several sources are a list, [a, b]"};
    }
    return {};
}

/// The element that a step picks; unreadable: the step is no whole number.
found_claim element(const json::array& of, std::string_view step) noexcept {
    const bool whole = !step.empty() && std::ranges::all_of(step, is_digit) && (step.size() == 1 || step.front() != '0');
    std::size_t index = 0;
    const bool small = std::from_chars(step.data(), step.data() + step.size(), index).ec == std::errc{};
    return {.value = whole && small && index < of.size() ? &of[index] : nullptr, .readable = whole};
}

/// Goes one step down from what lies on the way of a path.
found_claim element_of(const json::value& on_the_way, std::string_view step) noexcept {
    if (is_empty_claim(on_the_way)) {
        return {};
    }
    const json::array* const elements = on_the_way.if_array();
    return elements != nullptr ? element(*elements, step) : found_claim{.value = nullptr, .readable = false};
}

} // namespace

claim_path::claim_path(std::initializer_list<std::string_view> names) {
    std::ranges::for_each(names, [this](std::string_view each) { add(each); });
}

void claim_path::add(std::string_view step) {
    text_.append(steps_.empty() ? "" : ".");
    steps_.emplace_back(text_.size(), text_.size() + step.size());
    text_.append(step);
}

std::expected<claim_path, std::string> claim_path::parse(std::string_view written, bool as_source) {
    if (const fault found = fault_of(written); !found.what.empty()) {
        return std::unexpected(std::string(found.what).append(as_source ? found.advice : std::string_view()));
    }
    claim_path path;
    for (std::size_t at = 0; at <= written.size();) {
        const std::size_t end = std::min(written.find('.', at), written.size());
        if (end == at) {
            return std::unexpected(std::string("has an empty name in it"));
        }
        path.add(written.substr(at, end - at));
        at = end + 1;
    }
    return path;
}

claim_path claim_path::exact(const std::vector<std::string>& steps) {
    claim_path path;
    path.exact_ = true;
    std::ranges::for_each(steps, [&path](const std::string& each) { path.add(each); });
    return path;
}

std::string_view claim_path::name(std::size_t first, std::size_t last) const noexcept {
    const std::size_t begin = steps_[first].first;
    return std::string_view(text_).substr(begin, steps_[last - 1].second - begin);
}

std::string claim_path::text() const {
    if (!exact_) {
        return text_;
    }
    std::string listed;
    for (std::size_t step = 0; step < steps_.size(); ++step) {
        listed.append(listed.empty() ? "" : ", ").append(name(step, step + 1));
    }
    return "[" + listed + "]";
}

found_claim look_up(const json::object& claims, const claim_path& path) noexcept {
    const json::value* found = nullptr;
    const json::object* object = &claims;
    for (std::size_t step = 0; step < path.size();) {
        found_claim next;
        std::size_t last = step + 1;
        if (object != nullptr) {
            for (last = path.is_exact() ? step + 1 : path.size(); last > step; --last) {
                next.value = object->if_contains(path.name(step, last));
                if (next.value != nullptr && !next.value->is_null()) {
                    break;
                }
            }
        } else {
            next = element_of(*found, path.name(step, last));
        }
        if (next.value == nullptr || next.value->is_null()) {
            return {.value = nullptr, .readable = next.readable};
        }
        found = next.value;
        object = found->if_object();
        step = last;
    }
    return {.value = found};
}

const json::value* find_claim(const json::object& claims, const claim_path& path) noexcept {
    return look_up(claims, path).value;
}

} // namespace bearward::policies::tokens
