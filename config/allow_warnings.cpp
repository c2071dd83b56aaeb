#include "config/allow_warnings.hpp"

#include "config/encoding.hpp"
#include "config/suggestion.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

std::string refuse_code(std::string_view written, const std::vector<std::string>& accepted) {
    std::vector<std::string> all;
    for (const warning_row& each : warning_code_table) {
        if (each.word == written) {
            return quote(written) + " can't be a warning here; it is allowed " + std::string(place_of(each.subjects)) +
                   "; accepted here: " + join(accepted);
        }
        all.emplace_back(each.word);
    }
    return quote(written) + " is no warning's code; accepted here: " + join(accepted) + suggest(written, all);
}

codec<warning_code> code(warning_subjects subjects) {
    codec<warning_code> made;
    made.form.type = shape::kind::word;
    made.form.expected = "the code of a warning such as looser-route";
    for (const warning_row& each : warning_code_table) {
        if ((each.subjects & subjects) != 0) {
            made.form.words.emplace_back(each.word);
        }
    }
    made.read = [subjects, form = made.form](reading& state, const cursor& at, warning_code& out) {
        if (at.value.type != node::kind::scalar || at.value.substituted) {
            return refuse(state, at, form);
        }
        for (const warning_row& each : warning_code_table) {
            if (each.word == at.value.text && (each.subjects & subjects) != 0) {
                out = each.value;
                return true;
            }
        }
        return state.error(at, refuse_code(at.value.text, form.words));
    };
    made.show = [](const warning_code& value) -> boost::json::value { return boost::json::value(to_string(value)); };
    return made;
}

/// A route or provider, and what it allows.
struct subject {
    const place* at;
    const std::vector<warning_code>* allowed;
};

bool stands_in(const diagnostic& what, const place& around) {
    const std::string& path = around.path;
    return what.where.file == around.where.file && what.key_path.starts_with(path) &&
           (what.key_path.size() == path.size() || what.key_path[path.size()] == '.' || what.key_path[path.size()] == '[');
}

} // namespace

codec<std::vector<warning_code>> allowed_warnings(warning_subjects subjects) {
    return absent_if_empty(list(code(subjects)));
}

void apply_allowed_warnings(reading& state, const settings& from) {
    std::vector<subject> subjects;
    subjects.reserve(from.routes.size() + from.providers.size());
    for (const route_settings& each : from.routes) {
        subjects.push_back({&each.at, &each.allow_warnings});
    }
    for (const provider_settings& each : from.providers) {
        subjects.push_back({&each.at, &each.allow_warnings});
    }
    for (diagnostic& each : state.diagnostics()) {
        if (each.severity != diagnostic::kind::warning || !each.code) {
            continue;
        }
        // Names may have dots: the innermost is meant.
        const subject* owner = nullptr;
        for (const subject& one : subjects) {
            if (stands_in(each, *one.at) && (owner == nullptr || owner->at->path.size() < one.at->path.size())) {
                owner = &one;
            }
        }
        const std::vector<warning_code>& allowed = owner != nullptr ? *owner->allowed : from.allow_warnings;
        if (std::ranges::find(allowed, *each.code) != allowed.end()) {
            each.severity = diagnostic::kind::note;
        }
    }
}

} // namespace bearward::config
