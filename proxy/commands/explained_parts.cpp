#include "proxy/commands/explained_parts.hpp"

#include "policies/challenges.hpp"
#include "policies/explanation.hpp"
#include "policies/reason_table.hpp"
#include "policies/text.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/http/notice_form.hpp"

namespace bearward::proxy::commands {

namespace json = boost::json;
using policies::show;

json::object describe_identity(const policies::identity& who) {
    return {{"provider", who.provider},
            {"user", who.user.empty() ? json::value(nullptr) : show(who.user)},
            {"tenant", who.tenant.empty() ? json::value(nullptr) : show(who.tenant)},
            {"roles", show(who.roles)},
            {"scopes", show(who.scopes)}};
}

json::object show_fields(std::span<const http::header> fields) {
    json::object shown;
    for (const http::header& field : fields) {
        shown[field.name] = field.value;
    }
    return shown;
}

json::object describe_refusal_fields(const policies::denial& denied, std::string_view realm, bool closes) {
    const auto what = policies::answer_for(denied.why);
    json::object fields;
    if (what.challenge && !closes) {
        fields["WWW-Authenticate"] = policies::listed(policies::make_challenges(what, {.realm = realm,
                                                                                       .needs = policies::needs_of(denied),
                                                                                       .dpop = http::dpop_of(denied),
                                                                                       .bad_proof = denied.bad_proof,
                                                                                       .resource_metadata = http::metadata_of(denied)}));
    }
    if (denied.why == policies::reason::method_not_allowed) {
        fields["Allow"] = policies::listed(denied.allow);
    }
    if (denied.retry_after.count() != 0) {
        fields["Retry-After"] = std::to_string(denied.retry_after.count());
    }
    return fields;
}

policies::reason judge_without_body(const policies::revocation_receiver& by, const http::request_head& head) {
    using policies::reason;
    if (head.method != "POST") {
        return reason::method_not_allowed;
    }
    return http::is_authorized(by.authorization, head) ? reason::bad_request : reason::token_missing;
}

} // namespace bearward::proxy::commands
