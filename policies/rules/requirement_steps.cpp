#include "policies/rules/requirement_steps.hpp"

#include "policies/text.hpp"
#include "policies/tokens/claims.hpp"

#include <boost/json/serialize.hpp>

namespace bearward::policies::rules {
namespace {

constexpr std::string_view stage = "requirement";

std::string in_brackets(const std::vector<std::string>& entries) {
    return "[" + listed(entries) + "]";
}

void append_entry(std::string& out, std::string_view name, std::string_view text) {
    out.append(out.empty() ? "" : ", ").append(name).append(": ").append(text);
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& entries) {
    if (!entries.empty()) {
        append_entry(out, name, in_brackets(entries));
    }
}

void append_parts(std::string& out, std::string_view name, const std::vector<requirement>& parts) {
    if (parts.empty()) {
        return;
    }
    std::string list;
    for (const requirement& each : parts) {
        list.append(list.empty() ? "{" : ", {").append(to_text(each)).append("}");
    }
    append_entry(out, name, "[" + list + "]");
}

std::string value_text(const boost::json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

/// As an operand is written; one that takes nothing from the request as {equals: TEXT}
/// where it would be read otherwise.
std::string operand_text(const operand& value) {
    std::string text = value.written();
    return value.is_literal() && text.find_first_of("{}*") != std::string::npos ? "{equals: " + text + "}" : text;
}

std::string claim_text(const claim_predicate& predicate) {
    if (predicate.present_only) {
        return "{present: true}";
    }
    if (predicate.pattern) {
        return "{matches: " + *predicate.pattern + "}";
    }
    std::vector<std::string> entries;
    entries.reserve(predicate.values.size() + predicate.operands.size());
    for (const boost::json::value& each : predicate.values) {
        entries.push_back(value_text(each));
    }
    for (const operand& each : predicate.operands) {
        entries.push_back(operand_text(each));
    }
    return entries.size() == 1 ? entries.front() : in_brackets(entries);
}

void append_note(std::string& note, std::string_view text) {
    note.append(note.empty() ? "" : "; ").append(text);
}

/// Where the parts of an operand come from, and which of them is unknown.
void append_sources(std::string& note, const operand& of, const operand_values* values) {
    for (const operand::part& each : of.parts) {
        if (each.from == operand::part::source::text) {
            continue;
        }
        append_note(note, each.from == operand::part::source::capture ? "the path's " : "the request's ");
        note += written(each);
        std::string memory;
        if (values != nullptr && !resolve(each, *values, memory)) {
            note += " is unknown: absent, empty or repeated";
        }
    }
}

} // namespace

step tenant_step(const operand& required, const identity& who, std::optional<std::string_view> wanted) {
    step made{.stage = stage, .check = "tenant", .found = who.tenants.empty() ? show(who.tenant) : show(who.tenants)};
    append_sources(made.note, required, nullptr);
    if (wanted) {
        made.expected = show(*wanted);
    } else {
        append_note(made.note, "unknown: absent, empty or repeated");
    }
    if (who.unknown.tenant) {
        append_note(made.note, "the token's tenant has a form that can't be read: it is unknown");
        made.found = nullptr;
    } else if (who.tenant.empty() && who.tenants.empty()) {
        append_note(made.note, "the token names no tenant");
        made.found = nullptr;
    }
    return made;
}

step list_step(std::string_view name, const std::vector<std::string>& held, const std::vector<std::string>& wanted, bool unknown) {
    step made{.stage = stage,
              .check = std::string(name),
              .found = show(held),
              .expected = show(wanted),
              .note = name.starts_with("all_") ? "all of them" : "any of them"};
    if (unknown) {
        made.found = nullptr;
        append_note(made.note, "the token's claim has a form that can't be read: they are unknown");
    }
    return made;
}

step claim_step(const claim_predicate& predicate, const tokens::found_claim& found, const operand_values& values, truth holds) {
    const boost::json::value* const claim = found.value;
    step made{.stage = stage, .check = "claims." + predicate.path.text()};
    bool known = true; // every operand
    if (claim != nullptr) {
        made.found = *claim;
    } else {
        made.note = found.readable ? "absent" : "something that the path can't go through lies on its way: it is unknown";
    }
    if (predicate.present_only) {
        append_note(made.note, "must be present");
        return made;
    }
    if (predicate.pattern) {
        made.expected = show(*predicate.pattern);
        append_note(made.note, "`*` stands for any bytes");
    } else {
        boost::json::array accepted(predicate.values.begin(), predicate.values.end());
        for (const operand& each : predicate.operands) {
            std::string memory;
            if (const auto value = resolve(each, values, memory)) {
                accepted.push_back(show(*value));
            } else {
                known = false;
            }
            append_sources(made.note, each, &values);
        }
        made.expected = predicate.operands.size() == 1 && accepted.size() == 1 ? accepted.front() : boost::json::value(accepted);
    }
    const bool structured = claim != nullptr && (claim->is_object() || claim->is_array());
    if (holds == truth::unknown && structured) {
        append_note(made.note, "objects and values of another JSON type can't be compared: what it holds is unknown");
    } else if (holds == truth::unknown && claim != nullptr && known) {
        append_note(made.note, "a " + std::string(tokens::json_type(*claim)) + " can't be compared with that: it is unknown");
    }
    return made;
}

step acr_step(const requirement& required, const identity& who) {
    const boost::json::value* const claim = who.claims.if_contains("acr");
    return {.stage = stage,
            .check = "acr",
            .found = claim == nullptr ? boost::json::value(nullptr) : *claim,
            .expected = show(required.acr),
            .note = claim == nullptr ? "the token does not say how strong the login was" : "any of them"};
}

step max_age_step(const requirement& required, const identity& who, time_point now) {
    const auto logged_in = tokens::read_date(who.claims, "auth_time");
    step made{.stage = stage, .check = "max_age", .expected = show(std::to_string(required.max_age->count()) + " s at most")};
    if (!logged_in) {
        made.note = "auth_time is not a date: when the login was is unknown";
    } else if (!*logged_in) {
        made.note = "the token does not say when the login was (auth_time)";
    } else {
        made.found = show(std::to_string(std::chrono::floor<std::chrono::seconds>(now - **logged_in).count()) + " s");
    }
    return made;
}

step parts_step(std::string_view name, std::size_t holding, std::size_t unknown, std::size_t of) {
    step made{.stage = stage, .check = std::string(name), .note = std::to_string(holding) + " of " + std::to_string(of) + " hold"};
    if (unknown != 0) {
        append_note(made.note, std::to_string(unknown) + " can't be told");
    }
    return made;
}

step policies_step(const std::vector<std::string>& names, std::size_t holding, std::size_t unknown) {
    step made = parts_step("policy", holding, unknown, names.size());
    made.expected = show(names);
    return made;
}

std::string to_text(const requirement& required) {
    std::string out;
    if (required.tenant) {
        append_entry(out, "tenant", operand_text(*required.tenant));
    }
    append_list(out, "roles", required.roles);
    append_list(out, "all_roles", required.all_roles);
    append_list(out, "scopes", required.scopes);
    append_list(out, "all_scopes", required.all_scopes);
    if (!required.claims.empty()) {
        std::string list;
        for (const claim_predicate& each : required.claims) {
            append_entry(list, each.path.text(), claim_text(each));
        }
        append_entry(out, "claims", "{" + list + "}");
    }
    append_list(out, "acr", required.acr);
    if (required.max_age) {
        append_entry(out, "max_age", std::to_string(required.max_age->count()) + "s");
    }
    append_parts(out, "any", required.any);
    append_parts(out, "all", required.all);
    append_parts(out, "not", required.none);
    append_list(out, "policy", required.policies);
    return out;
}

} // namespace bearward::policies::rules
