#include "policies/rules/requirement_steps.hpp"

#include "policies/tokens/token_steps.hpp"

#include <boost/json/serialize.hpp>

namespace bearward::policies::rules {
namespace {

constexpr std::string_view stage = "requirement";

std::string braced(const operand& value) {
    return value.is_capture ? "{" + value.text + "}" : value.text;
}

std::string listed(const std::vector<std::string>& entries) {
    std::string out;
    for (const std::string& each : entries) {
        out.append(out.empty() ? "" : ", ").append(each);
    }
    return "[" + out + "]";
}

void append_entry(std::string& out, std::string_view name, std::string_view text) {
    out.append(out.empty() ? "" : ", ").append(name).append(": ").append(text);
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& entries) {
    if (!entries.empty()) {
        append_entry(out, name, listed(entries));
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

std::string claim_text(const claim_predicate& predicate) {
    if (predicate.present_only) {
        return "{present: true}";
    }
    if (predicate.from_capture) {
        return braced(*predicate.from_capture);
    }
    std::string list;
    for (const boost::json::value& each : predicate.values) {
        list.append(list.empty() ? "" : ", ").append(each.is_string() ? std::string(each.get_string()) : boost::json::serialize(each));
    }
    return predicate.values.size() == 1 ? list : "[" + list + "]";
}

} // namespace

step tenant_step(const operand& required, std::string_view tenant, std::string_view wanted) {
    step made{.stage = stage, .check = "tenant", .found = show(tenant), .expected = show(wanted)};
    if (required.is_capture) {
        made.note = "the path's " + braced(required);
    }
    if (tenant.empty()) {
        made.found = nullptr;
        made.note += made.note.empty() ? "the token names no tenant" : "; the token names no tenant";
    }
    return made;
}

step list_step(std::string_view name, const std::vector<std::string>& held, const std::vector<std::string>& wanted) {
    return {.stage = stage,
            .check = std::string(name),
            .found = show(held),
            .expected = show(wanted),
            .note = name.starts_with("all_") ? "all of them" : "any of them"};
}

step claim_step(const claim_predicate& predicate, const boost::json::value* claim, std::string_view captured) {
    step made{.stage = stage, .check = "claims." + tokens::join(predicate.path)};
    if (claim != nullptr) {
        made.found = *claim;
    } else {
        made.note = "absent";
    }
    if (predicate.present_only) {
        made.note += made.note.empty() ? "must be present" : "; must be present";
    } else if (predicate.from_capture) {
        made.expected = show(captured);
        made.note += (made.note.empty() ? "the path's " : "; the path's ") + braced(*predicate.from_capture);
    } else {
        made.expected = boost::json::array(predicate.values.begin(), predicate.values.end());
    }
    return made;
}

step parts_step(std::string_view name, std::size_t holding, std::size_t of) {
    return {.stage = stage, .check = std::string(name), .note = std::to_string(holding) + " of " + std::to_string(of) + " hold"};
}

step policies_step(const std::vector<std::string>& names, std::size_t holding) {
    step made = parts_step("policy", holding, names.size());
    made.expected = show(names);
    return made;
}

std::string to_text(const requirement& required) {
    std::string out;
    if (required.tenant) {
        append_entry(out, "tenant", braced(*required.tenant));
    }
    append_list(out, "roles", required.roles);
    append_list(out, "all_roles", required.all_roles);
    append_list(out, "scopes", required.scopes);
    append_list(out, "all_scopes", required.all_scopes);
    if (!required.claims.empty()) {
        std::string list;
        for (const claim_predicate& each : required.claims) {
            append_entry(list, tokens::join(each.path), claim_text(each));
        }
        append_entry(out, "claims", "{" + list + "}");
    }
    append_parts(out, "any", required.any);
    append_parts(out, "all", required.all);
    append_parts(out, "not", required.none);
    append_list(out, "policy", required.policies);
    return out;
}

} // namespace bearward::policies::rules
